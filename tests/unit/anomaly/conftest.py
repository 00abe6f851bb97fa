"""Drawn biscuits, and a backend that was trained on them once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from conveyorqc.anomaly import LocalBackend

SIDE = 96
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE]


def draw_biscuit(seed: int, label: str = "normal") -> NDArray[np.uint8]:
    """(96, 96, 3) uint8 BGR: a roundish biscuit on a blue belt; an anomaly lacks a wedge."""
    rng = np.random.default_rng(seed)
    angle = np.arctan2(ROWS - 48, COLUMNS - 48) + rng.uniform(0, 6)
    radius = 34 * (1 + rng.uniform(0, 0.05) * np.cos(2 * angle) + rng.uniform(0, 0.03) * np.cos(3 * angle))
    biscuit = np.hypot(ROWS - 48, COLUMNS - 48) < radius
    if label == "anomaly":
        biscuit &= np.abs((angle + np.pi) % (2 * np.pi) - np.pi) > rng.uniform(0.4, 0.8)
    color = np.array([70, 140, 200]) + rng.normal(0, 4, 3)
    values = np.where(biscuit[..., None], color, np.array([150, 110, 70])) + rng.normal(0, 5, (SIDE, SIDE, 3))
    return np.clip(values, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def draw() -> Callable[..., NDArray[np.uint8]]:
    return draw_biscuit


@pytest.fixture(scope="session", name="draw_spot")
def _draw_spot() -> Callable[..., tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    return draw_spot


@pytest.fixture(scope="session")
def fused() -> LocalBackend:
    """Trained on 20 normal and 8 anomalous objects."""
    labels = ["normal"] * 20 + ["anomaly"] * 8
    return LocalBackend.fit([draw_biscuit(seed, label) for seed, label in enumerate(labels)], labels)


@pytest.fixture(scope="session")
def one_class() -> LocalBackend:
    """Trained on 20 normal objects."""
    return LocalBackend.fit([draw_biscuit(seed) for seed in range(20)], ["normal"] * 20)


@pytest.fixture(scope="session")
def masked() -> LocalBackend:
    """Trained on 20 normal objects, 6 with a dark spot and 6 with a red one, of which the masks are known."""
    labels = ["normal"] * 20 + ["anomaly"] * 12
    spots = [draw_spot(seed, kind) for seed, kind in enumerate([0] * 20 + [1] * 6 + [2] * 6)]
    return LocalBackend.fit(
        [picture for picture, _ in spots], labels, [classes for _, classes in spots], class_names=("dark", "red")
    )


def draw_spot(seed: int, kind: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A biscuit, and the class of each pixel: 0 sound, 1 on a dark spot, 2 on a red one."""
    rng = np.random.default_rng(seed + 5000)
    picture, classes = draw_biscuit(seed).copy(), np.zeros((SIDE, SIDE), np.uint8)
    if kind:
        x, y = rng.uniform(34, 62, 2)
        spot = np.hypot(COLUMNS - x, ROWS - y) < 9
        picture[spot] = (20, 30, 40) if kind == 1 else (30, 30, 220)
        classes[spot] = kind
    return picture, classes


@pytest.fixture
def saved(fused: LocalBackend, tmp_path: Path) -> Path:
    folder = tmp_path / "Modell ä"
    fused.save(folder)
    return folder
