"""``suggest``, ``retrain`` and ``models``."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from conveyorqc.core import BestView, Crop, InspectionEvent, Verdict
from conveyorqc.dataset import write_crops
from conveyorqc.imgproc import write_png
from conveyorqc.sinks import SQLiteSink


def event(object_id, confidence, run="tuesday"):
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    return InspectionEvent(
        event_id=f"line-1/camera-1/{run}/{object_id}",
        line_id="line-1",
        camera_id="camera-1",
        run_id=run,
        object_id=object_id,
        captured_at=moment,
        decided_at=moment,
        disposition="unknown" if confidence is None else "pass",
        reason="no answer" if confidence is None else "",
        verdict=None if confidence is None else Verdict(is_anomalous=False, confidence=confidence),
        views=1,
        best_view=BestView(0, [0, 0, 50, 50]),
    )


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "events.db"
    with SQLiteSink(path) as sink:
        for number, confidence in enumerate([0.99, 0.6, 0.95, None]):
            sink.write(event(number, confidence))
    return path


@pytest.fixture
def crops(tmp_path):
    rng = np.random.default_rng(0)
    views = [
        Crop(
            number,
            frame,
            [0, 0, 50, 50],
            rng.integers(0, 60 * number + 40, (64, 64, 3), dtype=np.uint8),
            mask,
            frame > 0,
        )
        for number in range(4)
        for frame, mask in ((0, None), (1, np.ones((64, 64), np.bool_)))
    ]
    write_crops(views, tmp_path / "crops")
    return tmp_path / "crops"


def test_objects_to_label_are_named_with_a_reason(run, events):
    done = run("suggest", events, "-n", 2)
    assert (0, "") == (done.code, done.err)
    assert "uncertain" in done.out
    rows = json.loads(run("suggest", events, "-n", 2, "--json").out)["suggestions"]
    assert [("line-1/camera-1/tuesday/3", 3, 1), ("line-1/camera-1/tuesday/1", 1, 2)] == [
        (row["name"], row["object_id"], row["rank"]) for row in rows
    ]


def test_labelled_objects_are_left_out(run, events, crops):
    (crops / "labels.csv").write_text("object_id,label\n3,normal\n", encoding="utf-8")
    done = run("suggest", events, "--crops", crops, "--json")
    assert "" == done.err
    rows = json.loads(done.out)["suggestions"]
    assert {0, 1, 2} == {row["object_id"] for row in rows}
    assert 1 == rows[0]["object_id"]


def test_a_model_judges_every_view_again(run, events, crops, model):
    rows = json.loads(run("suggest", events, "--crops", crops, "--model", model, "--json").out)["suggestions"]
    assert 4 == len(rows)
    assert {"uncertain", "novel", "disputed"} >= {row["reason"] for row in rows}


def test_events_of_another_run_do_not_fit_the_crops(run, fails, events, crops):
    with SQLiteSink(events) as sink:
        sink.write(event(1, 0.5, run="wednesday"))
    assert fails("suggest", events, "--crops", crops).startswith("events: expected one run, the one of the crops")
    rows = json.loads(run("suggest", events, "--crops", crops, "--run", "wednesday", "--json").out)["suggestions"]
    assert [1] == [row["object_id"] for row in rows]


def test_nothing_to_suggest_is_said(run, events):
    done = run("suggest", events, "--run", "never")
    assert (0, True) == (done.code, "there is nothing to suggest" in done.err)


def test_suggest_says_what_is_missing(fails, events, model, tmp_path):
    assert "--model: expected --crops too, the pictures to judge" == fails("suggest", events, "--model", model)
    assert "no.db" in fails("suggest", tmp_path / "no.db")


@pytest.fixture
def frozen(tmp_path):
    """Pictures of other objects than the plates: two kinds, eight of each."""
    rng = np.random.default_rng(11)
    for label, low in (("normal", 60), ("anomaly", 150)):
        (tmp_path / "frozen" / label).mkdir(parents=True)
        for number in range(4):
            picture = rng.integers(low, low + 40, (96, 96, 3), dtype=np.uint8)
            write_png(tmp_path / "frozen" / label / f"held {number}.png", picture)
    return tmp_path / "frozen"


@pytest.fixture
def trained(model, monkeypatch):
    """Training takes no time: it gives the model of the plates."""
    from conveyorqc.anomaly import LocalBackend

    ready = LocalBackend.load(model)
    monkeypatch.setattr(LocalBackend, "fit", lambda *_arguments, **_settings: ready)


@pytest.mark.usefixtures("trained")
def test_models_are_retrained_shown_promoted_and_rolled_back(run, fails, pictures, frozen, tmp_path):
    store = tmp_path / "store"
    first = run("retrain", store, pictures, "--frozen", frozen)
    assert (0, "version 1 promoted: the first model\n") == (first.code, first.out)
    second = run("retrain", store, pictures, "--frozen", frozen, "--new-frozen")
    assert "version 2 promoted: against version 1: 0 objects better and 0 worse of 8" in second.out
    assert "McNemar p 1.000" in second.out
    third = json.loads(run("retrain", store, pictures, "--frozen", frozen, "--json").out)
    assert (3, True) == (third["version"], third["promoted"])
    assert 0 == run("models", store, "--promote", 1, "--reason", "better on mondays").code
    shown = run("models", store)
    assert "current: version 1; kept: 1, 2, 3" in shown.out
    assert "better on mondays" in " ".join(shown.out.split())
    told = json.loads(run("models", store, "--rollback", "--json").out)
    assert (3, [1, 2, 3], 5) == (told["current"], told["versions"], len(told["history"]))
    assert "expected one of them, got both" in fails("models", store, "--rollback", "--promote", 2)
    assert "expected one of versions [1, 2, 3], got 9" in fails("models", store, "--promote", 9)


def test_models_of_no_store_are_an_error(fails, tmp_path):
    assert "expected the folder of a store" in fails("models", tmp_path / "none")


def test_training_on_the_frozen_set_is_refused(fails, pictures, tmp_path):
    assert "is in the frozen set" in fails("retrain", tmp_path / "store", pictures, "--frozen", pictures)
