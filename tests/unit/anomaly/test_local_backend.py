from __future__ import annotations

import re

import numpy as np
import pytest

from conveyorqc.anomaly import FewPicturesWarning, LocalBackend
from conveyorqc.anomaly._recipe import Look
from conveyorqc.core import AnomalyBackend
from conveyorqc.errors import InvalidInput, NotEnoughData
from conveyorqc.imgproc import ViewSquare


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are measured at once, each by random numbers of its own: for tests of what is done with them."""

    def by_chance(image, odd: float) -> Look:
        rng = np.random.default_rng(int(image.sum()))
        cells = rng.normal(odd, 0.1, (24, 24, 3)).astype(np.float16)
        return Look(rng.normal(odd, 0.1, 266), cells, np.ones((24, 24), np.bool_), 1.0)

    def look(_recipe, image, _mask):
        return by_chance(image, 0.0), ViewSquare(0, 0, 40)

    monkeypatch.setattr("conveyorqc.anomaly._recipe.Recipe.look", look)
    monkeypatch.setattr(
        "conveyorqc.anomaly._recipe.Recipe.look_at", lambda _, piece, scale: by_chance(piece.image, 4.0)
    )


NOISE = np.random.default_rng(9).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def test_it_satisfies_the_protocol(fused: LocalBackend) -> None:
    assert isinstance(fused, AnomalyBackend)


def test_unseen_objects_are_told_apart(fused: LocalBackend, draw) -> None:
    labels = ["normal", "anomaly"] * 8

    verdicts = fused.inspect([draw(100 + seed, label) for seed, label in enumerate(labels)])

    assert [verdict.is_anomalous for verdict in verdicts] == [label == "anomaly" for label in labels]


def test_normal_pictures_alone_are_enough_to_tell_them_apart(one_class: LocalBackend, draw) -> None:
    good = one_class.inspect([draw(200 + seed) for seed in range(12)])
    bad = one_class.inspect([draw(300 + seed, "anomaly") for seed in range(12)])

    assert sum(verdict.is_anomalous for verdict in bad) == 12
    assert sum(verdict.is_anomalous for verdict in good) <= 3


def test_confidence_is_that_of_the_label_and_the_score_a_probability(fused: LocalBackend, draw) -> None:
    good, bad = fused.inspect([draw(400), draw(401, "anomaly")])

    assert good.score is not None
    assert bad.score is not None
    assert good.score < fused.threshold <= bad.score
    assert good.confidence == pytest.approx(1 - good.score)
    assert bad.confidence == bad.score


def test_the_verdict_names_the_model(fused: LocalBackend, draw) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", fused.fingerprint)
    assert fused.inspect([draw(1)])[0].model == f"local/2:{fused.fingerprint[:8]}"


def test_no_picture_gets_no_verdict(fused: LocalBackend) -> None:
    assert fused.inspect([]) == []
    assert fused.inspect([], masks=[]) == []


def test_the_same_picture_gets_the_same_verdict_alone_and_among_others(fused: LocalBackend, draw) -> None:
    pictures = [draw(seed) for seed in (500, 501, 502)]

    together = [verdict.score for verdict in fused.inspect(pictures)]
    alone = [fused.inspect([picture])[0].score for picture in pictures]

    assert alone == pytest.approx(together, abs=1e-12)
    assert [verdict.score for verdict in fused.inspect(pictures)] == together


def test_pictures_are_only_read(fused: LocalBackend, draw) -> None:
    picture = draw(600).copy()
    before = picture.copy()
    mask = np.ones(picture.shape[:2], np.bool_)
    picture.flags.writeable = mask.flags.writeable = False

    fused.inspect([picture, picture], masks=[mask, None])

    assert (picture == before).all()


def test_a_rough_mask_changes_little(fused: LocalBackend, draw) -> None:
    picture = draw(601)
    rows, columns = np.mgrid[0:96, 0:96]
    rough = np.hypot(rows - 48, columns - 48) < 37

    with_hint, without = fused.inspect([picture, picture], masks=[rough, None])

    assert with_hint.score == pytest.approx(without.score, abs=0.02)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.full((384, 384, 3), 255, np.uint8),
        NOISE,
        np.kron(NOISE, np.ones((64, 100, 1), np.uint8)),
    ],
    ids=["tiny", "pixel", "white", "noise", "huge"],
)
def test_pictures_of_something_else_are_anomalous_and_break_nothing(fused: LocalBackend, picture) -> None:
    height, width = picture.shape[:2]
    dot = np.zeros((height, width), np.bool_)
    dot[height // 2, width // 2] = True

    verdicts = fused.inspect([picture] * 3, masks=[None, dot, np.zeros((height, width), np.bool_)])

    assert all(verdict.is_anomalous for verdict in verdicts)
    assert all(np.isfinite(verdict.score) for verdict in verdicts)


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        ([NOISE], [None, None], "masks: expected 1, one per picture, got 2"),
        ([NOISE, NOISE], [None, np.ones((2, 2), np.bool_)], r"masks\[1\]: expected bool of shape \(40, 30\)"),
        ([NOISE, NOISE[0]], None, r"images\[1\]: expected \(H, W, 3\) uint8"),
        ([NOISE.astype(np.float32)], None, r"images\[0\]: expected \(H, W, 3\) uint8"),
    ],
)
def test_bad_input_is_refused(fused: LocalBackend, images, masks, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fused.inspect(images, masks=masks)


def test_the_report_holds_unseen_scores_labels_and_objects(fused: LocalBackend) -> None:
    report = fused.report

    assert report.object_ids == tuple(range(28))
    assert report.is_anomalous.tolist() == [False] * 20 + [True] * 8
    assert ((report.scores >= 0.5) == report.is_anomalous).mean() > 0.9
    assert not report.scores.flags.writeable
    assert (report.mode, report.threshold, report.made_up) == ("anomalies", fused.threshold, 0)
    assert report.head in ("experts", "full")


@pytest.mark.usefixtures("quick")
def test_training_on_the_same_pictures_gives_the_same_model(draw) -> None:
    first, again = (LocalBackend.fit([draw(seed) for seed in range(20)], ["normal"] * 20) for _ in range(2))

    assert again.fingerprint == first.fingerprint
    assert again.inspect([NOISE])[0].score == first.inspect([NOISE])[0].score


@pytest.mark.parametrize(
    "changed",
    [
        {"object_ids": [f"object {i // 2}" for i in range(20)]},
        {"object_masks": [*[None] * 19, np.ones((96, 96), np.bool_)]},
        {"masks": [*[None] * 19, np.zeros((96, 96), np.bool_)]},
        {"rng": np.random.default_rng(5)},
    ],
)
@pytest.mark.usefixtures("quick")
def test_training_on_anything_else_gives_another_fingerprint(one_class: LocalBackend, draw, changed) -> None:
    other = LocalBackend.fit([draw(seed) for seed in range(20)], ["normal"] * 20, **changed)

    assert other.fingerprint != one_class.fingerprint


def test_views_of_an_object_share_its_id(draw) -> None:
    labels = ["normal"] * 20 + ["anomaly"] * 10
    ids = [*(np.arange(20) // 2), *(f"bad {i // 2}" for i in range(10))]

    backend = LocalBackend.fit([draw(i, label) for i, label in enumerate(labels)], labels, object_ids=ids)

    assert backend.report.object_ids[:3] == (0, 0, 1)
    assert backend.report.object_ids[-1] == "bad 4"
    assert backend.inspect([draw(700, "anomaly")])[0].is_anomalous


def test_few_anomalies_take_part_beside_made_up_ones(draw) -> None:
    labels = ["normal"] * 20 + ["anomaly"] * 2

    backend = LocalBackend.fit([draw(i, label) for i, label in enumerate(labels)], labels)

    assert backend.report.mode == "few-anomalies"
    assert backend.report.head == "experts"
    assert backend.report.made_up == 40
    assert backend.report.scores.shape == (22,)
    assert backend.inspect([draw(750, "anomaly")])[0].is_anomalous


def test_a_model_that_saw_masks_says_where_and_what(masked: LocalBackend, draw_spot) -> None:
    pictures = [draw_spot(seed, kind) for seed, kind in ((950, 1), (951, 2), (952, 0))]

    dark, red, sound = masked.inspect([picture for picture, _ in pictures])

    for verdict, name, (_, classes) in ((dark, "dark", pictures[0]), (red, "red", pictures[1])):
        assert verdict.is_anomalous
        assert max(verdict.anomalies, key=lambda one: one.area_fraction).name == name
        both, either = (verdict.mask & (classes > 0)).sum(), (verdict.mask | (classes > 0)).sum()
        assert both / either > 0.5
        assert sum(one.area_fraction for one in verdict.anomalies) == pytest.approx(verdict.mask.mean())
        assert verdict.heatmap.shape == (96, 96)
    assert (sound.mask, sound.anomalies, sound.heatmap.dtype) == (None, (), np.float32)
    assert len({one.color for one in (*dark.anomalies, *red.anomalies)}) == len(
        {one.name for one in (*dark.anomalies, *red.anomalies)}
    )


def test_a_model_that_saw_no_masks_has_none(fused: LocalBackend, draw) -> None:
    [verdict] = fused.inspect([draw(401, "anomaly")])

    assert (verdict.mask, verdict.heatmap, verdict.anomalies) == (None, None, ())
    assert fused.class_names == ()


@pytest.mark.parametrize("kind", ["fused", "masked", "one_class"])
def test_findings_say_why_and_how_new(kind: str, request, draw) -> None:
    backend: LocalBackend = request.getfixturevalue(kind)
    pictures = [draw(970), draw(971, "anomaly")]

    good, bad = backend.explain(pictures)

    assert [good.score, bad.score] == [verdict.score for verdict in backend.inspect(pictures)]
    assert bad.novelty > good.novelty
    assert bad.novelty == max(bad.opinions.values())
    assert tuple(good.opinions) == ("outline", "surface", "relief", "texture", "patch", "position")
    assert bad.heatmap.shape == (96, 96)
    assert bad.heatmap.dtype == np.float32
    assert backend.explain([]) == []


@pytest.mark.usefixtures("quick")
def test_progress_is_told_for_every_picture_and_at_the_end(draw) -> None:
    seen = []

    LocalBackend.fit(
        [draw(seed) for seed in range(20)],
        ["normal"] * 20,
        progress=lambda done, total: seen.append((done, total)),
    )

    assert seen == [(done, 21) for done in range(1, 22)]


def test_ten_normal_pictures_train_with_a_warning(draw) -> None:
    with pytest.warns(FewPicturesWarning, match="trained on 10 normal pictures: expected 20 or more") as told:
        backend = LocalBackend.fit([draw(seed) for seed in range(10)], ["normal"] * 10)

    assert told[0].filename == __file__
    assert backend.inspect([draw(800, "anomaly")])[0].is_anomalous


def test_the_same_picture_over_and_over_trains_without_trouble(draw) -> None:
    backend = LocalBackend.fit([draw(0)] * 20, ["normal"] * 20)

    assert not backend.inspect([draw(0)])[0].is_anomalous
    assert backend.inspect([draw(0, "anomaly")])[0].is_anomalous


def test_too_few_normal_pictures_say_how_many_are_missing() -> None:
    with pytest.raises(NotEnoughData, match=r"at the very least 10\), got 7: 3 are missing"):
        LocalBackend.fit([NOISE] * 9, ["normal"] * 7 + ["anomaly"] * 2)


def test_views_of_two_objects_are_not_enough() -> None:
    with pytest.raises(NotEnoughData, match="3 different normal objects or more, got 2: 1 are missing"):
        LocalBackend.fit([NOISE] * 20, ["normal"] * 20, object_ids=[i % 2 for i in range(20)])


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (["normal"] * 19, {}, "labels: expected 20, one per picture, got 19"),
        (["normal"] * 19 + ["broken"], {}, "labels: expected normal or anomaly, got 'broken'"),
        (["normal"] * 20, {"object_ids": [1, 2]}, "object_ids: expected 20, one per picture, got 2"),
        (["normal"] * 20, {"masks": [None]}, "masks: expected 20, one per picture, got 1"),
        (["normal"] * 20, {"object_masks": [None]}, "object_masks: expected 20, one per picture, got 1"),
        (["normal"] * 19 + ["anomaly"], {"object_ids": [*range(19), 3]}, "got both for object 3"),
    ],
)
def test_training_data_that_contradicts_itself_is_refused(labels, options, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        LocalBackend.fit([NOISE] * 20, labels, **options)
