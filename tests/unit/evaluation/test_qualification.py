"""Qualification: exact, by object, and on a record that tells when it was altered."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import Verdict
from conveyorqc.dataset import read_dataset
from conveyorqc.errors import BackendError, DatasetError, InvalidInput
from conveyorqc.evaluation import KnownDefect, known_defects_of, qualify, sign_off, verify_record
from conveyorqc.imgproc import write_png
from conveyorqc.policy import KOfN

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


class Judge:
    """Calls a picture anomalous when its first pixel is not black."""

    fingerprint = "f" * 64

    def inspect(self, images, /, masks=None):
        return [Verdict(is_anomalous=bool(image[0, 0, 0]), confidence=0.9, model="judge/1") for image in images]


def defects(n, *, missed=(), views=1):
    for number in range(n):
        for view in range(views):
            image = np.full((4, 4, 3), number % 250 + 1, np.uint8)
            image[0, 0] = 0 if number in missed else 1
            image[1, 1] = view
            yield KnownDefect(f"part {number}", image)


@pytest.mark.parametrize(
    ("n", "missed", "passed", "more"),
    [
        (59, (), True, 0),
        (58, (), False, 1),
        (93, (5,), True, 0),
        (124, (5, 9), True, 0),
        (123, (5, 9), False, 1),
        (59, (5,), False, 34),
    ],
)
def test_the_exact_bound_decides(n, missed, passed, more):
    result = qualify(Judge(), defects(n, missed=missed), 0.05, 0.95)
    assert (passed, n, more) == (result.passed, result.n, result.more_needed)
    assert tuple(f"part {number}" for number in missed) == result.misses
    assert passed == (result.bound <= 0.05)


def test_an_object_counts_once_however_often_it_was_seen():
    result = qualify(Judge(), defects(20, views=3), 0.05)
    assert (20, False, 39) == (result.n, result.passed, result.more_needed)


def test_views_are_combined_as_the_line_does():
    def one_seen():
        yield KnownDefect("a", np.zeros((4, 4, 3), np.uint8))
        yield KnownDefect("a", np.ones((4, 4, 3), np.uint8))

    assert () == qualify(Judge(), one_seen(), 0.05).misses
    assert ("a",) == qualify(Judge(), one_seen(), 0.05, policy=KOfN(2)).misses


def test_fingerprints_name_the_model_and_the_pictures():
    known = list(defects(5))
    result, turned = qualify(Judge(), known, 0.5), qualify(Judge(), known[::-1], 0.5)
    assert ("judge/1", "f" * 64) == (result.model, result.model_fingerprint)
    assert result.dataset_fingerprint == turned.dataset_fingerprint
    assert result.dataset_fingerprint != qualify(Judge(), known[1:], 0.5).dataset_fingerprint


def test_a_backend_without_a_fingerprint_has_none():
    class Nameless:
        inspect = Judge.inspect

    assert "" == qualify(Nameless(), defects(2), 0.5).model_fingerprint


def test_a_verdict_that_fails_to_come_is_no_result():
    class Broken:
        def inspect(self, images, /, masks=None):
            raise BackendError("gone")

    with pytest.raises(BackendError, match="gone"):
        qualify(Broken(), defects(2), 0.05)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (([], 0.05), "known_defects: expected at least one"),
        ((defects(1), 0.0), "max_miss_rate: expected a number between 0 and 1"),
        ((defects(1), 0.05, 1.0), "confidence: expected a number between 0 and 1"),
        (([KnownDefect("a", np.zeros((2, 2)))], 0.05), "image"),
    ],
)
def test_wrong_arguments_are_refused(arguments, expected):
    with pytest.raises(InvalidInput, match=expected):
        qualify(Judge(), *arguments)


def test_anomalous_pictures_of_a_data_set_are_known_defects(tmp_path):
    for label in ("normal", "anomaly"):
        (tmp_path / label).mkdir()
        write_png(tmp_path / label / "one.png", np.full((8, 8, 3), 7, np.uint8))
    [defect] = known_defects_of(read_dataset(tmp_path))
    assert "anomaly" in defect.object_id
    assert (8, 8, 3) == defect.image.shape


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "Prüfung.json"
    sign_off(qualify(Judge(), defects(60, missed=(7,)), 0.05), path, by=" Ada Lovelace ", at=NOON)
    return path


def test_a_record_says_who_when_what_and_verifies(record):
    said = verify_record(record)
    assert ("Ada Lovelace", NOON) == (said.by, said.at)
    assert qualify(Judge(), defects(60, missed=(7,)), 0.05) == said.qualification
    plain = json.loads(record.read_text(encoding="utf-8"))
    total = plain.pop("sha256")
    assert total == said.sha256
    assert total == hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def test_the_layout_of_the_file_does_not_matter(record):
    record.write_text(json.dumps(json.loads(record.read_text("utf-8")), indent=8, sort_keys=True))
    assert 60 == verify_record(record).qualification.n


def test_a_record_is_never_overwritten(record):
    before = record.read_bytes()
    with pytest.raises(InvalidInput, match="never overwritten; it exists"):
        sign_off(qualify(Judge(), defects(99), 0.05), record, by="Eve", at=NOON)
    assert before == record.read_bytes()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"by": "  "}, "by: expected a name"),
        ({"at": datetime(2026, 3, 1)}, "at: expected a time with its zone"),  # noqa: DTZ001 (that is the point)
    ],
)
def test_who_and_when_are_asked_for(tmp_path, given, expected):
    result = qualify(Judge(), defects(3), 0.05)
    with pytest.raises(InvalidInput, match=expected):
        sign_off(result, tmp_path / "r.json", **{"by": "Ada", "at": NOON, **given})
    assert not (tmp_path / "r.json").exists()


def test_a_record_needs_a_folder(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be written: No such file"):
        sign_off(qualify(Judge(), defects(3), 0.05), tmp_path / "none" / "r.json", by="Ada", at=NOON)


def resigned(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["sha256"]
    change(content)
    total = hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    path.write_text(json.dumps({**content, "sha256": total}), encoding="utf-8")


def test_any_change_is_seen(record):
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace('"passed": false', '"passed": true'), encoding="utf-8")
    with pytest.raises(DatasetError, match="altered since it was signed off"):
        verify_record(record)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c.update(passed=True), "its numbers give a bound of"),
        (lambda c: c.update(misses=[]), "its numbers give a bound of"),
        (lambda c: c.update(n="many"), "not a whole record"),
        (lambda c: c.pop("misses"), "not a whole record: KeyError"),
        (lambda c: c.update(signed_off_at="yesterday"), "not a whole record: ValueError"),
        (lambda c: c.update(version=2), "expected format conveyorqc-qualification 1, got"),
    ],
)
def test_a_conclusion_that_does_not_follow_is_seen(record, change, expected):
    resigned(record, change)
    with pytest.raises(DatasetError, match=expected):
        verify_record(record)


@pytest.mark.parametrize(("text", "expected"), [("{", "expected JSON"), ("[]", "got a list"), ("\udcff", "JSON")])
def test_what_is_no_record_is_refused(tmp_path, text, expected):
    (tmp_path / "r.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(DatasetError, match=expected):
        verify_record(tmp_path / "r.json")
    with pytest.raises(DatasetError, match="cannot be read"):
        verify_record(tmp_path / "none.json")


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "r.json").open("wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(DatasetError, match="expected a record of"):
        verify_record(tmp_path / "r.json")


@given(st.binary(max_size=60) | st.text('{}[]":,0123456789nulltruefase', max_size=40).map(str.encode))
def test_no_bytes_give_anything_but_a_typed_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzzed.json"
    path.write_bytes(data)
    with pytest.raises(DatasetError):
        verify_record(path)
