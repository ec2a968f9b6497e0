"""Every failure that SkipLens expects, as a tree.

    SkipLensError
    |-- UsageError        the words of a command or the arguments of a call do not fit
    |   `-- ShapeMismatch     arrays or tensors whose shapes do not go together
    |-- PictureError      a picture cannot be read or used
    |-- DataError         a folder or archive of labelled pictures cannot be used
    |-- WeightsError      weights are missing, damaged, refused or of another network
    |-- EngineError       an engine is missing, cannot start or failed while it computed
    |-- CameraError       a camera, video or screen cannot be opened or stopped sending
    `-- TrainingError     a training run cannot start or go on

The message of each is one sentence that a user can act on: what failed, on what, and what to do.
"""


class SkipLensError(Exception):
    """A failure that has a sentence for the user; anything else is a defect of ours."""


class UsageError(SkipLensError):
    """The words of a command or the arguments of a call do not fit together."""


class ShapeMismatch(UsageError):
    """Arrays whose shapes do not go together, or a picture size that the network cannot take."""


class PictureError(SkipLensError):
    """A picture that cannot be read, or is not one."""


class DataError(SkipLensError):
    """A folder or archive that does not hold the labelled pictures that it should."""


class WeightsError(SkipLensError):
    """Weights that are missing, damaged, refused, or belong to another network."""


class EngineError(SkipLensError):
    """An engine that is not installed, cannot start, or failed while it computed."""


class CameraError(SkipLensError):
    """A live source that cannot be opened, or that stopped sending."""


class TrainingError(SkipLensError):
    """A training run that cannot start or cannot go on."""
