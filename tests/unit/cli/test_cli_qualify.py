"""``conveyorqc qualify``."""

from __future__ import annotations

import shutil

import pytest

from conveyorqc.evaluation import verify_record


@pytest.fixture
def signed(tmp_path):
    return ["--by", "Ada Lovelace", "--out", tmp_path / "record.json"]


def test_enough_defects_that_are_all_found_qualify(run, model, pictures, signed):
    done = run("qualify", model, pictures / "anomaly", "--max-miss-rate", "0.5", *signed)
    record = verify_record(signed[-1])
    assert 0 == done.code
    assert "PASSED: 0 of 6 known defects missed; the miss rate is at most 0.3930 at 0.95 confidence" in done.out
    assert (True, 6, "Ada Lovelace") == (record.qualification.passed, record.qualification.n, record.by)
    assert record.sha256[:16] in done.err


def test_too_few_fail_with_exit_code_1_and_say_how_many_are_missing(run, model, pictures, signed):
    done = run("qualify", model, pictures, *signed)
    assert 1 == done.code
    assert "FAILED: 0 of 6" in done.out
    assert "53 more known defects are needed, none of them missed" in done.out
    assert not verify_record(signed[-1]).qualification.passed


def test_missed_defects_are_named(run, model, pictures, signed, line_file):
    done = run("qualify", model, pictures / "normal", "--line", line_file, *signed)
    assert 1 == done.code
    assert "missed: plate" in done.out


def test_a_record_is_never_overwritten(fails, model, pictures, signed):
    signed[-1].write_text("older")
    assert "never overwritten" in fails("qualify", model, pictures, *signed)
    assert "older" == signed[-1].read_text()


def test_known_defects_must_be_there(fails, model, pictures, signed, tmp_path):
    shutil.copytree(pictures / "normal", tmp_path / "data" / "normal")
    assert "expected known defects, got 14 pictures of normal objects" in fails(
        "qualify", model, tmp_path / "data", *signed
    )
    assert "max_miss_rate" in fails("qualify", model, pictures, "--max-miss-rate", "0", *signed)
    assert not signed[-1].exists()
