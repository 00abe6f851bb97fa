"""How a foreign model is to be used: what it is fed, and what its outputs mean. Plain data, from code, JSON or YAML."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from conveyorqc.core import ScoreScale
from conveyorqc.errors import InvalidInput, ModelError, ModelNotFound

__all__ = ["OnnxInput", "OnnxMapping", "read_mapping"]

_CHOICES = {
    "layout": ("NCHW", "NHWC"),
    "color": ("RGB", "BGR", "GRAY"),
    "background": ("keep", "gray"),
    "activation": ("none", "sigmoid", "softmax"),
}
_LARGEST_SIDE = 16_384
_LARGEST_JSON = 1 << 20


@dataclass(frozen=True, slots=True)
class OnnxInput:
    """What a network is fed: ``(pixel * scale - mean) / std``, in the number type that it declares.

    Attributes:
        name: of the input; None takes the only one.
        layout: order of the axes; N pictures, C channels.
        color: order of the channels; GRAY is one channel, ITU-R BT.601.
        size: (height, width) to which pictures are brought, averaging when they shrink and bilinear when they grow,
            without keeping their aspect; None takes the size that the network declares, or leaves pictures as they
            are where it declares none. Larger shows finer defects to a network that was trained so, and takes longer.
        scale: what pixel values in 0-255 are multiplied with; None is 1/255, and 1 for a network that takes uint8.
        mean: subtracted after that, one number or one per channel in the order of ``color``.
        std: divided by after that.
        background: ``gray`` paints what lies outside the mask of the object, if one is given, in mid grey: for
            networks that were trained on such pictures.

    Raises:
        InvalidInput: if a field is outside these bounds.
    """

    name: str | None = None
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    color: Literal["RGB", "BGR", "GRAY"] = "RGB"
    size: tuple[int, int] | None = None
    scale: float | None = None
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    background: Literal["keep", "gray"] = "keep"

    def __post_init__(self) -> None:
        _check_choices(self)
        sides: tuple[int, ...] = (1, 1) if self.size is None else self.size
        if len(sides) != 2 or not all(1 <= side <= _LARGEST_SIDE for side in sides):
            raise InvalidInput(f"size: expected (height, width) in 1-{_LARGEST_SIDE} px, got {self.size}")
        if self.scale is not None and not (0 < self.scale < math.inf):
            raise InvalidInput(f"scale: expected a number above 0, got {self.scale}")
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) not in (1, self.channels) or not all(map(math.isfinite, numbers)):
                raise InvalidInput(f"{name}: expected 1 or {self.channels} finite numbers, got {numbers}")
        if not all(number > 0 for number in self.std):
            raise InvalidInput(f"std: expected numbers above 0, got {self.std}")

    @property
    def channels(self) -> int:
        """3, or 1 for GRAY."""
        return 1 if self.color == "GRAY" else 3


@dataclass(frozen=True, slots=True)
class OnnxMapping:
    """What a model is fed, and what its outputs mean.

    Attributes:
        input: see `OnnxInput`.
        score: the output with the score, (N,) or (N, classes). None takes the largest value of ``anomaly_map`` where
            one is named, else the only output of the model.
        score_column: which class is the anomaly, where the score has several.
        activation: applied to the score first: ``sigmoid`` or ``softmax`` where the model gives logits.
        label: the output that says whether the picture is anomalous (not 0), or None.
        anomaly_map: the output with a score per pixel, (N, h, w) or (N, 1, h, w), higher is worse, or None.
        mask: the output that marks the defect (not 0), in the same shapes, or None.
        threshold: a score that reaches it is anomalous. None leaves it to ``label`` where there is one, else it is
            in the middle of ``score_range``. Higher passes more defects and rejects fewer good objects.
        score_range: scores of what is beyond doubt normal and beyond doubt anomalous, see
            `conveyorqc.core.ScoreScale`; a wider range makes every verdict less sure of itself.
        higher_is_worse: False turns the score round within its range, so that verdicts always have the higher score
            for the worse picture: for models that say how good an object is.
        map_threshold: a pixel of ``anomaly_map`` that reaches it is marked, where the model gives no mask.

    Raises:
        InvalidInput: if a field is outside these bounds.

    >>> OnnxMapping(OnnxInput(size=(224, 224)), score="prob", score_column=1).threshold is None
    True
    """

    input: OnnxInput = field(default_factory=OnnxInput)
    score: str | None = None
    score_column: int | None = None
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    label: str | None = None
    anomaly_map: str | None = None
    mask: str | None = None
    threshold: float | None = None
    score_range: tuple[float, float] = (0.0, 1.0)
    higher_is_worse: bool = True
    map_threshold: float | None = None

    def __post_init__(self) -> None:
        _check_choices(self)
        if len(self.score_range) != 2:
            raise InvalidInput(f"score_range: expected two numbers, got {self.score_range}")
        if self.score_column is not None and self.score_column < 0:
            raise InvalidInput(f"score_column: expected 0 or more, got {self.score_column}")
        if self.map_threshold is not None and not math.isfinite(self.map_threshold):
            raise InvalidInput(f"map_threshold: expected a finite number, got {self.map_threshold}")
        _ = self.scale

    @property
    def scale(self) -> ScoreScale:
        """The scale of the scores as verdicts have them, higher for worse."""
        low, high = self.score_range
        middle = (low + high) / 2 if self.threshold is None else self.threshold
        return ScoreScale(threshold=self.worse(middle), low=low, high=high)

    def worse(self, score: float, /) -> float:
        """``score`` turned round within its range unless higher is worse already."""
        return score if self.higher_is_worse else sum(self.score_range) - score


def read_mapping(path: Path | str, /) -> OnnxMapping:
    """A mapping from a JSON file, whose names are those of `OnnxMapping`; what is left out has its default.

    Raises:
        ModelNotFound: if the file cannot be read.
        ModelError: if it is no JSON, or says something that a mapping has no place for.
    """
    data = read_json(Path(path))
    try:
        outer = _checked(data, OnnxMapping)
        return OnnxMapping(**{**outer, "input": OnnxInput(**_checked(outer.get("input", {}), OnnxInput))})
    except InvalidInput as error:
        raise ModelError(f"{path}: {error}") from error


def read_json(path: Path, /) -> dict[str, Any]:
    """The object in a JSON file of at most 1 MiB.

    Raises:
        ModelNotFound: if the file cannot be read.
        ModelError: if it is too large or holds no JSON object.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_JSON + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ModelNotFound(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        data = json.loads(text) if len(text) <= _LARGEST_JSON else None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: expected JSON: {error}") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: expected a JSON object of at most {_LARGEST_JSON} bytes, got something else")
    return data


def _check_choices(record: OnnxInput | OnnxMapping) -> None:
    for name, choices in _CHOICES.items():
        if getattr(record, name, choices[0]) not in choices:
            raise InvalidInput(f"{name}: expected one of {', '.join(choices)}, got {getattr(record, name)!r}")


def _checked(data: object, record: type[OnnxInput | OnnxMapping]) -> dict[str, Any]:
    """The fields of ``record`` in ``data``, each of the type that it declares; lists become tuples."""
    declared = {field.name: str(field.type) for field in fields(record)}
    if not isinstance(data, dict) or not data.keys() <= declared.keys():
        actual = sorted(data.keys() - declared.keys()) if isinstance(data, dict) else data
        raise InvalidInput(f"expected no fields but {', '.join(declared)}, got {actual!r:.200}")
    for name, value in data.items():
        if not _fits(value, declared[name]):
            raise InvalidInput(f"{name}: expected {declared[name]}, got {value!r:.80}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


def _fits(value: object, declared: str) -> bool:
    """Whether ``value``, as JSON has it, is of a type that a field declares."""
    kind, _, inner = declared.removesuffix(" | None").partition("[")
    match kind:
        case _ if value is None:
            return declared.endswith("| None")
        case "tuple":
            return isinstance(value, list) and all(_fits(one, inner.partition(",")[0]) for one in value)
        case "bool" | "OnnxInput":
            return isinstance(value, bool if kind == "bool" else dict)
        case "int" | "float":
            if isinstance(value, bool) or not isinstance(value, int if kind == "int" else int | float):
                return False
            return abs(value) <= sys.float_info.max
        case _:
            return isinstance(value, str)
