"""Outputs are refused before the work begins, and never half written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conveyorqc.cli._files import STDOUT, all_or_nothing, check_files, check_folder, write_json, write_json_lines
from conveyorqc.errors import InvalidInput


def test_a_file_in_a_folder_that_exists_is_fine(tmp_path):
    (tmp_path / "old.json").write_text("{}")
    assert check_files(tmp_path / "old.json", tmp_path / "new.json", None, STDOUT, sources=[]) is None


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InvalidInput, match="expected a file to write, got a folder"):
        check_files(tmp_path, sources=[])


@pytest.mark.parametrize("parent", ["missing", "file.txt"])
def test_a_file_needs_a_folder(tmp_path, parent):
    (tmp_path / "file.txt").touch()
    with pytest.raises(InvalidInput, match=f"but .*{parent} is none"):
        check_files(tmp_path / parent / "out.json", sources=[])


def test_what_is_read_is_not_written(tmp_path):
    video = tmp_path / "clip.mp4"
    video.touch()
    with pytest.raises(InvalidInput, match="got a file that is read"):
        check_files(tmp_path / "." / "clip.mp4", sources=[video])


def test_two_outputs_do_not_share_a_file(tmp_path):
    with pytest.raises(InvalidInput, match="got one that is written already"):
        check_files(tmp_path / "out.json", tmp_path / "out.json", sources=[])


def test_a_device_may_take_several_outputs():
    null = Path(os.devnull)
    assert check_files(null, null, sources=[]) is None


@pytest.mark.parametrize("check", [lambda path: check_files(path, sources=[]), check_folder])
def test_what_is_write_protected_is_refused(tmp_path, monkeypatch, check):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InvalidInput, match="write-protected"):
        check(tmp_path / "out")


def test_a_folder_may_be_new_and_deep(tmp_path):
    assert check_folder(tmp_path / "a" / "b" / "c") is None


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_is_no_folder(tmp_path, below):
    file = tmp_path / "file.txt"
    file.touch()
    with pytest.raises(InvalidInput, match=r"expected a folder, but .*file\.txt is a file"):
        check_folder(file / below)


def test_what_was_begun_and_not_finished_is_removed(tmp_path):
    begun, untouched = tmp_path / "begun.mp4", tmp_path / "never.json"

    def stopped():
        with all_or_nothing(begun, untouched):
            begun.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [] == list(tmp_path.iterdir())


def test_what_was_finished_stays(tmp_path):
    with all_or_nothing(tmp_path / "done.mp4"):
        (tmp_path / "done.mp4").write_text("all")
    assert "all" == (tmp_path / "done.mp4").read_text()


def test_json_is_plain_ascii_and_says_the_same(tmp_path):
    data = {"file": "Ünïcode \udcff.png", "score": 0.1}
    write_json(data, tmp_path / "out.json")
    text = (tmp_path / "out.json").read_bytes().decode("ascii")
    assert data == json.loads(text)


def test_json_goes_to_standard_output_on_request(capsys):
    write_json_lines([{"a": 1}, {"a": 2}], STDOUT)
    assert '{"a": 1}\n{"a": 2}\n' == capsys.readouterr().out


def test_no_target_means_no_json(capsys):
    write_json({"a": 1}, None)
    assert "" == capsys.readouterr().out
