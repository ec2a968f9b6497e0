"""Cards as JSON documents, checked field by field when they are read."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from resnet_core.errors import SkipLensError, WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.pictures.preprocessing import Interpolation, Preprocessing
from resnet_core.weights.card import Card, Provenance, Scores, Training

_Part = TypeVar("_Part")


def read_card(path: Path) -> Card:
    """Read a card and the class names it refers to, a file beside it or a list within.

    Raises WeightsError naming the card and what is wrong with it.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        return _card(document, path.parent)
    except FileNotFoundError as error:
        raise WeightsError(
            f"The file {error.filename} that {path.name} needs is missing."
        ) from None
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, SkipLensError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error)
        raise WeightsError(f"The card {path.name} cannot be used: {reason}") from error


def read_class_names(path: Path) -> tuple[str, ...]:
    """Names in the order of a network's outputs.

    JSON: a list of names, a list of ``{"name": ...}``, or an object from index to name (or to a
    list whose last entry is the name). Anything else: a text file with one name a line.
    """
    text = path.read_text("utf-8-sig")
    if path.suffix.lower() != ".json":
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    document = json.loads(text)
    if isinstance(document, dict):
        document = [document[key] for key in sorted(document, key=int)]
    return tuple(_class_name(entry) for entry in document)


def document_of(card: Card, classes: str | None = None) -> dict[str, Any]:
    """The card as a JSON document; ``classes`` names a file of class names to refer to."""
    document = asdict(card)
    document["classes"] = list(card.classes) if classes is None else classes
    return {key: value for key, value in document.items() if value is not None}


def _class_name(entry: Any) -> str:
    if isinstance(entry, dict):
        return str(entry["name"])
    if isinstance(entry, list):
        return str(entry[-1])
    return str(entry)


def _card(document: dict[str, Any], folder: Path) -> Card:
    known = {field.name for field in fields(Card)}
    unknown = sorted(set(document) - known)
    if unknown:
        raise WeightsError(f"the field {unknown[0]!r} is not one of a card's.")
    network = document["network"]
    config = NetworkConfig(
        depth=int(network["depth"]),
        shortcut=Shortcut(network["shortcut"]),
        stride=StridePlacement(network["stride"]),
        classes=int(network["classes"]),
    )
    classes = document["classes"]
    names = read_class_names(folder / classes) if isinstance(classes, str) else tuple(classes)
    if len(names) != config.classes:
        raise WeightsError(f"{len(names)} class names for {config.classes} classes.")
    return Card(
        **{
            **document,
            "provenance": Provenance(document["provenance"]),
            "network": config,
            "classes": names,
            "preprocessing": _preprocessing(document["preprocessing"]),
            "training": _part(Training, document.get("training")),
            "scores": _part(Scores, document.get("scores")),
        }
    )


def _preprocessing(document: dict[str, Any]) -> Preprocessing:
    red, green, blue = (float(value) for value in document["mean"])
    of_red, of_green, of_blue = (float(value) for value in document["std"])
    height, width = (int(side) for side in document["crop"])
    return Preprocessing(
        **{
            **document,
            "crop": (height, width),
            "interpolation": Interpolation(document["interpolation"]),
            "mean": (red, green, blue),
            "std": (of_red, of_green, of_blue),
        }
    )


def _part(kind: type[_Part], document: dict[str, Any] | None) -> _Part | None:
    return None if document is None else kind(**document)
