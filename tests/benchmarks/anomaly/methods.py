"""What is compared: the model, each of its experts alone, and anomalib's PatchCore without pretrained weights."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly import FewPicturesWarning, Finding, LocalBackend
from conveyorqc.anomaly._recipe import Recipe

from .cases import Case
from .protocol import Rows

EXPERT_LIMIT = 1.645
"""Spreads above the usual from which an expert alone calls an anomaly: 5 % of a normal distribution are beyond."""


@contextmanager
def remembered() -> Iterator[None]:
    """Measure each picture once, however often it is trained on or tested: it is the same every time."""
    known: dict[tuple[str, int], object] = {}
    measure = Recipe.look

    def look(self: Recipe, image: NDArray[np.uint8], hint: NDArray[np.bool_] | None, /) -> object:
        key = self.framing, image.__array_interface__["data"][0]
        if key not in known:
            known[key] = measure(self, image, hint)
        return known[key]

    with mock.patch.object(Recipe, "look", look):
        yield


def fitted(case: Case, rows: Rows, *, seed: int, masks: bool = False) -> LocalBackend:
    warnings.simplefilter("ignore", FewPicturesWarning)  # 21 sound photographs: some are kept to test on
    return LocalBackend.fit(
        [case.images[row] for row in rows],
        ["anomaly" if bad else "normal" for bad in case.is_anomalous[rows]],
        [case.defects[row] if case.is_anomalous[row] else None for row in rows] if masks else None,
        case.objects[rows].tolist(),
        object_masks=[case.hints[row] for row in rows],
        rng=np.random.default_rng(seed),
    )


def findings(model: LocalBackend, case: Case, rows: Rows) -> list[Finding]:
    return [model.explain([case.images[row]], [case.hints[row]])[0] for row in rows]


def has_anomalib() -> bool:
    return importlib.util.find_spec("anomalib") is not None


def patchcore_scores(case: Case, train: Rows, test: Rows) -> NDArray[np.float64]:
    """Anomaly scores of anomalib's PatchCore on a random ResNet-18: it has no pretrained weights to download."""
    import torch
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel

    torch.manual_seed(0)
    model = PatchcoreModel(layers=["layer2", "layer3"], backbone="resnet18", pre_trained=False)
    batch = {name: _batch(case, rows) for name, rows in (("train", train), ("test", test))}
    model.train()
    embedding = model(batch["train"])
    model.subsample_embedding(embedding, 0.1) if embedding is not None else model.subsample_embedding(0.1)
    model.eval()
    with torch.no_grad():
        return np.concatenate([np.atleast_1d(model(one[None]).pred_score.numpy().ravel()) for one in batch["test"]])


def _batch(case: Case, rows: Rows) -> object:
    import torch

    from conveyorqc.imgproc import resize

    small = [resize(case.images[row], width=256, height=256, method="area")[..., ::-1] for row in rows]
    return torch.from_numpy(np.stack(small).transpose(0, 3, 1, 2).astype(np.float32) / 255)
