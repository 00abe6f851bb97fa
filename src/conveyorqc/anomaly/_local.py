"""`LocalBackend`: an anomaly model that trains and judges in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._inputs import checked_pair, paired_masks
from conveyorqc.anomaly._model import Model
from conveyorqc.anomaly._recipe import RECIPE_NAME, RECIPE_VERSION, describe
from conveyorqc.anomaly._store import CLASSES, Stored, load_model, save_model
from conveyorqc.anomaly._training import TrainingReport, check_enough, train
from conveyorqc.core import FloatArray, ImageU8, Mask, Verdict
from conveyorqc.errors import InvalidInput

__all__ = ["LocalBackend"]

_NAME = "local/1"


class LocalBackend:
    """An `AnomalyBackend` that learns from a few labelled pictures on this machine's CPU.

    Every picture shows one object on a plain background. Its outline, its surface and the relief on it are each
    measured and compared with those of the normal pictures; where at least 5 anomalous objects are labelled, a
    support vector machine that saw them joins in. The opinions are fused to a calibrated probability: threshold and
    weights come from objects that the experts had not seen, held out together with those that look like them.
    Safe to use from several threads.

    Make one with `fit` or `load`. The probability speaks of a stream in which anomalies are as common as normal
    objects.

    >>> rng = np.random.default_rng(0)
    >>> dark = [rng.integers(0, 60, (32, 32, 3), dtype=np.uint8) for _ in range(20)]
    >>> backend = LocalBackend.fit(dark, ["normal"] * 20)
    >>> [verdict] = backend.inspect([np.full((32, 32, 3), 255, np.uint8)])
    >>> verdict.is_anomalous
    True
    """

    def __init__(self, model: Model, report: TrainingReport, fingerprint: str) -> None:
        self._model = model
        self._report = report
        self._fingerprint = fingerprint

    @classmethod
    def fit(
        cls,
        images: Sequence[ImageU8],
        labels: Sequence[str],
        /,
        *,
        masks: Sequence[Mask | None] | None = None,
        object_ids: Sequence[int | str] | None = None,
        rng: np.random.Generator | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> LocalBackend:
        """Train on labelled pictures.

        Args:
            images: (H, W, 3) uint8 BGR each, one object per picture; asked for one at a time.
            labels: "normal" or "anomaly" for each. At least 10 normal ones, better 20. Below 5 anomalous objects
                the model learns from the normal ones alone.
            masks: (H, W) bool or None for each, roughly the object; found in the picture where there is none.
            object_ids: which object is in each picture; every picture shows another one when None. Views of one
                object are never on both sides of a test.
            rng: of the folds; the same every time when None.
            progress: called with steps done and steps in all.

        Raises:
            InvalidInput: if lengths differ, a label is unknown, an object has two labels, or a picture is not one.
            NotEnoughData: if normal pictures are missing; the text says how many.

        Warns:
            FewPicturesWarning: below 20 normal pictures.
        """
        is_anomalous = _as_flags(labels, len(images))
        ids = _as_ids(object_ids, len(images))
        hints = paired_masks(masks, len(images))
        check_enough(is_anomalous, ids)
        seed = 0 if rng is None else int(rng.integers(2**32))
        rows, pictures = _describe_all(images, hints, progress)
        source = (RECIPE_NAME, RECIPE_VERSION, seed, is_anomalous.tolist(), ids, pictures)
        model, report = train(rows, is_anomalous, ids, rng=np.random.default_rng(seed))
        if progress is not None:
            progress(len(images) + 1, len(images) + 1)
        return cls(model, report, hashlib.sha256(repr(source).encode()).hexdigest())

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, in order; ``score`` is the probability of an anomaly.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each, roughly the object.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
        """
        hints = paired_masks(masks, len(images))
        # All are checked before the first is measured: bad input fails fast.
        pairs = [checked_pair(*pair, position=i) for i, pair in enumerate(zip(images, hints, strict=True))]
        if not pairs:
            return []
        scores = self._model.probability(np.stack([describe(image, hint) for image, hint in pairs]))
        return [self._verdict(float(score)) for score in scores]

    def save(self, folder: Path | str, /) -> None:
        """Write ``model.npz`` and ``model.json`` into ``folder``, which is made when it is missing.

        Raises:
            ModelError: if they cannot be written.
        """
        save_model(Path(folder), Stored(self._model, self._report, self._fingerprint))

    @classmethod
    def load(cls, folder: Path | str, /) -> LocalBackend:
        """Read what `save` wrote.

        Raises:
            ModelNotFound: if there is no model in ``folder``.
            CorruptModel: if its files are damaged or not a model.
            ModelVersionError: if a newer version of conveyorqc wrote it.
        """
        stored = load_model(Path(folder))
        return cls(stored.model, stored.report, stored.fingerprint)

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of all that the model was trained on."""
        return self._fingerprint

    @property
    def threshold(self) -> float:
        """A picture whose score, the probability of an anomaly, reaches this is anomalous."""
        return self._model.threshold

    @property
    def report(self) -> TrainingReport:
        """Scores of the training pictures by models that had not seen their objects."""
        return self._report

    def _verdict(self, score: float) -> Verdict:
        is_anomalous = score >= self._model.threshold
        return Verdict(
            is_anomalous=is_anomalous,
            confidence=score if is_anomalous else 1 - score,
            score=score,
            model=f"{_NAME}:{self._fingerprint[:8]}",
        )


def _as_flags(labels: Sequence[str], count: int) -> NDArray[np.bool_]:
    """(N,) True for "anomaly"."""
    if len(labels) != count:
        raise InvalidInput(f"labels: expected {count}, one per picture, got {len(labels)}")
    unknown = sorted(set(map(str, labels)) - set(CLASSES))
    if unknown:
        raise InvalidInput(f"labels: expected {' or '.join(CLASSES)}, got {unknown[0]!r}")
    return np.array([label == CLASSES[1] for label in labels], dtype=np.bool_)


def _as_ids(object_ids: Sequence[int | str] | None, count: int) -> tuple[int | str, ...]:
    """Plain numbers or names, as JSON can hold them."""
    if object_ids is None:
        return tuple(range(count))
    if len(object_ids) != count:
        raise InvalidInput(f"object_ids: expected {count}, one per picture, got {len(object_ids)}")
    return tuple(int(one) if isinstance(one, (int, np.integer)) else str(one) for one in object_ids)


def _describe_all(
    images: Sequence[ImageU8], hints: Sequence[Mask | None], progress: Callable[[int, int], None] | None
) -> tuple[FloatArray, str]:
    """The numbers of each picture, and a SHA-256 of all that they were made from."""
    digest, rows = hashlib.sha256(), []
    for position, pair in enumerate(zip(images, hints, strict=True)):
        image, hint = checked_pair(*pair, position=position)
        for array in (image, hint):
            digest.update(b"none" if array is None else repr(array.shape).encode() + array.tobytes())
        rows.append(describe(image, hint))
        if progress is not None:
            progress(position + 1, len(images) + 1)
    return np.stack(rows), digest.hexdigest()
