"""No object is ever on both sides of a split, and files keep what they are given."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.dataset import (
    LabelledDataset,
    LabelledImage,
    MotRow,
    grouped_folds,
    read_labels,
    read_mot,
    split_by_object,
    write_labels,
    write_mot,
)

labels = st.sampled_from(["normal", "anomaly"])
# Few names for many pictures, so that most objects have several views, some of them labelled differently.
pictures = st.lists(st.tuples(st.integers(0, 12).map(str), labels), min_size=1, max_size=60)
generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def dataset_of(rows):
    images = [LabelledImage(Path(f"{i}.png"), name, label) for i, (name, label) in enumerate(rows)]
    return LabelledDataset(tuple(images), Path())


def kinds_of(rows):
    """Object names by kind; an object with any anomalous view is anomalous."""
    anomalous = {name for name, label in rows if label == "anomaly"}
    return {name for name, _ in rows} - anomalous, anomalous


@given(pictures, st.floats(0.01, 0.99), generators)
def test_no_object_is_ever_on_both_sides(rows, test_fraction, rng):
    normal, anomalous = kinds_of(rows)
    if max(len(normal), len(anomalous)) < 2:
        return
    dataset = dataset_of(rows)

    train, test = split_by_object(dataset, test_fraction=test_fraction, rng=rng)

    assert not set(train.object_ids) & set(test.object_ids)
    assert sorted([*train, *test], key=lambda image: int(image.path.stem)) == list(dataset)
    for kind in (normal, anomalous):
        if len(kind) >= 2:
            assert kind & set(train.object_ids)
            assert kind & set(test.object_ids)


@given(pictures, st.integers(2, 6), generators)
def test_no_object_is_ever_in_two_folds(rows, folds, rng):
    normal, anomalous = kinds_of(rows)
    if len(normal | anomalous) < folds:
        return
    dataset = dataset_of(rows)

    fold_of = grouped_folds(dataset.object_ids, dataset.anomalous, folds=folds, rng=rng)

    by_object = {
        name: {int(f) for f, n in zip(fold_of, dataset.object_ids, strict=True) if n == name} for name, _ in rows
    }
    assert all(len(found) == 1 for found in by_object.values())
    for kind in (normal, anomalous):
        sizes = np.bincount([by_object[name].copy().pop() for name in kind], minlength=folds)
        assert sizes.max() - sizes.min() <= 1
    assert set(fold_of.tolist()) == set(range(folds))


@given(st.dictionaries(st.integers(0, 10**9), labels, max_size=20))
def test_labels_come_back_as_they_were(given_labels):
    with tempfile.TemporaryDirectory() as folder:
        write_labels(folder, given_labels)
        assert read_labels(folder) == given_labels


coordinate = st.floats(-1e4, 1e4)
mot_row = st.builds(
    lambda frame, name, x, y, w, h: MotRow(frame, name, (x, y, x + w, y + h)),
    st.integers(0, 99),
    st.integers(1, 99),
    coordinate,
    coordinate,
    st.floats(0, 1e4),
    st.floats(0, 1e4),
)


@given(st.lists(mot_row, max_size=20))
def test_tracks_come_back_within_a_hundredth_of_a_pixel(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        write_mot(rows, path)
        lines, back = path.read_text(encoding="ascii").splitlines(), read_mot(path)

    ordered = sorted(rows, key=lambda row: (row.frame_index, row.object_id))
    assert [(r.frame_index, r.object_id) for r in back] == [(r.frame_index, r.object_id) for r in ordered]
    assert np.allclose([r.box for r in back], [r.box for r in ordered], atol=0.0101, rtol=0)
    assert all(
        line.count(",") == 9 and len(cell.partition(".")[2]) <= 2 for line in lines for cell in line.split(",")[:6]
    )
