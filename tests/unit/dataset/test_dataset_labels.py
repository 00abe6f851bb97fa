"""``labels.csv``: forgiving about spreadsheets, strict about meaning."""

import pytest

from conveyorqc.dataset import read_labels, write_labels
from conveyorqc.errors import DatasetError, InvalidInput


def labels_in(tmp_path, text, encoding="utf-8"):
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    return read_labels(tmp_path)


def test_labels_come_back_as_they_were_and_sorted(tmp_path):
    write_labels(tmp_path, {12: "anomaly", 3: "normal"})

    assert (tmp_path / "labels.csv").read_bytes() == b"object_id,label\n3,normal\n12,anomaly\n"
    assert read_labels(tmp_path) == {3: "normal", 12: "anomaly"}


@pytest.mark.parametrize(
    "text",
    [
        "object_id,label\n3,normal\n12,anomaly\n",
        "\ufeffobject_id,label\r\n3,normal\r\n12,anomaly\r\n",
        "note,label,object_id\n,Normal , 3\nbroken,ANOMALY,000012\n",
        "object_id,label\n\n3,normal\n3,normal\n12,anomaly",
    ],
)
def test_files_of_spreadsheets_are_read(tmp_path, text):
    assert labels_in(tmp_path, text) == {3: "normal", 12: "anomaly"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"line 1: expected the header object_id,label, got an empty file"),
        ("object_id;label\n3;normal\n", r"line 1: expected the header object_id,label, got \['object_id;label'\]"),
        ("object_id,label\n3,broken\n", "line 2: label: expected normal or anomaly, got 'broken'"),
        ("object_id,label\n3\n", "line 2: label: expected normal or anomaly, got ''"),
        ("object_id,label\nthree,normal\n", "line 2: object_id: expected a whole number, got 'three'"),
        ("object_id,label\n3,normal\n4,normal\n3,anomaly\n", "line 4: object 3 is anomaly, but normal in line 2"),
        (f"object_id,label\n3,{'x' * 200_000}\n", "line 2: expected at most 8192 characters"),
    ],
)
def test_a_line_that_means_nothing_is_refused_by_its_number(tmp_path, text, complaint):
    with pytest.raises(DatasetError, match=rf"labels\.csv, {complaint}"):
        labels_in(tmp_path, text)


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="expected UTF-8"):
        labels_in(tmp_path, "object_id,label,Bemerkung\n3,normal,Käse\n", encoding="latin-1")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"labels\.csv: cannot be read"):
        read_labels(tmp_path)


def test_unknown_labels_are_not_written(tmp_path):
    with pytest.raises(InvalidInput, match=r"labels: expected normal or anomaly, got \['broken'\]"):
        write_labels(tmp_path, {1: "broken"})


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"labels\.csv: cannot be written"):
        write_labels(tmp_path / "nowhere", {1: "normal"})
