"""What training is given: checked, framed, measured."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.anomaly._lesson import Labelled, _on_cells, study
from conveyorqc.anomaly._recipe import GROUPS, Recipe, fitting_framing
from conveyorqc.anomaly._report import mode_of
from conveyorqc.errors import BadBackendResponse, InvalidInput
from conveyorqc.imgproc import ViewSquare

NOISE = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
MARKED = np.zeros((40, 30), np.bool_)
MARKED[3:9, 4:9] = True


def labelled(images, labels, **options) -> Labelled:
    given = {"object_ids": None, "hints": None, "defects": None, "class_names": ("defect",), **options}
    return Labelled.of(images, labels, **given)


def test_what_labels_there_are_sets_the_mode() -> None:
    bad = np.array([False, False, True, True, True, True, True, True])

    assert mode_of(np.zeros(8, np.bool_), range(8)) == "normals"
    assert mode_of(bad, [0, 1, 2, 2, 2, 3, 4, 5]) == "few-anomalies"
    assert mode_of(bad, range(8)) == "anomalies"


@pytest.mark.parametrize(
    ("mask", "label", "message"),
    [
        (MARKED, "normal", "expected no defect on a normal object, got 30 px .* object_masks"),
        (MARKED[:5], "anomaly", r"masks\[0\]: expected bool of shape \(40, 30\)"),
        (MARKED.astype(np.int64) * 2, "anomaly", r"expected classes 0-1 of shape \(40, 30\), got 0-2"),
        (-MARKED.astype(np.int64), "anomaly", "got -1-0"),
        (MARKED.astype(np.float64), "anomaly", "expected bool"),
    ],
)
def test_masks_that_cannot_be_are_refused(mask, label: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        labelled([NOISE], [label], defects=[mask]).classes_at(0, (40, 30))


@pytest.mark.parametrize("names", [(), ("a", "a"), ("",)])
def test_class_names_differ(names) -> None:
    with pytest.raises(InvalidInput, match="class_names: expected one name or more, all different"):
        labelled([NOISE], ["anomaly"], class_names=names)


def test_a_normal_picture_is_sound_everywhere_and_an_anomaly_without_a_mask_unknown() -> None:
    given = labelled([NOISE] * 3, ["normal", "anomaly", "anomaly"], defects=[None, None, MARKED])

    assert given.classes_at(0, (40, 30)).sum() == 0
    assert given.classes_at(1, (40, 30)) is None
    assert (given.classes_at(2, (40, 30)) == MARKED).all()


def test_a_defect_smaller_than_a_cell_still_has_one() -> None:
    classes = np.zeros((96, 96), np.int64)
    classes[50, 21] = 1
    classes[0:48, 0:48] = 2

    cells = _on_cells(classes, ViewSquare(0, 0, 96), 24)

    assert cells[12, 5] == 1
    assert (cells == 2).sum() == 144
    assert (cells > 0).sum() == 145


def test_objects_on_a_belt_are_framed_and_what_fills_the_picture_is_not(draw) -> None:
    rng = np.random.default_rng(1)
    boards = [np.full((60, 60, 3), (90, 140, 180), np.uint8) + rng.integers(0, 3, (60, 60, 3), np.uint8) for _ in "ab"]

    assert fitting_framing([draw(seed) for seed in range(4)]) == "object"
    assert fitting_framing(boards) == "picture"
    assert Recipe("picture").look(boards[0], None)[0].inside.all()


def test_an_object_mask_makes_it_an_object(draw) -> None:
    flat = np.full((60, 60, 3), (90, 140, 180), np.uint8)
    square = np.zeros((60, 60), np.bool_)
    square[20:40, 10:50] = True
    given = labelled([flat] * 2, ["normal"] * 2, hints=[square, square])

    lesson = study(given, backbone=Recipe().backbone, make_up=False, rng=np.random.default_rng(0), progress=None)

    assert lesson.recipe.framing == "object"
    assert lesson.looks[0].side == pytest.approx(46 / 60)


@pytest.mark.parametrize("framing", ["object", "picture"])
def test_a_piece_is_measured_as_the_picture_it_comes_from(framing, draw) -> None:
    recipe, picture = Recipe(framing), np.kron(draw(3), np.ones((2, 2, 1), np.uint8))

    straight, _ = recipe.look(picture, None)
    piece, scale = recipe.piece(picture, None)
    again = recipe.look_at(piece, scale=scale)

    assert straight.numbers.shape == (sum(GROUPS.values()),)
    assert again.side == pytest.approx(straight.side, abs=0.02)
    assert np.median(np.abs(again.numbers - straight.numbers)) < 0.02


def test_made_up_defects_belong_to_the_object_they_were_made_of(draw) -> None:
    given = labelled([draw(seed) for seed in range(4)], ["normal"] * 4, object_ids=["a", "a", "b", "c"])

    lesson = study(given, backbone=Recipe().backbone, make_up=True, rng=np.random.default_rng(0), progress=None)

    assert lesson.is_real.tolist() == [True] * 4 + [False] * 8
    assert lesson.is_anomalous.tolist() == [False] * 4 + [True] * 8
    assert lesson.objects.tolist() == [0, 0, 1, 2, 0, 0, 0, 0, 1, 1, 2, 2]


class Deep:
    """A backbone of somebody else: averages of random projections."""

    name, view_px = "deep/1", 96

    def __init__(self, shape: tuple[int, ...] = (24, 24, 100)) -> None:
        self.shape = shape

    def features(self, view, mask):
        assert view.shape == (96, 96, 3)
        assert mask.shape == (96, 96)
        small = view[::4, ::4].astype(np.float32) / 255 + mask[::4, ::4, None]
        wide = np.tile(small, (1, 1, 34))[..., :100] * np.linspace(0.5, 1, 100, dtype=np.float32)
        return np.resize(wide, self.shape)


def test_another_backbone_feeds_the_experts(draw, tmp_path) -> None:
    labels = ["normal"] * 12 + ["anomaly"] * 6
    with pytest.warns(UserWarning, match="trained on 12"):
        backend = LocalBackend.fit([draw(s, one) for s, one in enumerate(labels)], labels, backbone=Deep())

    backend.save(tmp_path)
    again = LocalBackend.load(tmp_path, backbone=Deep())

    assert backend.inspect([draw(90, "anomaly")])[0].is_anomalous
    assert again.inspect([draw(90)])[0].score == backend.inspect([draw(90)])[0].score


def test_a_backbone_that_gives_no_map_is_named(draw) -> None:
    with pytest.raises(BadBackendResponse, match=r"deep/1: expected finite features of shape \(h, h, d\), got"):
        Recipe("object", Deep((24, 12, 3))).look(draw(0), None)
