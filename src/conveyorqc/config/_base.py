"""What all configuration models share: nothing unknown is accepted, nothing changes after it was read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

__all__ = ["FilePath", "Settings"]


class Settings(BaseModel):
    """Base of every stage's settings. Field names equal the keywords of the class that ``build`` makes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_enum_values=False)


def _beside_config(path: Path, info: ValidationInfo) -> Path:
    """Relative paths in a configuration file are relative to that file."""
    context: dict[str, Any] = info.context or {}
    folder = context.get("folder")
    return path if folder is None or path.is_absolute() else Path(folder) / path


FilePath = Annotated[Path, AfterValidator(_beside_config)]
