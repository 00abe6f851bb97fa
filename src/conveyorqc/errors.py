"""Every error conveyorqc raises on purpose, in one tree.

::

    ConveyorQCError
    ├── InvalidInput            (ValueError)         an argument or a record's field is outside its contract
    ├── ConfigError             (ValueError)         a line configuration that cannot be built
    ├── MissingExtraError       (ImportError)        an optional package is not installed
    ├── BrokenInstallError      (ImportError)        a package is installed but cannot work (OpenCV wheels)
    ├── VideoError              (OSError)
    │   ├── VideoNotFound       (FileNotFoundError)
    │   ├── EmptyVideo                               the file, folder or iterable holds no frame
    │   ├── UnsupportedVideo                         not a video, or a codec that cannot be decoded
    │   ├── CorruptVideo                             the stream is damaged
    │   │   └── TruncatedVideo                       it ends before the length it declares
    │   └── VideoWriteError                          the output cannot be written
    ├── ImageError              (ValueError)         a picture that cannot be read or written
    ├── CalibrationError        (ValueError)         a clip that does not show how the line works
    ├── DatasetError            (ValueError)
    │   └── NotEnoughData                            fewer labelled pictures than training needs
    ├── ModelError              (ValueError)
    │   ├── ModelNotFound       (FileNotFoundError)
    │   ├── CorruptModel                             a model file that fails its own checks
    │   ├── ModelVersionError                        written by a newer version
    │   └── ModelConflict                            another writer of a model store came in between
    ├── BackendError            (RuntimeError)       an anomaly backend gave no verdict
    │   ├── BackendUnavailable                       it could not be reached: worth another try
    │   │   └── Throttled                            it is asked too often
    │   ├── ImageRejected                            it will not judge this picture
    │   └── BadBackendResponse                       it answered, but not with verdicts
    ├── LedgerError             (RuntimeError)       the counts of a line do not add up
    └── SinkError               (OSError)            an event was not stored
        ├── SinkUnavailable                          busy, full or gone: worth another try
        └── CorruptStore                             the store is damaged

``retryable`` says whether the same call may succeed later. Leaves also derive from the builtin
that a caller would expect, so that ``except FileNotFoundError`` works too.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "BackendError",
    "BackendUnavailable",
    "BadBackendResponse",
    "BrokenInstallError",
    "CalibrationError",
    "ConfigError",
    "ConveyorQCError",
    "CorruptModel",
    "CorruptStore",
    "CorruptVideo",
    "DatasetError",
    "EmptyVideo",
    "ImageError",
    "ImageRejected",
    "InvalidInput",
    "LedgerError",
    "MissingExtraError",
    "ModelConflict",
    "ModelError",
    "ModelNotFound",
    "ModelVersionError",
    "NotEnoughData",
    "SinkError",
    "SinkUnavailable",
    "Throttled",
    "TruncatedVideo",
    "UnsupportedVideo",
    "VideoError",
    "VideoNotFound",
    "VideoWriteError",
]


class ConveyorQCError(Exception):
    """Root of the tree: catch this to catch everything conveyorqc raises on purpose."""

    retryable: ClassVar[bool] = False


class InvalidInput(ConveyorQCError, ValueError):
    """An argument or a record's field is outside its contract; the text says expected and actual."""


class ConfigError(ConveyorQCError, ValueError):
    """A line configuration is wrong; the text names the field and what was expected."""


class MissingExtraError(ConveyorQCError, ImportError):
    """An optional package is missing.

    >>> raise MissingExtraError("boto3", extra="aws")
    Traceback (most recent call last):
    conveyorqc.errors.MissingExtraError: boto3 is not installed: pip install 'conveyorqc[aws]'
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'conveyorqc[{extra}]'")
        self.package = package
        self.extra = extra


class BrokenInstallError(ConveyorQCError, ImportError):
    """A required package is installed but does not work; the text says how to mend it."""


class VideoError(ConveyorQCError, OSError):
    """A video cannot be read or written."""


class VideoNotFound(VideoError, FileNotFoundError):
    """There is no such file or folder."""


class EmptyVideo(VideoError):
    """The source holds no frame."""


class UnsupportedVideo(VideoError):
    """The file is not a video, or its codec cannot be decoded here."""


class CorruptVideo(VideoError):
    """The stream is damaged: what was decoded so far is sound, what follows is not."""


class TruncatedVideo(CorruptVideo):
    """The stream ends before the length that its container declares.

    ``read`` and ``declared`` are numbers of frames; ``declared`` is None when the part that would tell is missing.
    """

    def __init__(self, name: str, *, read: int, declared: int | None) -> None:
        expected = "an unknown number of" if declared is None else f"{declared} declared"
        super().__init__(f"{name} ends early: read {read} of {expected} frames")
        self.read = read
        self.declared = declared


class VideoWriteError(VideoError):
    """The annotated video cannot be written."""


class ImageError(ConveyorQCError, ValueError):
    """A picture cannot be read or written."""


class CalibrationError(ConveyorQCError, ValueError):
    """The clip does not show what calibration needs; the text says what is missing."""


class DatasetError(ConveyorQCError, ValueError):
    """A data set is malformed; the text names the file and, where it has one, the line."""


class NotEnoughData(DatasetError):
    """Training needs more labelled pictures; the text says how many are missing."""


class ModelError(ConveyorQCError, ValueError):
    """A saved model cannot be used."""


class ModelNotFound(ModelError, FileNotFoundError):
    """There is no model at this path."""


class CorruptModel(ModelError):
    """A model file fails its own checks: truncated, altered or not a model."""


class ModelVersionError(ModelError):
    """The model was written by a newer version of conveyorqc."""


class ModelConflict(ModelError):
    """Another writer changed a model store, or holds it: look again at what is current."""


class BackendError(ConveyorQCError, RuntimeError):
    """An anomaly backend gave no verdict."""


class BackendUnavailable(BackendError):
    """The backend could not be reached in time.

    ``retry_after_s`` is how long it asked to be left alone, seconds; None when it did not say.
    """

    retryable = True

    def __init__(self, *args: object, retry_after_s: float | None = None) -> None:
        super().__init__(*args)
        self.retry_after_s = retry_after_s


class Throttled(BackendUnavailable):
    """The backend is asked more often than it allows."""


class ImageRejected(BackendError):
    """The backend will not judge this picture: too large, or of a format that it does not take."""


class BadBackendResponse(BackendError):
    """The backend answered with something that is not one verdict per picture."""


class LedgerError(ConveyorQCError, RuntimeError):
    """``entered = passed + rejected + unknown + in_flight`` does not hold, or an id came twice."""


class SinkError(ConveyorQCError, OSError):
    """An event was not stored; it is kept and offered again."""


class SinkUnavailable(SinkError):
    """The store is busy, full or unreachable."""

    retryable = True


class CorruptStore(SinkError):
    """The store is damaged; it is never silently started empty."""
