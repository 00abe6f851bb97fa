"""Thresholds by their dotted names in a line's configuration: read, changed, and which values are worth trying."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from conveyorqc.config import BackgroundSettings, BlobSettings, ColorRangeSettings, ColorThresholdSettings, LineConfig
from conveyorqc.errors import ConfigError

__all__ = ["Parameters", "Value", "changed", "default_parameters", "own_values", "value_at"]

Value: TypeAlias = int | float | str | None
"""What a threshold can be; None is "no limit"."""

Parameters: TypeAlias = Mapping[str, Sequence[Value]]
"""Dotted names, such as ``detector.blobs.neck`` or ``detector.objects.0.low.2``, and the values to try."""

_ROOM = "detector"
_BRIGHTEST = 255
_COLOR_STEP = 15
_KERNEL_STEP = 2


def value_at(line: LineConfig, name: str, /) -> Value:
    """The value of one threshold; a number in ``name`` is a place in a list, from 0.

    Raises:
        ConfigError: if the detector of ``line`` has no such threshold; the text says what there is instead.
    """
    here: Any = line
    for place, part in enumerate(_parts(name)):
        before = ".".join(_parts(name)[:place]) or "line"
        choices = _members(here)
        if part not in choices:
            raise ConfigError(f"{name}: expected one of {', '.join(choices) or 'nothing'} in {before}, got {part!r}")
        here = choices[part]
    if _members(here) or isinstance(here, tuple):
        raise ConfigError(f"{name}: expected the name of one threshold, got a group: {', '.join(_members(here))}")
    return here if here is None or isinstance(here, int | float) else str(here)


def own_values(line: LineConfig, names: Sequence[str], /) -> dict[str, Value]:
    """The values of several thresholds."""
    return {name: value_at(line, name) for name in names}


def changed(line: LineConfig, values: Mapping[str, Value], /) -> LineConfig:
    """``line`` with other values.

    Raises:
        ConfigError: if a threshold does not exist, or the values are not allowed (together).
    """
    for name in values:
        value_at(line, name)
    tree: dict[str, Any] = {}
    for name, value in values.items():
        branch = tree
        for part in _parts(name)[:-1]:
            branch = branch.setdefault(part, {})
        branch[_parts(name)[-1]] = value
    try:
        result = _rebuilt(line, tree)
    except ValueError as error:
        text = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise ConfigError(f"expected values that the configuration allows, got {text}: {error}") from error
    return result if isinstance(result, LineConfig) else line


def _parts(name: str) -> list[str]:
    return name.split(".")


def _members(here: Any) -> dict[str, Any]:
    if isinstance(here, tuple):
        return {str(place): value for place, value in enumerate(here)}
    fields = getattr(type(here), "model_fields", {})
    return {name: getattr(here, name) for name in fields}


def _rebuilt(here: Any, tree: Mapping[str, Any]) -> Any:
    """``here`` with the leaves of ``tree`` in place, checked again level by level; what stays is not copied."""
    members = _members(here)
    new = {part: _rebuilt(members[part], value) if isinstance(value, dict) else value for part, value in tree.items()}
    if isinstance(here, tuple):
        return tuple(new.get(part, value) for part, value in members.items())
    return type(here).model_validate({**members, **new})


def default_parameters(line: LineConfig, /, *, most: int | None = 120) -> dict[str, tuple[Value, ...]]:
    """Thresholds of the line's detector that are worth tuning, each with its own value and others around it.

    Args:
        line: the line to be tuned.
        most: of the combinations; the least important thresholds are left out. None leaves out nothing.
    """
    chosen: dict[str, tuple[Value, ...]] = {}
    combinations = 1
    for name, wanted in _worth_trying(line):
        values = _allowed(line, name, wanted)
        combinations *= len(values)
        if len(values) < 2 or (most is not None and combinations > most):
            combinations //= max(1, len(values))
            continue
        chosen[name] = values
    return chosen


def _allowed(line: LineConfig, name: str, wanted: Sequence[Value]) -> tuple[Value, ...]:
    """Those of ``wanted`` that the line takes, each once and ascending."""
    taken = []
    for value in dict.fromkeys(wanted):
        try:
            changed(line, {name: value})
        except ConfigError:
            continue
        taken.append(value)
    return tuple(sorted(taken, key=lambda value: value if isinstance(value, int | float) else math.inf))


def _worth_trying(line: LineConfig) -> Iterator[tuple[str, list[Value]]]:
    """Names and values, the most important first."""
    settings = line.detector
    if isinstance(settings, BackgroundSettings):
        yield f"{_ROOM}.sensitivity", _times(settings.sensitivity, 0.75, 1.25)
        yield from _of_blobs(settings.blobs)
    if isinstance(settings, ColorThresholdSettings):
        for group in ("objects", "belt"):
            for place, color in enumerate(getattr(settings, group)):
                yield from _of_color(f"{_ROOM}.{group}.{place}", color)
        for place, step in enumerate(settings.cleaning):
            size = getattr(step, "size", None)
            if size is not None:
                yield f"{_ROOM}.cleaning.{place}.size", [size - _KERNEL_STEP, size, size + _KERNEL_STEP]
        if settings.edges is not None:
            yield f"{_ROOM}.edges.high", _times(settings.edges.high, 0.7, 1.4)
            yield f"{_ROOM}.edges.width", [settings.edges.width, settings.edges.width + _KERNEL_STEP]
        yield from _of_blobs(settings.blobs)
        for place, color in enumerate(settings.shadow):
            yield from _of_color(f"{_ROOM}.shadow.{place}", color)


def _of_blobs(blobs: BlobSettings) -> Iterator[tuple[str, list[Value]]]:
    if blobs.diameter is not None:
        yield f"{_ROOM}.blobs.neck", [round(blobs.neck - 0.08, 3), blobs.neck, round(blobs.neck + 0.08, 3)]
        yield f"{_ROOM}.blobs.join_gap", _times(blobs.join_gap, 0.5, 1.7)
    yield f"{_ROOM}.blobs.min_area", _times(blobs.min_area, 0.6, 1.7)
    yield f"{_ROOM}.blobs.clean", _times(blobs.clean, 1.7)


def _of_color(name: str, color: ColorRangeSettings) -> Iterator[tuple[str, list[Value]]]:
    """Limits of a colour range, but those that limit nothing."""
    for channel in range(len(color.low)):
        low, high = color.low[channel], color.high[channel]
        if low > 0:
            yield f"{name}.low.{channel}", [max(0, low - _COLOR_STEP), low, low + _COLOR_STEP]
        if high < _BRIGHTEST:
            yield f"{name}.high.{channel}", [high - _COLOR_STEP, high, min(_BRIGHTEST, high + _COLOR_STEP)]


def _times(value: float, *factors: float) -> list[Value]:
    """``value`` and its multiples, rounded to three figures."""
    return [value, *(float(f"{value * factor:.3g}") for factor in factors)]
