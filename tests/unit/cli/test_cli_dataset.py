"""``conveyorqc dataset``."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from conveyorqc.dataset import read_dataset
from conveyorqc.imgproc import write_png


@pytest.mark.parametrize("to", ["manifest", "folders", "mvtec", "coco", "csv"])
def test_a_data_set_is_converted_and_read_again(run, pictures, tmp_path, to):
    done = run("dataset", "convert", pictures, tmp_path / "out", "--to", to, "--test-fraction", "0.25", "--seed", "3")
    back = read_dataset(tmp_path / "out")

    assert (0, f"{tmp_path / 'out'}: 20 pictures as {to}\n") == (done.code, done.out)
    assert [14, 6] == np.bincount(back.anomalous).tolist()
    assert {"train", "test"} == {image.split for image in back}


def test_references_of_a_manifest_get_a_prefix_and_are_mapped_back(run, fails, pictures, tmp_path):
    out, prefix = tmp_path / "out", "s3://bucket/plates/"
    run("dataset", "convert", pictures, out, "--to", "manifest", "--prefix", prefix)

    assert "aws s3 sync s3://bucket/plates/images/" in fails("dataset", "stats", out)
    assert 0 == run("dataset", "stats", out, "--map", f"{prefix}=.").code
    assert "expected PREFIX=FOLDER" in fails("dataset", "stats", out, "--map", "x")
    assert "with --to manifest only" in fails("dataset", "convert", pictures, out, "--to", "csv", "--prefix", "x")


def test_a_conversion_that_fails_leaves_nothing_behind(fails, pictures, tmp_path):
    source = shutil.copytree(pictures, tmp_path / "source")
    (source / "normal" / "zz.png").write_text("text")

    assert "zz.png: expected PNG" in fails("dataset", "convert", source, tmp_path / "out", "--to", "csv")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_files_stays_as_it_is(fails, pictures, tmp_path):
    (tmp_path / "mine.txt").touch()

    assert "expected a new or an empty folder" in fails("dataset", "convert", pictures, tmp_path, "--to", "csv")
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]


def test_statistics_for_people_and_for_programs(run, pictures, tmp_path):
    write_png(tmp_path / "m.png", np.full((96, 96, 3), 255, np.uint8))
    shutil.copy(pictures / "normal" / "plate 0.png", tmp_path / "a.png")
    (tmp_path / "t.csv").write_text("file,label,mask,defect\na.png,anomaly,m.png,crack\n", encoding="utf-8")
    shown = run("dataset", "stats", tmp_path / "t.csv").out
    counts = json.loads(run("dataset", "stats", pictures, "--json").out)

    assert "crack" in shown
    assert "100.00%" in shown
    assert "sizes: 96x96 (1)" in shown
    assert {"normal": 14, "anomaly": 6} == counts["pictures"]


def test_a_check_without_errors_ends_well_and_a_strict_one_minds_warnings(run, pictures):
    done = run("dataset", "check", pictures)
    strict = run("dataset", "check", pictures, "--strict")

    assert 0 == done.code
    assert "warning: too_few: expected 20 normal pictures or more, got 14" in done.out
    assert "20 pictures: 0 errors, 1 warnings" in done.out
    assert 1 == strict.code


def test_errors_are_named_with_their_files_and_end_with_code_1(run, pictures, tmp_path):
    other = tmp_path / "other"
    for label in ("normal", "anomaly"):
        (other / label).mkdir(parents=True)
    shutil.copy(pictures / "normal" / "plate 3.png", other / "anomaly" / "again.png")
    (other / "anomaly" / "broken.png").write_text("text")
    done = run("dataset", "check", pictures, "--test", other, "--json", "--objects", "separate")
    found = json.loads(done.out)

    assert (1, 21, 3, 1) == (done.code, found["pictures"] - 1, found["errors"], found["warnings"])
    kinds = {
        finding["kind"]: [name.rsplit("/")[-1].rsplit("\\")[-1] for name in finding["files"]]
        for finding in found["findings"]
    }
    assert ["plate 3.png", "again.png"] == kinds["label_conflict"] == kinds["split_duplicate"]
    assert "broken.png: expected PNG" in next(f["text"] for f in found["findings"] if f["kind"] == "unreadable")


def test_the_same_object_in_two_data_sets_is_found_unless_ids_are_separate(run, pictures, tmp_path):
    for name, plate in (("a", 0), ("b", 1)):
        (tmp_path / name / "normal").mkdir(parents=True)
        shutil.copy(pictures / "normal" / f"plate {plate}.png", tmp_path / name / "normal" / "000012_000001.png")
    words = ["dataset", "check", tmp_path / "a", "--test", tmp_path / "b", "--json"]

    shared, separate = (json.loads(run(*words, *more).out) for more in ([], ["--objects", "separate"]))

    assert "split_object" in [finding["kind"] for finding in shared["findings"]]
    assert "split_object" not in [finding["kind"] for finding in separate["findings"]]


def test_every_bad_line_is_a_finding(run, tmp_path):
    (tmp_path / "t.csv").write_text("file,label\ngone.png,normal\nhere.png,huh\n", encoding="utf-8")
    done = run("dataset", "check", tmp_path / "t.csv")

    assert 1 == done.code
    assert [", line 2: ", ", line 3: "] == [part for part in (", line 2: ", ", line 3: ") if part in done.out]


def test_many_findings_of_a_kind_are_summed_up(run, tmp_path):
    lines = [f"{number}.png,normal" for number in range(13)]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    done = run("dataset", "check", tmp_path / "t.csv")

    assert 10 == done.out.count("error: unreadable")
    assert "and 3 more of the kind unreadable; --json gives all" in done.out


def test_a_background_that_tells_the_label_is_said(run, tmp_path):
    rng = np.random.default_rng(0)
    for label, belt in (("normal", 90), ("anomaly", 110)):
        (tmp_path / label).mkdir()
        for number in range(21):
            picture = belt + rng.integers(0, 12, (64, 64, 3))
            picture[20:44, 20:44] = resizable(rng)
            write_png(tmp_path / label / f"{number}.png", picture.astype(np.uint8))
    done = run("dataset", "check", tmp_path)

    assert 0 == done.code
    assert (
        "warning: background_leak: the picture without its object predicts the label: background-only AUROC 1.00"
        in done.out
    )
    assert "and 38 more" in done.out


def resizable(rng):
    """(24, 24, 3) coarse blotches, so that no two pictures are alike."""
    return rng.integers(150, 255, (4, 4, 3)).repeat(6, axis=0).repeat(6, axis=1)


def test_a_clean_data_set_is_told_so(run, tmp_path):
    rng = np.random.default_rng(0)
    for label in ("normal", "anomaly"):
        (tmp_path / label).mkdir()
        for number in range(21):
            picture = 90 + rng.integers(0, 12, (64, 64, 3))
            picture[20:44, 20:44] = resizable(rng)
            write_png(tmp_path / label / f"{number}.png", picture.astype(np.uint8))
    done = run("dataset", "check", tmp_path)

    assert (0, "42 pictures: 0 errors, 0 warnings\n") == (done.code, done.out)
    assert "nothing found" in done.err


@pytest.mark.parametrize("command", ["check", "stats"])
def test_what_is_no_data_set_is_an_error(fails, tmp_path, command):
    assert "expected a folder with" in fails("dataset", command, tmp_path)
    assert "nothing there" in fails("dataset", command, tmp_path / "gone")


@pytest.mark.real_data
def test_the_leak_of_the_photographs_is_reported(run, data_dir):
    done = run("dataset", "check", data_dir / "cookies-photos" / "train.manifest", "--json")
    found = json.loads(done.out)["findings"]

    assert {"background_leak", "duplicate"} == {finding["kind"] for finding in found}
