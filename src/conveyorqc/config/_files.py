"""Lines in and out of YAML files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from conveyorqc.config._detect import BackgroundSettings
from conveyorqc.config._line import LineConfig
from conveyorqc.errors import ConfigError, ImageError
from conveyorqc.imgproc import write_png

__all__ = ["load_config", "save_config"]


def load_config(path: Path | str, /) -> LineConfig:
    """The line that a YAML file describes; relative paths in it are relative to the file.

    Raises:
        ConfigError: if the file or a picture that it names is missing, it is no YAML, or describes no line; the text
            names each field that is wrong and what was expected.
    """
    source = Path(path)
    try:
        data = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{source}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, or a null byte in the name
        raise ConfigError(f"{source}: expected YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        actual = "nothing" if data is None else type(data).__name__
        raise ConfigError(f"{source}: expected a mapping of stages, got {actual}")
    try:
        return LineConfig.model_validate(data, context={"folder": source.parent.absolute()})
    except ValidationError as error:
        raise ConfigError(f"{source}: {_in_words(error, data)}") from error


def save_config(config: LineConfig, path: Path | str, /) -> None:
    """Write ``config`` as YAML; a picture of the belt that it holds becomes ``NAME.belt.png`` beside it.

    Paths in it that lie in the folder of the file become relative to it, so that the folder can be moved.

    Raises:
        ConfigError: if a file cannot be written, or a picture that ``config`` names cannot be read.
    """
    target = Path(path)
    folder = target.parent.absolute()
    data: dict[str, Any] = config.model_dump(mode="json", exclude_none=True, context={"folder": folder})
    try:
        if isinstance(config.detector, BackgroundSettings):
            picture = target.with_name(f"{target.stem}.belt.png")
            write_png(picture, config.detector.belt.image())
            data["detector"]["belt"]["picture"] = picture.name
        target.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except ImageError as error:
        raise ConfigError(f"{target}: {error}") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ConfigError(f"{target}: cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _in_words(error: ValidationError, data: object) -> str:
    """One sentence for each wrong field: where, what was expected, what was found."""
    return "; ".join(
        f"{_field(problem['loc'], data)}: {_complaint(problem)}"
        for problem in error.errors(include_url=False, include_context=False)
    )


def _field(place: Sequence[int | str], data: object) -> str:
    """``place`` as it is written in the file: without the names of alternatives, which pydantic puts in between."""
    parts = []
    for part in place:
        if isinstance(data, dict) and part not in data and part in (data.get("kind"), data.get("op")):
            continue
        parts.append(str(part))
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None  # a number that is missing has a place too
    return ".".join(parts) or "line"


def _complaint(problem: Mapping[str, Any]) -> str:
    message, actual = str(problem["msg"]), f", got {problem['input']!r:.80}"
    match problem["type"]:
        case "missing":
            return "expected this field, got none"
        case "extra_forbidden":
            return f"expected no such field{actual}"
        case "union_tag_not_found":
            return f"expected a field that says which of the alternatives it is (kind or op){actual}"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return message + actual
