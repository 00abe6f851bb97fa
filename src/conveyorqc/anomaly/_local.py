"""`LocalBackend`: an anomaly model that trains and judges in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._backbone import Backbone, LocalTexture
from conveyorqc.anomaly._evidence import gather
from conveyorqc.anomaly._inputs import checked_pair, paired_masks
from conveyorqc.anomaly._lesson import DefectMask, Labelled, Lesson, study
from conveyorqc.anomaly._model import EXPERTS
from conveyorqc.anomaly._pixels import PixelHead, fit_pixel_head
from conveyorqc.anomaly._recipe import RECIPE_NAME, RECIPE_VERSION, Look
from conveyorqc.anomaly._report import TrainingReport, check_enough, mode_of
from conveyorqc.anomaly._store import Stored, load_model, save_model
from conveyorqc.anomaly._training import learn, nested_scores
from conveyorqc.core import Anomaly, ImageU8, Mask, Verdict
from conveyorqc.imgproc import ViewSquare, lay_back

__all__ = ["Finding", "LocalBackend"]

_NAME = "local/2"
_ON_DEFECT = 0.5
_COLORS = ("#D62728", "#1F77B4", "#2CA02C", "#FF7F0E", "#9467BD", "#8C564B", "#E377C2", "#BCBD22", "#17BECF")


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Why a picture got its score.

    Attributes:
        score: probability of an anomaly.
        novelty: how far it is from all normal objects, in spreads of those not seen in training; about 0 for what is
            usual. High with a middling score: something new, worth a label.
        opinions: the same for each expert.
        heatmap: (H, W) float32, how odd each place is; probability of a defect where the model learned from masks.
    """

    score: float
    novelty: float
    opinions: Mapping[str, float]
    heatmap: NDArray[np.float32]


class LocalBackend:
    """An `AnomalyBackend` that learns from a few labelled pictures on this machine's CPU.

    Every picture shows one object, on a plain background or from edge to edge. Experts compare it with the normal
    ones: its outline, its surface, the relief on it, its texture, each place with all places, and each place with the
    same place. A logistic regression makes one calibrated probability of what they say. Where 5 anomalous objects or
    more are labelled, a support vector machine that saw them may join in; where fewer are, defects are made up to learn
    what to look at. Where masks of the defects are given, verdicts say where and of which class a defect is. Weights
    and threshold come from objects that the experts had not seen. Safe to use from several threads.

    Make one with `fit` or `load`. The probability speaks of a stream in which anomalies are as common as normal
    objects.

    >>> rng = np.random.default_rng(0)
    >>> dark = [rng.integers(0, 60, (32, 32, 3), dtype=np.uint8) for _ in range(20)]
    >>> backend = LocalBackend.fit(dark, ["normal"] * 20)
    >>> [verdict] = backend.inspect([np.full((32, 32, 3), 255, np.uint8)])
    >>> verdict.is_anomalous
    True
    """

    def __init__(self, stored: Stored, /) -> None:
        self._stored = stored

    @classmethod
    def fit(
        cls,
        images: Sequence[ImageU8],
        labels: Sequence[str],
        /,
        masks: Sequence[DefectMask | None] | None = None,
        object_ids: Sequence[int | str] | None = None,
        *,
        object_masks: Sequence[Mask | None] | None = None,
        class_names: Sequence[str] = ("defect",),
        backbone: Backbone | None = None,
        rng: np.random.Generator | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> LocalBackend:
        """Train on labelled pictures.

        Args:
            images: (H, W, 3) uint8 BGR each, one object per picture; asked for one at a time.
            labels: "normal" or "anomaly" for each. At least 10 normal ones, better 20; anomalies if there are any.
            masks: where the defect is, for each anomaly or for some: (H, W) bool, or whole numbers with 0 for sound
                and k for the k-th of ``class_names``. None, or nothing marked, for normal pictures.
            object_ids: which object is in each picture; every picture shows another one when None. Views of one
                object are never on both sides of a test.
            object_masks: (H, W) bool or None for each, roughly the object; found in the picture where there is none.
            class_names: of the defects in ``masks``.
            backbone: where the features of the patch and the positional expert come from; `LocalTexture` when None.
                A network that was trained on millions of pictures sees subtler texture, and takes longer.
            rng: of the folds and the made-up defects; the same every time when None.
            progress: called with steps done and steps in all.

        Raises:
            InvalidInput: if lengths differ, a label is unknown, an object has two labels, a picture is not one, or a
                mask marks a defect on a normal object.
            NotEnoughData: if normal pictures are missing; the text says how many.

        Warns:
            FewPicturesWarning: below 20 normal pictures.
        """
        given = Labelled.of(
            images, labels, object_ids=object_ids, hints=object_masks, defects=masks, class_names=class_names
        )
        check_enough(given.is_anomalous, given.object_ids)
        seed = 0 if rng is None else int(rng.integers(2**32))
        stored = _train(given, backbone or LocalTexture(), np.random.default_rng(seed), progress)
        source = (RECIPE_NAME, RECIPE_VERSION, stored.recipe.backbone.name, seed, given.is_anomalous.tolist())
        text = repr((*source, given.object_ids, given.class_names, stored.fingerprint))
        if progress is not None:
            progress(len(images) + 1, len(images) + 1)
        return cls(stored.named(hashlib.sha256(text.encode()).hexdigest()))

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, in order; ``score`` is the probability of an anomaly.

        A model that learned from masks also gives the ``heatmap``, and for anomalous pictures the ``mask`` and the
        ``anomalies`` with the share of the picture that each class covers.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each, roughly the object.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
        """
        looks = self._looks(images, masks)
        if not looks:
            return []
        scores, _ = self._stored.model.probability([look for look, _ in looks])
        return [
            self._verdict(float(score), image.shape[:2], look, square)
            for score, image, (look, square) in zip(scores, images, looks, strict=True)
        ]

    def explain(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Finding]:
        """Why each picture gets its score, and how new it is: for reports, and to choose what to label next.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each, roughly the object.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
        """
        looks = self._looks(images, masks)
        if not looks:
            return []
        model, head = self._stored.model, self._stored.pixels
        scores, maps = model.probability([look for look, _ in looks])
        standard = model.standard([look for look, _ in looks])
        findings = []
        for score, odd, plane, image, (look, square) in zip(scores, standard, maps, images, looks, strict=True):
            heat = plane if head is None else head.shares(look.cells.astype(np.float32)).sum(axis=2)
            height, width = image.shape[:2]
            laid = lay_back(heat, square, height=height, width=width)
            opinions = dict(zip(EXPERTS, odd.tolist(), strict=True))
            findings.append(Finding(float(score), float(odd.max()), opinions, laid))
        return findings

    def save(self, folder: Path | str, /) -> None:
        """Write ``model.npz`` and ``model.json`` into ``folder``, which is made when it is missing.

        Raises:
            ModelError: if they cannot be written.
        """
        save_model(Path(folder), self._stored)

    @classmethod
    def load(cls, folder: Path | str, /, *, backbone: Backbone | None = None) -> LocalBackend:
        """Read what `save` wrote.

        Args:
            folder: where it is.
            backbone: the one that the model was trained with; `LocalTexture` when None.

        Raises:
            ModelNotFound: if there is no model in ``folder``.
            CorruptModel: if its files are damaged or not a model.
            ModelVersionError: if a newer version of conveyorqc wrote it.
            ModelError: if it was trained with another backbone.
        """
        return cls(load_model(Path(folder), backbone or LocalTexture()))

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of all that the model was trained on."""
        return self._stored.fingerprint

    @property
    def threshold(self) -> float:
        """A picture whose score, the probability of an anomaly, reaches this is anomalous."""
        return self._stored.model.threshold

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of defect that verdicts can name; empty for a model that learned from no masks."""
        return self._stored.class_names

    @property
    def report(self) -> TrainingReport:
        """Scores of the training pictures by models that had not seen their objects."""
        return self._stored.report

    def _looks(self, images: Sequence[ImageU8], masks: Sequence[Mask | None] | None) -> list[tuple[Look, ViewSquare]]:
        hints = paired_masks(masks, len(images))
        # All are checked before the first is measured: bad input fails fast.
        pairs = [checked_pair(*pair, position=i) for i, pair in enumerate(zip(images, hints, strict=True))]
        return [self._stored.recipe.look(image, hint) for image, hint in pairs]

    def _verdict(self, score: float, shape: tuple[int, int], look: Look, square: ViewSquare) -> Verdict:
        is_anomalous = score >= self.threshold
        heatmap: NDArray[np.float32] | None = None
        mask: Mask | None = None
        anomalies: tuple[Anomaly, ...] = ()
        if self._stored.pixels is not None:
            shares = self._stored.pixels.shares(look.cells.astype(np.float32))
            planes = np.stack(
                [lay_back(share, square, height=shape[0], width=shape[1]) for share in np.moveaxis(shares, 2, 0)]
            )
            heatmap = np.asarray(planes.sum(axis=0))
            if is_anomalous:
                mask = np.asarray(heatmap >= _ON_DEFECT)
                anomalies = _named(planes.argmax(axis=0), mask, self.class_names)
        return Verdict(
            is_anomalous=is_anomalous,
            confidence=score if is_anomalous else 1 - score,
            score=score,
            anomalies=anomalies,
            heatmap=heatmap,
            mask=mask,
            model=f"{_NAME}:{self.fingerprint[:8]}",
        )


def _named(classes: NDArray[np.int64], mask: Mask, names: Sequence[str]) -> tuple[Anomaly, ...]:
    """The classes of defect that the mask holds, and the share of the picture that each covers."""
    covered = np.bincount(classes[mask], minlength=len(names)) / mask.size
    return tuple(
        Anomaly(name, float(share), _COLORS[place % len(_COLORS)])
        for place, (name, share) in enumerate(zip(names, covered, strict=True))
        if share > 0
    )


def _train(
    given: Labelled, backbone: Backbone, rng: np.random.Generator, progress: Callable[[int, int], None] | None
) -> Stored:
    """The model, with the digest of its pictures for a fingerprint."""
    mode = mode_of(given.is_anomalous, given.object_ids)
    supervised = mode == "anomalies"
    lesson = study(given, backbone=backbone, make_up=not supervised, rng=rng, progress=progress)
    evidence = gather(lesson.looks, lesson.is_anomalous, lesson.is_real, lesson.objects, rng=rng)
    scores = nested_scores(evidence, supervised=supervised, rng=rng)[lesson.is_real]
    model = learn(evidence, np.ones(len(lesson.looks), np.bool_), supervised=supervised, rng=rng)
    made_up = int((~lesson.is_real).sum())
    report = TrainingReport(scores, given.is_anomalous, given.object_ids, mode, model.head, model.threshold, made_up)
    pixels = _pixel_head(lesson, count=len(given.class_names), rng=rng)
    names = () if pixels is None else given.class_names
    return Stored(lesson.recipe, model, pixels, names, report, lesson.digest)


def _pixel_head(lesson: Lesson, *, count: int, rng: np.random.Generator) -> PixelHead | None:
    known = [(look, target) for look, target in zip(lesson.looks, lesson.targets, strict=False) if target is not None]
    if not any(target.any() for _, target in known):
        return None
    cells = [look.cells.astype(np.float32) for look, _ in known]
    return fit_pixel_head(cells, [target for _, target in known], count=count, rng=rng)
