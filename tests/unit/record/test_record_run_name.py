"""The name of a run: what it hangs on and what it does not."""

from __future__ import annotations

import re

import pytest

from conveyorqc.errors import VideoError
from conveyorqc.record import run_name


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"pictures of a belt")
    return path


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "frames"
    path.mkdir()
    for index in range(3):
        (path / f"{index}.png").write_bytes(b"picture %d" % index)
    return path


def test_the_same_run_has_the_same_name_of_16_hexadecimal_digits(clip):
    name = run_name(clip, "line", "model")
    assert re.fullmatch("[0-9a-f]{16}", name)
    assert name == run_name(str(clip), "line", "model")


def test_the_name_is_the_same_in_every_release(clip):
    assert "a5729ca1cf0a54d0" == run_name(clip, "line", "model")


def test_the_file_may_be_renamed_but_not_changed(clip):
    before = run_name(clip)
    renamed = clip.rename(clip.with_name("förderband 带.mp4"))
    assert before == run_name(renamed)
    renamed.write_bytes(b"pictures of a bell")
    assert before != run_name(renamed)


def test_the_recipe_counts_part_by_part(clip):
    recipes = [(), ("",), ("ab",), ("a", "b"), ("b", "a"), ("a", "b", "")]
    assert len(recipes) == len({run_name(clip, *recipe) for recipe in recipes})


def test_a_recipe_may_hold_any_text(clip):
    assert run_name(clip, "带 \udcff") != run_name(clip, "带 ")


def test_a_folder_may_be_moved(folder, tmp_path):
    before = run_name(folder)
    assert before == run_name(folder.rename(tmp_path / "elsewhere"))


def test_every_file_of_a_folder_counts_with_its_name(folder):
    names = [run_name(folder)]
    (folder / "1.png").write_bytes(b"another picture")
    names.append(run_name(folder))
    (folder / "1.png").rename(folder / "4.png")
    names.append(run_name(folder))
    (folder / "0.png").unlink()
    names.append(run_name(folder))
    assert len(names) == len(set(names))


def test_folders_within_the_folder_do_not_count(folder):
    before = run_name(folder)
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / "0.png").write_bytes(b"small")
    assert before == run_name(folder)


def test_an_empty_folder_has_a_name_that_the_recipe_changes(tmp_path):
    assert run_name(tmp_path) != run_name(tmp_path, "line")


@pytest.mark.parametrize("make", [lambda path: path, lambda path: path / "below"])
def test_a_missing_file_is_named(tmp_path, make):
    missing = make(tmp_path / "missing.mp4")
    with pytest.raises(VideoError, match=r"missing\.mp4.*: cannot be read"):
        run_name(missing)


def test_a_null_byte_in_the_name_is_refused(tmp_path):
    with pytest.raises(VideoError, match="cannot be read"):
        run_name(f"{tmp_path}/clip\0.mp4")
