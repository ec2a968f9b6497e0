"""A training run as a small typed file.

A recipe names everything that decides the outcome: the network, the sizes that it sees, what is
done to the pictures, the optimiser, the schedule, the averaging, the seed and the precision. Where
the data and the run's folder lie is no part of it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from resnet_core.errors import TrainingError
from resnet_core.networks.config import SIDE_MULTIPLE, NetworkConfig, Shortcut, check_input_size

_Section = TypeVar("_Section")


class Precision(StrEnum):
    """auto: bf16 where the hardware multiplies it, else float32."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BF16 = "bf16"


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the run at one size.

    share: of the run's progress; size: pixels of the square inputs; crop: the smallest and largest
    part of the picture that is cut out, as fractions of its side.
    """

    share: float
    size: int
    crop: tuple[float, float] = (0.6, 1.0)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What else is done to a picture, beside the crop of its phase.

    brightness, contrast: the largest relative change; mixup, cutmix: the parameter of the Beta
    distribution of the mixing weight, 0 for none (where both are set, a coin chooses).
    """

    flip: bool = True
    brightness: float = 0.0
    contrast: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0


@dataclass(frozen=True, slots=True)
class Optimiser:
    """SGD with Nesterov momentum; learning_rate: the peak of the schedule, for a whole batch.

    parts: a batch is computed in that many parts, each normalised by its own statistics, shared
    out among the processes: so one process and two give the same run up to rounding.
    """

    batch: int = 256
    parts: int = 2
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1


@dataclass(frozen=True, slots=True)
class Schedule:
    """epochs: passes over the pictures; minutes: a budget of time, over all sittings, if given.

    Progress is the larger of the two fractions done. Without minutes it depends on nothing but
    the pictures seen, and a resumed run gives the very weights of an unbroken one. The learning
    rate rises over ``warmup`` of the progress and falls along a cosine to ``final`` of its peak.
    """

    epochs: float
    minutes: float | None = None
    warmup: float = 0.03
    final: float = 0.0


@dataclass(frozen=True, slots=True)
class Averaging:
    """decay: of the exponential average of the weights per step, 0 for none.

    statistics_pictures: training pictures that the averaged network's batch norm is measured on.
    """

    decay: float = 0.998
    statistics_pictures: int = 8192


@dataclass(frozen=True, slots=True)
class CardWords:
    """What the card of the weights will say and no run can know."""

    licence: str = "as the training pictures allow"
    limits: str = "knows its training classes alone"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out of a run.

    start: weights to go on from, the name of bundled ones or a safetensors file in torchvision's
        layout; None for fresh ones.
    zero_init_residual: fresh blocks begin as their shortcut: the last batch norm of each residual
        branch starts at zero (Goyal et al. 2017, section 5.1). The paper starts at one.
    evaluation_size: pixels of the square input that the network is measured at.
    data_pixels: the side that the pictures are stored with.
    """

    name: str
    title: str
    network: NetworkConfig
    phases: tuple[Phase, ...]
    schedule: Schedule
    optimiser: Optimiser = Optimiser()
    augmentation: Augmentation = Augmentation()
    averaging: Averaging = Averaging()
    card: CardWords = CardWords()
    precision: Precision = Precision.AUTO
    seed: int = 1
    start: str | None = None
    zero_init_residual: bool = True
    data_pixels: int = 64
    evaluation_size: int = 128

    def __post_init__(self) -> None:
        _check(self)

    def digest(self) -> str:
        """What decides the outcome, as JSON, to compare a checkpoint's recipe with this one."""
        fields_that_decide = asdict(self)
        del fields_that_decide["card"]
        return json.dumps(fields_that_decide, sort_keys=True)

    def variant(self, network: NetworkConfig, seed: int) -> Recipe:
        """The same recipe for another network or seed, named after what differs.

        ``plain34-tiny-imagenet-lab-seed19`` is ``tiny-imagenet-lab`` of a plain-34 with seed 19.
        """
        plain = network.shortcut is Shortcut.NONE
        kind = f"plain{network.depth}" if plain else f"resnet{network.depth}-{network.shortcut}"
        again = "" if seed == self.seed else f"-seed{seed}"
        return replace(self, name=f"{kind}-{self.name}{again}", network=network, seed=seed)


def _check(recipe: Recipe) -> None:
    """Raise TrainingError for values that do not go together."""
    total = sum(phase.share for phase in recipe.phases)
    problems = {
        "its phases' shares must sum to 1": abs(total - 1) > 1e-6,
        "its batch must be a multiple of its parts": recipe.optimiser.parts < 1
        or recipe.optimiser.batch % recipe.optimiser.parts != 0,
        "its epochs must be above 0": recipe.schedule.epochs <= 0,
        "its minutes must be above 0": (recipe.schedule.minutes or 1) <= 0,
        "its averaging decay must be from 0 to below 1": not 0 <= recipe.averaging.decay < 1,
        "its crops must rise from above 0 to at most 1": any(
            not 0 < phase.crop[0] <= phase.crop[1] <= 1 for phase in recipe.phases
        ),
        # Training alone takes sizes that are no multiple of 32: 48 costs half of 64.
        f"its sizes must be at least {SIDE_MULTIPLE}": any(
            phase.size < SIDE_MULTIPLE for phase in recipe.phases
        ),
    }
    for sentence, wrong in problems.items():
        if wrong:
            raise TrainingError(f"The recipe {recipe.name} cannot be used: {sentence}.")
    check_input_size(recipe.evaluation_size, recipe.evaluation_size)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises TrainingError if the file is missing, is no TOML, or has unknown or ill-typed fields.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise TrainingError(f"The recipe {path} is no TOML: {error}.") from error
    return from_table(table, path.name)


def from_table(table: dict[str, Any], where: str) -> Recipe:
    """A recipe from nested tables, as TOML and ``digest`` give them; ``where`` is for messages."""
    return _section(Recipe, table, where)


def _section(kind: type[_Section], table: dict[str, Any], where: str) -> _Section:
    hints = get_type_hints(kind)
    names = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    for name in table:
        if name not in names:
            raise TrainingError(f"{where} has no field {name!r}; known are {', '.join(names)}.")
    for name, field in names.items():
        if name not in table and field.default is MISSING:
            raise TrainingError(f"{where} lacks its field {name!r}.")
    values = {name: _value(hints[name], table[name], f"{where}: {name}") for name in table}
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, UnionType):
        if value is None:  # TOML has no null, JSON has
            return None
        hint = get_args(hint)[0]
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return _section(hint, value, where)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in list(hint):
            raise TrainingError(f"{where} cannot be {value!r}; choose one of {', '.join(hint)}.")
        return hint(value)
    if getattr(hint, "__origin__", None) is tuple and isinstance(value, list):
        kinds = get_args(hint)
        kinds = (kinds[0],) * len(value) if kinds[-1] is Ellipsis else kinds
        if len(kinds) != len(value):
            raise TrainingError(f"{where} needs {len(kinds)} values, not {len(value)}.")
        return tuple(_value(kind, each, where) for kind, each in zip(kinds, value, strict=True))
    if hint is float and type(value) is int:
        return float(value)
    if not isinstance(hint, type) or type(value) is not hint:
        raise TrainingError(f"{where} cannot be {value!r}.")
    return value
