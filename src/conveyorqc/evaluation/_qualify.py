"""Qualification: whether a model misses few enough of known defects, by the exact binomial bound."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from conveyorqc.core import AnomalyBackend, ImageU8, Mask, Verdict, VerdictPolicy, as_image
from conveyorqc.dataset import LabelledDataset
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import defects_needed, miss_rate_bound
from conveyorqc.policy import MaxPolicy

__all__ = ["KnownDefect", "Qualification", "known_defects_of", "qualify"]


@dataclass(frozen=True, slots=True, eq=False)
class KnownDefect:
    """A picture of an object that is known to be defective.

    Attributes:
        object_id: whose picture it is; several views of one object share it and count once.
        image: (H, W, 3) uint8 BGR.
        mask: (H, W) bool, roughly the object, or None.
    """

    object_id: str
    image: ImageU8
    mask: Mask | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """What a test on known defects proves.

    Attributes:
        passed: whether ``bound`` is at or below ``max_miss_rate``.
        n: known defects, each object once.
        misses: names of those that the model passed.
        bound: the miss rate that the test leaves possible at ``confidence``: exact, one-sided.
        max_miss_rate: what was asked for.
        confidence: what was asked for.
        more_needed: how many further defects, none of them missed, would prove it; 0 when it passed.
        model: what the model calls itself.
        model_fingerprint: of all that the model was trained on; empty where it has none.
        dataset_fingerprint: SHA-256 of the pictures and the names of their objects, in any order.
    """

    passed: bool
    n: int
    misses: tuple[str, ...]
    bound: float
    max_miss_rate: float
    confidence: float
    more_needed: int
    model: str
    model_fingerprint: str
    dataset_fingerprint: str


@runtime_checkable
class _Fingerprinted(Protocol):
    @property
    def fingerprint(self) -> str: ...


def qualify(
    model: AnomalyBackend,
    known_defects: Iterable[KnownDefect],
    max_miss_rate: float,
    confidence: float = 0.95,
    *,
    policy: VerdictPolicy | None = None,
) -> Qualification:
    """Judge known defects, and say whether the miss rate is proven to be ``max_miss_rate`` or less.

    It passes when `conveyorqc.metrics.miss_rate_bound` of the misses is at or below the limit: for 5 % at 95 % with no
    miss of 59, 1 of 93 or 2 of 124. The defects must be like those to come, and none of them may have taken part in
    training or in choosing the threshold. Decide how many to use before the test: to go on until it passes proves less.

    Args:
        model: any backend.
        known_defects: pictures, judged one at a time.
        max_miss_rate: share of defects that may be passed, between 0 and 1; half of it takes twice as many defects.
        confidence: between 0 and 1; how seldom a model that misses more would pass this test.
        policy: many views to one verdict, as the line does; `conveyorqc.policy.MaxPolicy`, the line's own, when None.

    Raises:
        InvalidInput: if there is no defect, a picture is not one, or a number is outside its range.
        BackendError: if the model gives no verdict; a defect without one is neither found nor missed.

    >>> class Thorough:
    ...     def inspect(self, images, /, masks=None):
    ...         return [Verdict(is_anomalous=True, confidence=0.9) for _ in images]
    >>> import numpy as np
    >>> scrap = [KnownDefect(str(number), np.zeros((8, 8, 3), np.uint8)) for number in range(58)]
    >>> result = qualify(Thorough(), scrap, max_miss_rate=0.05)
    >>> result.passed, result.more_needed
    (False, 1)
    """
    defects_needed(max_miss_rate, confidence=confidence)  # refuses what is out of range before any picture is judged
    views: dict[str, list[Verdict]] = {}
    digests = []
    for defect in known_defects:
        image = as_image(defect.image)
        views.setdefault(defect.object_id, []).extend(model.inspect([image], masks=[defect.mask]))
        digests.append(_digest(defect.object_id, image))
    if not views:
        raise InvalidInput("known_defects: expected at least one, got none")
    decide = (MaxPolicy() if policy is None else policy).decide
    verdicts = {name: decide(of_one) for name, of_one in views.items()}
    misses = tuple(name for name, verdict in verdicts.items() if not verdict.is_anomalous)
    bound = miss_rate_bound(len(misses), len(verdicts), confidence=confidence)
    needed = defects_needed(max_miss_rate, confidence=confidence, misses=len(misses))
    return Qualification(
        passed=bound <= max_miss_rate,
        n=len(verdicts),
        misses=misses,
        bound=bound,
        max_miss_rate=max_miss_rate,
        confidence=confidence,
        more_needed=max(0, needed - len(verdicts)),
        model=next(iter(verdicts.values())).model,
        model_fingerprint=model.fingerprint if isinstance(model, _Fingerprinted) else "",
        dataset_fingerprint=hashlib.sha256("".join(sorted(digests)).encode()).hexdigest(),
    )


def known_defects_of(data: LabelledDataset, /) -> Iterator[KnownDefect]:
    """The pictures of the anomalous objects of a data set, read one at a time.

    Raises:
        ImageError: if a picture is missing or none.
    """
    for entry in data:
        if entry.is_anomalous:
            loaded = entry.load()
            yield KnownDefect(entry.object_id, loaded.image, loaded.object_mask)


def _digest(name: str, image: ImageU8) -> str:
    size = math.prod(image.shape)
    header = f"{len(name)}:{name}:{image.shape}:{size}:".encode(errors="surrogatepass")
    return hashlib.sha256(header + image.tobytes()).hexdigest()
