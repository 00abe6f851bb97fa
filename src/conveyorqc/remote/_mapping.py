"""What the answer of a service says, field by field, and how it becomes a verdict."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from conveyorqc.core import Anomaly, Mask, ScoreScale, Verdict
from conveyorqc.errors import BadBackendResponse, ImageError, InvalidInput
from conveyorqc.imgproc import decode_image, resize_mask

__all__ = ["HttpMapping", "verdict_of"]

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_MASK_PX = 4096
_DEFECT_COLOR = "#FF0000"


@dataclass(frozen=True, slots=True)
class HttpMapping:
    """Where in the JSON answer of a service each part of a verdict stands.

    Places are names joined by dots, with numbers for positions in lists: ``result.predictions.0.score``. None means
    that the service does not say it. A part may be missing in an answer, but not what the label comes from.

    Attributes:
        is_anomalous: true or false; None makes the label from the score and ``threshold``.
        confidence: in that label, 0-1; where it is missing it comes from the score (`conveyorqc.core.ScoreScale`).
        score: higher is worse.
        anomalies: a list of ``{"name", "area_fraction", "color"}``; the last two may be missing.
        mask: a PNG in base64, not black on the defect, of any size; it is brought to that of the picture.
        model: text that says which model answered.
        threshold: a score that reaches it is anomalous, where ``is_anomalous`` is None. Higher passes more defects
            and rejects fewer good objects.
        score_range: scores of what is beyond doubt normal and beyond doubt anomalous; a wider range makes every
            verdict less sure of itself.

    Raises:
        InvalidInput: if a place is empty, nothing says the label, or the threshold is outside the range.

    >>> HttpMapping(is_anomalous=None, score="predictions.0.defect", threshold=0.3).confidence
    'confidence'
    """

    is_anomalous: str | None = "is_anomalous"
    confidence: str | None = "confidence"
    score: str | None = "score"
    anomalies: str | None = "anomalies"
    mask: str | None = "mask"
    model: str | None = "model"
    threshold: float = 0.5
    score_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        for one in fields(self):
            place = getattr(self, one.name)
            if isinstance(place, str) and not all(place.split(".")):
                raise InvalidInput(f"{one.name}: expected names joined by dots, got {place!r}")
        if self.is_anomalous is None and self.score is None:
            raise InvalidInput("is_anomalous: expected a place for it or for score, got None for both")
        if self.confidence is None and self.score is None:
            raise InvalidInput("confidence: expected a place for it or for score, got None for both")
        if len(self.score_range) != 2:
            raise InvalidInput(f"score_range: expected two numbers, got {self.score_range}")
        _ = self.scale

    @property
    def scale(self) -> ScoreScale:
        """The scale of the scores."""
        return ScoreScale(self.threshold, *self.score_range)


def verdict_of(body: bytes, mapping: HttpMapping, /, *, size: tuple[int, int], source: str) -> Verdict:
    """The verdict in the JSON answer ``body`` on a picture of ``size`` (height, width).

    Args:
        body: the answer as it came.
        mapping: where what stands in it.
        size: (height, width) of the picture, which the mask is brought to.
        source: names the service in errors, and in the verdict where the answer names no model.

    Raises:
        BadBackendResponse: if it is no JSON or no verdict; the text names the field.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBackendResponse(
            f"{source}: expected JSON, got {len(body)} bytes of something else: {error}"
        ) from error
    try:
        return _verdict(_Answer(data, mapping), size, source)
    except (InvalidInput, ImageError, OverflowError) as error:  # a number that no record takes, or that is no float
        raise BadBackendResponse(f"{source}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Answer:
    data: object
    mapping: HttpMapping

    def part(self, name: str, *kinds: type) -> Any:
        """What stands at the place of ``name``, or None; one of ``kinds``."""
        place = getattr(self.mapping, name)
        value = None if place is None else _at(self.data, place)
        return None if value is None else _of(value, kinds, place)


def _verdict(answer: _Answer, size: tuple[int, int], source: str) -> Verdict:
    scale = answer.mapping.scale
    score = answer.part("score", int, float)
    label = answer.part("is_anomalous", bool)
    confidence = answer.part("confidence", int, float)
    if label is None and answer.mapping.is_anomalous is None and score is not None:
        label = score >= scale.threshold
    if label is None:
        raise InvalidInput(f"{answer.mapping.is_anomalous or answer.mapping.score}: expected a value, got none")
    if confidence is None and score is None:
        raise InvalidInput(f"{answer.mapping.confidence or answer.mapping.score}: expected a number, got none")
    if confidence is None:
        confidence = scale.confidence(score, is_anomalous=label)
    mask = answer.part("mask", str)
    return Verdict(
        is_anomalous=label,
        confidence=float(confidence),
        score=None if score is None else float(score),
        anomalies=tuple(_anomaly(one) for one in answer.part("anomalies", list) or ()),
        mask=None if mask is None else _mask(mask, size),
        model=answer.part("model", str) or source,
    )


def _at(data: object, place: str) -> object:
    for name in place.split("."):
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and len(name) < 10:
            data = data[int(name)] if int(name) < len(data) else None
        else:
            return None
    return data


def _of(value: object, kinds: tuple[type, ...], place: str) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidInput(f"{place}: expected {wanted}, got {value!r:.80}")
    return value


def _anomaly(value: object) -> Anomaly:
    said: Mapping[str, object] = _of(value, (dict,), "anomalies")
    name = _of(said.get("name"), (str,), "anomalies: name")
    area = _of(said.get("area_fraction", 0.0), (int, float), "anomalies: area_fraction")
    return Anomaly(name, float(area), _of(said.get("color", _DEFECT_COLOR), (str,), "anomalies: color"))


def _mask(text: str, size: tuple[int, int]) -> Mask:
    """(H, W) bool; the size that the PNG declares is looked at before it is decoded."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:  # ValueError: not ASCII
        raise InvalidInput(f"mask: expected base64, got {text!r:.40}: {error}") from error
    sides = [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)]
    if not data.startswith(_PNG) or max(sides) > _LARGEST_MASK_PX:
        raise InvalidInput(f"mask: expected a PNG of at most {_LARGEST_MASK_PX} px a side, got {data[:24]!r}")
    marked = decode_image(data, name="mask").any(axis=2)
    return resize_mask(np.asarray(marked, np.bool_), width=size[1], height=size[0])
