"""Which output of a network a folder of pictures belongs to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from resnet_core.bundled import bundled
from resnet_core.errors import DataError

_WORDNET_NUMBER = re.compile(r"n\d{8}")
_CLASSES = "tiny-imagenet.classes.json"


def match(
    folders: Iterable[str], classes: tuple[str, ...], words: Mapping[str, str]
) -> dict[str, int]:
    """The output of each folder that is a class of the network.

    A folder is named like the class (case and underscores aside), by one of its synonyms' WordNet
    number (``words``: synonyms by number, comma-separated; those of Tiny ImageNet are known), or
    by the output's number. Folders by WordNet's numbers, as many as there are classes, are in the
    order of the outputs, as ImageNet's are.
    Raises DataError if no folder fits.
    """
    folders = sorted(set(folders))
    if len(folders) == len(classes) and all(map(_WORDNET_NUMBER.fullmatch, folders)):
        return {folder: index for index, folder in enumerate(folders)}
    counted = Counter(map(_folded, classes))
    # A name that two classes share tells neither.
    named = {_folded(name): k for k, name in enumerate(classes) if counted[_folded(name)] == 1}
    found: dict[str, int] = {}
    for folder in folders:
        synonyms = words.get(folder) or _bundled_words().get(folder, "")
        names = [folder, *synonyms.split(",")]
        outputs = [named[_folded(name)] for name in names if _folded(name) in named]
        if outputs:
            found[folder] = outputs[0]
        elif folder.isdecimal() and int(folder) < len(classes):
            found[folder] = int(folder)
    if not found:
        raise DataError(
            f"None of the {len(folders)} folders ({', '.join(folders[:3])} ...) is a class of the "
            f"network ({', '.join(classes[:3])} ...); name them like its classes or by number."
        )
    return found


def _folded(name: str) -> str:
    return name.strip().replace("_", " ").casefold()


@cache
def _bundled_words() -> dict[str, str]:
    entries = json.loads(bundled("weights", _CLASSES).read_text("utf-8"))
    return {entry["wnid"]: entry["synonyms"] for entry in entries}
