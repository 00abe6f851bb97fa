"""MOTChallenge rows: the format to the letter, there and back."""

import numpy as np
import pytest

from conveyorqc.core import PastBoxes, Tracks
from conveyorqc.dataset import MotRow, mot_rows, read_mot, write_mot
from conveyorqc.errors import DatasetError


def test_frames_count_from_one_and_px_have_at_most_two_decimals(tmp_path):
    rows = [MotRow(4, 2, (10.0, 20.456, 30.5, 40.0), 0.87654), MotRow(0, 1, (-0.001, 0, 1280, 720))]

    written = write_mot(rows, tmp_path / "out.csv")

    assert written == 2
    assert (tmp_path / "out.csv").read_bytes() == (
        b"1,1,0,0,1280,720,1,-1,-1,-1\n5,2,10,20.46,20.5,19.54,0.8765,-1,-1,-1\n"
    )


def test_rows_are_sorted_by_frame_and_id(tmp_path):
    box = (0.0, 0.0, 1.0, 1.0)
    write_mot([MotRow(2, 1, box), MotRow(1, 9, box), MotRow(1, 3, box)], tmp_path / "out.csv")

    assert [(row.frame_index, row.object_id) for row in read_mot(tmp_path / "out.csv")] == [(1, 3), (1, 9), (2, 1)]


def test_rows_come_back_as_they_were(tmp_path):
    rows = [MotRow(0, 1, (1.25, 2.5, 11.75, 22.0), 0.5)]
    write_mot(rows, tmp_path / "out.csv")

    assert read_mot(tmp_path / "out.csv") == rows


def test_tracks_give_their_boxes_and_those_of_the_past():
    tracks = Tracks([1, 4], [[0, 0, 5, 5], [1, 1, 6, 6]], past=(PastBoxes(4, np.array([7, 8]), [[0, 1, 4, 6]] * 2),))

    rows = list(mot_rows(9, tracks))

    assert [(row.frame_index, row.object_id) for row in rows] == [(7, 4), (8, 4), (9, 1), (9, 4)]
    assert (rows[0].box, rows[3].box) == ((0, 1, 4, 6), (1, 1, 6, 6))


def test_ground_truth_with_fewer_columns_and_blank_lines_is_read(tmp_path):
    (tmp_path / "gt.txt").write_text("1, 5, 10, 20, 30, 40, 1, 1, 0.9\n\n", encoding="utf-8")

    assert read_mot(tmp_path / "gt.txt") == [MotRow(0, 5, (10, 20, 40, 60), 1.0)]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1,2,3", "expected 7 to 10 columns, got 3"),
        ("1,1,0,0,9,9,1,-1,-1,-1,-1", "got 11"),
        ("1,one,0,0,9,9,1", "expected numbers"),
        ("0,1,0,0,9,9,1", "expected a frame from 1 and a finite box"),
        ("1,1,0,0,-9,9,1", "finite box"),
        ("1,1,nan,0,9,9,1", "finite box"),
    ],
)
def test_a_line_that_is_no_row_is_refused_by_its_number(tmp_path, line, complaint):
    (tmp_path / "gt.txt").write_text(f"1,1,0,0,9,9,1\n{line}\n", encoding="utf-8")

    with pytest.raises(DatasetError, match=rf"gt\.txt, line 2: .*{complaint}"):
        read_mot(tmp_path / "gt.txt")


def test_files_that_cannot_be_read_or_written_are_named(tmp_path):
    with pytest.raises(DatasetError, match=r"gone\.txt: cannot be read"):
        read_mot(tmp_path / "gone.txt")
    with pytest.raises(DatasetError, match="cannot be written"):
        write_mot([], tmp_path)
