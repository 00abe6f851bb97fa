from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from conveyorqc.anomaly import LocalBackend
from conveyorqc.anomaly._folds import blocks_by_look, fold_of_blocks, object_weights
from conveyorqc.anomaly._fusion import fit_non_negative_logistic, probability
from conveyorqc.anomaly._gaussian import fit_gaussian
from conveyorqc.anomaly._recipe import GROUPS, Recipe
from conveyorqc.errors import ModelError

FILES = ("model.json", "model.npz")


@cache
def model_files() -> dict[str, bytes]:
    """The files of a model that was trained on noise."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in range(26)]
    with TemporaryDirectory() as folder:
        LocalBackend.fit(pictures, ["normal"] * 20 + ["anomaly"] * 6).save(folder)
        return {name: (Path(folder) / name).read_bytes() for name in FILES}


def load_damaged(files: dict[str, bytes]) -> LocalBackend | None:
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        try:
            return LocalBackend.load(folder)
        except ModelError:
            return None


def flipped(data: bytes, bits: list[int]) -> bytes:
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    return bytes(damaged)


@given(st.sampled_from(FILES), st.integers(0, 10**6))
def test_a_truncated_model_is_an_error_of_its_own_kind(name: str, length: int) -> None:
    files = model_files()
    cut = files[name][: length % len(files[name])]

    assert load_damaged({**files, name: cut}) is None


@given(st.sampled_from(FILES), st.lists(st.integers(0, 10**7), min_size=1, max_size=4, unique=True))
def test_flipped_bits_are_noticed_or_change_nothing(name: str, bits: list[int]) -> None:
    files = model_files()
    damaged = flipped(files[name], bits)

    loaded = load_damaged({**files, name: damaged})

    # A flip can turn one blank of the JSON text into another, which means the same.
    assert loaded is None or (name == "model.json" and json.loads(damaged) == json.loads(files[name]))


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=4, unique=True), st.booleans())
def test_forged_checksums_do_not_let_damage_through_as_another_error(bits: list[int], header: bool) -> None:  # noqa: FBT001 (hypothesis passes it)
    files = model_files()
    # The structure of a zip file is at its end, the headers of its first array at its start.
    data = files["model.npz"]
    reach = 8 * (400 if header else len(data))
    damaged = flipped(data, [bit % reach if header else -1 - bit % reach for bit in bits])
    card = json.loads(files["model.json"])
    card.pop("sha256")
    card["npz_sha256"] = hashlib.sha256(damaged).hexdigest()
    text = json.dumps({**card, "sha256": hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()})

    loaded = load_damaged({"model.json": text.encode(), "model.npz": damaged})

    assert loaded is None or np.isfinite(loaded.inspect([np.zeros((8, 8, 3), np.uint8)])[0].confidence)


@settings(max_examples=30)
@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40).map(lambda s: (*s, 3))), st.data()
)
def test_any_picture_with_any_hint_gives_finite_numbers(picture, data) -> None:
    hint = data.draw(st.none() | arrays(np.bool_, picture.shape[:2]))

    look, _ = Recipe().look(picture, hint)

    assert look.numbers.shape == (sum(GROUPS.values()),)
    assert np.isfinite(look.numbers).all()
    assert np.isfinite(look.cells).all()
    assert look.inside.any()


@st.composite
def labelled_objects(draw):
    count = draw(st.integers(4, 30))
    labels = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    objects = np.array(draw(st.lists(st.integers(0, count - 1), min_size=2 * count, max_size=2 * count)))
    objects = np.unique(objects, return_inverse=True)[1]
    rows = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(len(objects), 3))
    return rows, objects, labels[objects]


@given(labelled_objects(), st.integers(2, 6), st.integers(0, 9))
def test_no_object_is_in_two_folds(case, folds: int, seed: int) -> None:
    rows, objects, labels = case

    block = blocks_by_look(rows, objects, labels, blocks=12)
    number = fold_of_blocks(block, folds=folds, rng=np.random.default_rng(seed))
    fold = np.array([number[one] for one in block.tolist()])

    assert all(len(set(fold[objects == one])) == 1 for one in range(objects.max() + 1))
    assert fold.min() >= 0
    assert fold.max() < folds


@given(labelled_objects())
def test_objects_of_a_label_weigh_alike(case) -> None:
    _, objects, labels = case

    weights = object_weights(objects, labels)

    for label in set(labels):
        sums = [weights[objects == one].sum() for one in np.unique(objects[labels == label])]
        assert np.allclose(sums, sums[0])


@given(st.integers(0, 999), st.integers(1, 4))
def test_more_surprise_never_makes_an_object_more_normal(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    columns, labels = rng.normal(size=(20, width)), np.arange(20) >= 12

    coefficients = fit_non_negative_logistic(columns, labels, np.ones(20))

    raised = columns + rng.uniform(0, 3, columns.shape)
    assert (probability(raised, coefficients) >= probability(columns, coefficients)).all()


@given(st.integers(0, 999), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_distance_does_not_depend_on_the_unit(seed: int, scale: float, shift: float) -> None:
    rows = np.random.default_rng(seed).normal(0, 100, (30, 4))

    there = fit_gaussian(rows).distance(rows)
    elsewhere = fit_gaussian(rows * scale + shift).distance(rows * scale + shift)

    assert np.allclose(there, elsewhere, atol=0.01)
