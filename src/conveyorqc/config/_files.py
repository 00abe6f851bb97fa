"""Lines in and out of YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from conveyorqc.config._detect import BackgroundSettings
from conveyorqc.config._line import LineConfig
from conveyorqc.errors import ConfigError
from conveyorqc.imgproc import write_png

__all__ = ["load_config", "save_config"]


def load_config(path: Path | str, /) -> LineConfig:
    """The line that a YAML file describes; relative paths in it are relative to the file.

    Raises:
        ConfigError: if the file is missing, no YAML, or describes no line; the text names each field that is wrong
            and what was expected.
    """
    source = Path(path)
    try:
        data = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{source}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source}: expected YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{source}: expected a mapping of stages, got {type(data).__name__}")
    try:
        return LineConfig.model_validate(data, context={"folder": source.parent})
    except ValidationError as error:
        raise ConfigError(f"{source}: {_in_words(error)}") from error


def save_config(config: LineConfig, path: Path | str, /) -> None:
    """Write ``config`` as YAML; a picture of the belt that it holds becomes ``NAME.belt.png`` beside it.

    Raises:
        ConfigError: if the file cannot be written.
    """
    target = Path(path)
    data: dict[str, Any] = config.model_dump(mode="json", exclude_none=True)
    if isinstance(config.detector, BackgroundSettings):
        picture = target.with_name(f"{target.stem}.belt.png")
        write_png(picture, config.detector.belt.image())
        data["detector"]["belt"]["picture"] = picture.name
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from error


def _in_words(error: ValidationError) -> str:
    """One line for each wrong field: where, what was expected, what was found."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        field = ".".join(str(part) for part in problem["loc"]) or "line"
        actual = "" if problem["type"] == "missing" else f", got {problem['input']!r:.80}"
        lines.append(f"{field}: {problem['msg']}{actual}")
    return "; ".join(lines)
