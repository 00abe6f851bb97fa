"""What may be labelled next, and how much speaks for it: three reasons, each from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8, InspectionEvent, Verdict
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import photometry, picture_gist

__all__ = ["Candidate", "JudgedObject", "candidates_of_events", "candidates_of_objects"]

_GIST_SIDE = 16
_USUAL = 2.0
"""Spreads from what is usual below which nothing is new."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedObject:
    """An object with a verdict for each of its views.

    Attributes:
        name: how the suggestion will call it: an event id, a path.
        verdicts: one per view, at least one.
        images: (H, W, 3) uint8 BGR each, one per view, or none; the first tells alike from different.
        novelty: how far it is from all that was trained on, in spreads (`conveyorqc.anomaly.Finding.novelty`, the
            largest of its views); None when unknown.

    Raises:
        InvalidInput: if there is no verdict, or views and pictures differ in number.
    """

    name: str
    verdicts: Sequence[Verdict]
    images: Sequence[ImageU8] = ()
    novelty: float | None = None

    def __post_init__(self) -> None:
        if not self.verdicts:
            raise InvalidInput(f"{self.name}: verdicts: expected at least one, got none")
        if self.images and len(self.images) != len(self.verdicts):
            raise InvalidInput(f"{self.name}: images: expected {len(self.verdicts)}, got {len(self.images)}")
        if self.novelty is not None and not math.isfinite(self.novelty):
            raise InvalidInput(f"{self.name}: novelty: expected a finite number, got {self.novelty}")


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One object, with the strength of each reason, an account of it, and where it lies among the others.

    Attributes:
        name: of the object.
        reasons: (3,) uncertain, novel, disputed: 0 to 1 each.
        accounts: of each, in words.
        place: (D,) features: objects that are alike lie near one another.
    """

    name: str
    reasons: tuple[float, float, float]
    accounts: tuple[str, str, str]
    place: FloatArray


def candidates_of_events(events: Iterable[InspectionEvent], /) -> list[Candidate]:
    """From what events tell: the verdict, the size of the object, and that nobody could judge it.

    Events do not hold the verdicts of single views: nothing is disputed.
    """
    found = list({event.event_id: event for event in events}.values())
    looks = np.array([_look(event) for event in found]).reshape(-1, 3)
    standard, known = _standard(looks)
    return [_of_event(event, place, seen) for event, place, seen in zip(found, standard, known, strict=True)]


def candidates_of_objects(objects: Iterable[JudgedObject], /) -> list[Candidate]:
    """From the verdicts of all views, and from the pictures themselves where they are given."""
    return [_of_object(judged) for judged in objects]


def _look(event: InspectionEvent) -> list[float]:
    """Log of the side, log of the aspect, and score: NaN where unknown."""
    width, height = (math.nan, math.nan)
    if event.best_view is not None:
        width, height = (event.best_view.box[2:] - event.best_view.box[:2]).tolist()
    score = math.nan if event.verdict is None or event.verdict.score is None else event.verdict.score
    if not (width > 0 and height > 0):
        return [math.nan, math.nan, score]
    return [math.log(width * height) / 2, math.log(width / height), score]


def _standard(looks: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Columns in robust spreads from their median, 0 where unknown; and which are known."""
    known = np.isfinite(looks)
    result = np.zeros_like(looks)
    for column in range(looks.shape[1]):
        rows = known[:, column]
        if rows.any():
            low, middle, high = np.quantile(looks[rows, column], [0.1, 0.5, 0.9])
            result[rows, column] = (looks[rows, column] - middle) / max((high - low) / 2.563, 0.02)
    return result, known


_COLUMNS = ("size", "shape", "score")


def _of_event(event: InspectionEvent, place: FloatArray, known: NDArray[np.bool_]) -> Candidate:
    odd = int(np.argmax(np.abs(place) * known))
    spreads = float(abs(place[odd]))
    verdict = event.verdict
    share = 0.0 if verdict is None else _probability(verdict)
    uncertain = 1.0 if verdict is None and event.views else 0.0 if verdict is None else _doubt(share)
    return Candidate(
        event.event_id,
        (uncertain, _new(spreads), 0.0),
        (
            f"nobody could judge it ({event.reason})" if verdict is None else _doubt_in_words(verdict),
            f"its {_COLUMNS[odd]} is {spreads:.1f} spreads from the usual",
            "",
        ),
        np.append(np.clip(place, -6, 6) / 2, 3 * share),
    )


def _of_object(judged: JudgedObject) -> Candidate:
    shares = [_probability(verdict) for verdict in judged.verdicts]
    worst = judged.verdicts[int(np.argmax(shares))]
    apart = max(shares) - min(shares)
    both = len({verdict.is_anomalous for verdict in judged.verdicts}) > 1
    bad = sum(verdict.is_anomalous for verdict in judged.verdicts)
    novelty = 0.0 if judged.novelty is None else judged.novelty
    seen = _seen(judged.images[0]) if judged.images else np.zeros(0)
    return Candidate(
        judged.name,
        (_doubt(max(shares)), _new(novelty), (both + apart) / 2),
        (
            _doubt_in_words(worst),
            f"{novelty:.1f} spreads from all normal objects of the training",
            f"{bad} of {len(shares)} views call it anomalous, with {min(shares):.2f} to {max(shares):.2f}",
        ),
        np.append(seen, 3 * max(shares)),
    )


def _seen(image: ImageU8) -> FloatArray:
    """What a picture shows, and its light and colour: of length about 1 to 3."""
    light = photometry(image)
    return np.concatenate(
        [2 * picture_gist(image, side=_GIST_SIDE), 2 * np.array([light.light, light.red, light.blue])]
    )


def _probability(verdict: Verdict) -> float:
    return verdict.confidence if verdict.is_anomalous else 1 - verdict.confidence


def _doubt(probability: float) -> float:
    """1 at even odds, 0 when sure: the entropy, in bits."""
    return -sum(p * math.log2(p) for p in (probability, 1 - probability) if p > 0)


def _doubt_in_words(verdict: Verdict) -> str:
    return f"called {'anomalous' if verdict.is_anomalous else 'normal'} with confidence {verdict.confidence:.2f}"


def _new(spreads: float) -> float:
    return 1 - math.exp(-max(0.0, spreads - _USUAL) / 3)
