"""How far a label can be told from a picture without its object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import FloatArray, ImageU8, Mask
from conveyorqc.dataset import background_scores
from conveyorqc.errors import ConveyorQCError, InvalidInput, NotEnoughData
from conveyorqc.imgproc import background_features, foreground_mask
from conveyorqc.metrics import Estimate, as_labels, auroc

__all__ = ["background_auroc"]


def background_auroc(
    images: Iterable[ImageU8],
    labels: ArrayLike,
    object_ids: Sequence[object],
    masks: Iterable[Mask | None] | None = None,
    *,
    seed: int = 0,
) -> Estimate:
    """Area under the ROC curve of a small classifier that sees the background alone.

    The object, and 4 % of the picture around it, is taken out; colour and unrest of what is left
    (`conveyorqc.imgproc.background_features`) go to a linear discriminant that is cross-validated by object
    (`conveyorqc.dataset.background_scores`). About 0.5 when the background says nothing. Above 0.7, or with an
    interval that lies above 0.5, normal and anomalous objects were photographed differently, and a model can be right
    without having looked at the object.

    Args:
        images: (H, W, 3) uint8 BGR each; read one at a time.
        labels: N times "normal" or "anomaly", or False and True.
        object_ids: whose picture each one is; views of one object are never on both sides of a fold.
        masks: (H, W) bool or None for each, True on the object; found in the picture where there is none.
        seed: of the folds.

    Returns:
        ``n`` is the number of objects; ``value`` is None where a label has fewer than two of them.

    Raises:
        InvalidInput: if lengths differ, a label is unknown, or a picture or a mask is not one.

    >>> rng = np.random.default_rng(0)
    >>> def photo(belt):
    ...     picture = np.full((32, 32, 3), belt, np.uint8) + rng.integers(0, 9, (32, 32, 3), dtype=np.uint8)
    ...     picture[8:24, 8:24] = (60, 120, 200)
    ...     return picture
    >>> labels = ["normal"] * 8 + ["anomaly"] * 8
    >>> background_auroc([photo(90)] * 8 + [photo(120)] * 8, labels, range(16)).value
    1.0
    """
    anomalous = as_labels(labels, name="labels")
    hints: Iterable[Mask | None] = [None] * len(anomalous) if masks is None else masks
    try:
        features = [_around(image, mask) for image, mask in zip(images, hints, strict=True)]
    except ConveyorQCError:
        raise
    except ValueError as error:  # of the zip
        raise InvalidInput("images, masks: expected one mask or None for each label, and one picture") from error
    if not len(features) == len(anomalous) == len(object_ids):
        lengths = f"{len(features)}, {len(anomalous)} and {len(object_ids)}"
        raise InvalidInput(f"images, labels, object_ids: expected one length, got {lengths}")
    try:
        truth, scores = background_scores(
            np.stack(features) if features else np.empty((0, 1)),
            anomalous,
            list(object_ids),
            rng=np.random.default_rng(seed),
        )
    except NotEnoughData:
        return Estimate(None, len(set(object_ids)), 0.0, 1.0)
    return auroc(truth, scores)


def _around(image: ImageU8, mask: Mask | None) -> FloatArray:
    return background_features(image, foreground_mask(image) if mask is None else mask)
