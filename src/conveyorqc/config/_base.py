"""What all configuration models share: nothing unknown is accepted, nothing changes after it was read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, SerializationInfo, ValidationInfo

__all__ = ["FilePath", "Settings", "config_folder"]


class Settings(BaseModel):
    """Base of every stage's settings. Field names equal the keywords of the class that ``build`` makes.

    Made in Python, wrong settings raise ``pydantic.ValidationError`` (a ValueError); `load_config` puts it in words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def config_folder(info: ValidationInfo | SerializationInfo) -> Path | None:
    """The folder of the configuration file that is being read or written, absolute; None when there is no file."""
    return (info.context or {}).get("folder")


def _from_file(path: Path, info: ValidationInfo) -> Path:
    folder = config_folder(info)
    return path if folder is None else folder / path


def _to_file(path: Path, info: SerializationInfo) -> str:
    folder = config_folder(info)
    if folder is None:
        return str(path)
    absolute = path.absolute()
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else str(absolute)


FilePath = Annotated[Path, AfterValidator(_from_file), PlainSerializer(_to_file, when_used="json")]
"""A path that is relative to the configuration file in it, and absolute once it was read."""
