"""The benchmark of finding and following runs, and its figures are those of small cases done by hand."""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
import pytest
from tests.benchmarks.tracking.__main__ import MARK, arguments, better, chosen, filled_in, main, write
from tests.benchmarks.tracking.clips import DEFAULT, prepared, scene_named
from tests.benchmarks.tracking.methods import METHODS
from tests.benchmarks.tracking.peers import ArticleDetector
from tests.benchmarks.tracking.scores import crossings, least_life, mot_figures, scored, views
from tests.benchmarks.tracking.tables import markdown, table

from conveyorqc.core import Direction
from conveyorqc.dataset import GroundTruth, TruthBox, TruthObject

FRAMES = 12
NOTHING_MEASURED = {
    "machine": {"processor": "P", "cores": 2, "system": "S"},
    "versions": {"here": {"python": "3"}},
    "settings": {"seed": 0, "repeats": 1, "quick": False},
    "clips": {},
    "updates": {},
}


def truth_of(tracks, *, labels=None, touching=None, width=200, height=100):
    """Objects by id, each a function from frame to (x, y, w, h, visible share) or None."""
    frames = [
        [TruthBox(number, *place) for number, at in tracks.items() if (place := at(index))] for index in range(FRAMES)
    ]
    objects = [
        TruthObject(
            number, (labels or {}).get(number, "normal"), False, "intact", 1, 0, None, None, None,
            (touching or {}).get(number, ()),
        )
        for number in tracks
    ]  # fmt: skip
    return GroundTruth(
        "clip", 0, width, height, 25.0, Direction.LEFT_TO_RIGHT, "blue", 1.0, tuple(objects), tuple(map(tuple, frames))
    )


def rows_of(truth, names, *, offset=0.0):
    """Found boxes that are the true ones, under other ids."""
    rows = []
    for index in range(truth.frames_total):
        for number, box in zip(*truth.boxes_at(index)[:2], strict=True):
            if number in names:
                rows.append((index, names[number], *(box + offset)))
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


@pytest.fixture
def two():
    return truth_of({1: lambda i: (10 + i, 10, 20, 20, 1.0), 2: lambda i: (10 + i, 50, 20, 20, 1.0)})


def test_an_object_that_is_less_than_half_visible_is_neither_asked_for_nor_blamed_on_who_finds_it():
    truth = truth_of({1: lambda i: (0, 10, 20, 20, 0.3 if i < 6 else 1.0)})
    seen = views(truth, rows_of(truth, {1: 7}), frames=FRAMES, least=2)
    assert [0] * 6 + [1] * 6 == [len(view.ids) for view in seen]
    assert [0] * 6 + [1] * 6 == [len(view.found) for view in seen]


def test_an_object_that_shows_for_too_short_is_ignored_with_its_track():
    truth = truth_of({1: lambda i: (10, 10, 20, 20, 1.0), 2: lambda i: (50, 50, 20, 20, 1.0) if i > 9 else None})
    seen = views(truth, rows_of(truth, {1: 7, 2: 8}), frames=FRAMES, least=5)
    assert {(1, 7)} == {(int(view.ids[0]), int(view.found_ids[0])) for view in seen}
    assert {1} == {len(view.found) for view in seen}


def test_a_box_on_no_object_stays_and_is_false(two):
    rows = np.vstack([rows_of(two, {1: 7, 2: 8}), [[3, 9, 150, 60, 170, 80]]])
    assert [2, 2, 2, 3] == [len(view.found) for view in views(two, rows, frames=4, least=2)]


def test_perfect_boxes_give_perfect_figures(two):
    figures = mot_figures(views(two, rows_of(two, {1: 7, 2: 8}), frames=FRAMES, least=5))
    assert figures in ({}, {"hota": 1.0, "mota": 1.0, "idf1": 1.0, "switches": 0})


def test_figures_of_trackeval_are_left_out_where_it_is_not_installed(two, monkeypatch):
    monkeypatch.setitem(sys.modules, "trackeval.metrics", None)
    assert {} == mot_figures(views(two, rows_of(two, {1: 7}), frames=FRAMES, least=5))


@pytest.mark.parametrize(("life", "expected"), [(160.0, 5), (33.0, 5), (16.0, 3), (11.0, 2), (3.0, 2)])
def test_tracks_may_be_shorter_where_objects_rush_through(life, expected):
    assert expected == least_life(life)


def test_an_id_crosses_the_line_once_and_only_from_before_it():
    def walk(number, *centers):
        return [(index, number, x - 5, 0, x + 5, 10) for index, x in enumerate(centers)]

    rows = np.array(walk(1, 40, 60, 40, 60) + walk(2, 60, 70) + walk(3, 10, 20), dtype=np.float64)
    assert 1 == crossings(rows, middle=50.0)


class FixedClip:
    """What `scored` needs of a clip."""

    def __init__(self, truth):
        self.truth = truth
        self.scene = scene_named("std-720")


def test_a_pair_in_one_box_is_a_merge_and_not_apart_and_a_torn_cookie_is_not_whole():
    truth = truth_of(
        {
            1: lambda i: (10 + i, 10, 20, 20, 1.0),
            2: lambda i: (30 + i, 10, 20, 20, 1.0),
            3: lambda i: (10 + i, 50, 30, 20, 1.0),
        },
        labels={3: "broken"},
        touching={1: (2,), 2: (1,)},
    )
    rows = []
    for i in range(FRAMES):
        rows += [(i, 1, 10 + i, 10, 50 + i, 30), (i, 2, 10 + i, 50, 30 + i, 70), (i, 3, 31 + i, 50, 40 + i, 70)]
    figures = scored(FixedClip(truth), {"frames": FRAMES, "rows": rows, "counted": None})
    assert (1, 1) == (figures["merges"], figures["splits"])
    assert (0.0, 0.0) == (figures["pairs_apart"], figures["broken_whole"])
    assert 1.0 == figures["false_boxes"]  # the second piece; a box around two touches one of them by half


def test_frames_that_a_run_did_not_get_to_do_not_count(two):
    figures = scored(FixedClip(two), {"frames": 6, "rows": rows_of(two, {1: 7, 2: 8}).tolist(), "counted": 3})
    assert (1.0, 3, 0) == (figures["f1"], figures["line"], figures["line_true"])


def test_the_articles_detector_finds_discs_of_dough_on_a_blue_belt():
    picture = np.full((200, 300, 3), (170, 148, 118), np.uint8)
    for x in (80, 200):
        cv2.circle(picture, (x, 100), 30, (70, 130, 200), -1)
    boxes = ArticleDetector(60.0, canny=(60, 160)).boxes(picture)
    np.testing.assert_allclose(boxes[np.argsort(boxes[:, 0])], [[50, 70, 111, 131], [170, 70, 231, 131]], atol=3)


def test_every_default_clip_has_a_scene():
    assert list(DEFAULT) == [scene_named(name).name for name in DEFAULT]


def test_frames_that_last_longer_are_not_encoded_better():
    assert 20.0 == scene_named("std-720").crf
    assert 29.4 == pytest.approx(scene_named("lowfps-720").crf, abs=0.1)


@pytest.mark.parametrize("name", ["std", "std-", "std-7x", "odd-720"])
def test_an_unknown_clip_ends_with_what_was_expected(name):
    with pytest.raises(SystemExit, match="expected KIND-HEIGHT"):
        scene_named(name)


def test_a_method_that_is_not_there_ends_with_what_was_expected():
    assert ["conveyorqc"] == chosen("conveyorqc", list(METHODS))
    with pytest.raises(SystemExit, match="it needs --peers"):
        chosen("article KCF", list(METHODS))


def test_the_best_of_two_runs_has_the_least_cpu_time_the_least_wall_time_and_the_accuracy():
    slow, fast = {"cpu_ms": 9.0, "wall_ms": 4.0, "scores": 1}, {"cpu_ms": 7.0, "wall_ms": 5.0}
    assert {"cpu_ms": 7.0, "wall_ms": 4.0, "scores": 1} == better(slow, fast)
    assert slow == better(None, slow)
    assert {"error": "x"} == better(slow, {"error": "x"})


def test_an_earlier_run_fills_in_what_was_not_run_now(tmp_path):
    earlier = tmp_path / "earlier.json"
    before = {"article KCF": {"cpu_ms": 9.0}, "conveyorqc": {"cpu_ms": 8.0}}
    earlier.write_text(json.dumps({**NOTHING_MEASURED, "clips": {"std-720": before}}), encoding="utf-8")
    report = {**NOTHING_MEASURED, "clips": {"std-720": {"conveyorqc": {"cpu_ms": 5.0}}, "n10-720": {}}}
    filled_in(report, earlier)
    assert ["conveyorqc", "article KCF"] == list(report["clips"]["std-720"])
    assert [5.0, 9.0] == [result["cpu_ms"] for result in report["clips"]["std-720"].values()]
    assert {} == report["clips"]["n10-720"]


def test_tables_go_below_the_mark_of_a_page_that_has_one(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{MARK}old\n", encoding="utf-8")
    write({**NOTHING_MEASURED}, arguments(["--markdown", str(page)]))
    assert page.read_text(encoding="utf-8").startswith(f"# Title\n\n{MARK}\nP, 2 cores, S.")
    assert "old" not in page.read_text(encoding="utf-8")


def test_a_table_is_markdown_and_nothing_without_rows():
    assert "| a | b |\n| --- | --: |\n| x | 1 |\n" == table(["a", "b"], [["x", "1"]])
    assert "" == table(["a", "b"], [])


def test_a_failed_method_is_named_in_the_tables():
    report = {**NOTHING_MEASURED, "clips": {"std-720": {"conveyorqc": {"error": "no line"}}}}
    text = markdown(report)
    assert "| std-720 | failed |" in text
    assert "std-720, conveyorqc: no line" in text


def test_it_runs_on_a_tiny_clip_and_follows_every_object(tmp_path, capsys):
    out = tmp_path / "out.json"
    main(["--quick", "--clips", "n10-180", "--only", "conveyorqc", "--cache", str(tmp_path), "--json", str(out)])
    result = json.loads(out.read_text(encoding="utf-8"))["clips"]["n10-180"]["conveyorqc"]
    assert "| n10-180, conveyorqc |" in capsys.readouterr().out
    assert result["scores"]["f1"] >= 0.9
    assert 0 < sum(result["stages_ms"].values())
    assert prepared(scene_named("n10-180", quick=True), seed=0, cache=tmp_path).video.is_file()
