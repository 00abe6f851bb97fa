"""A user of the command line, and what this user has at hand: a clip, labelled pictures, a model."""

from __future__ import annotations

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.calibrate import calibrate
from conveyorqc.cli import main
from conveyorqc.config import save_config
from conveyorqc.imgproc import write_png
from conveyorqc.simulate import BeltSimulator, simulate_clip
from conveyorqc.video import open_video

OBJECTS = 6


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line; gives the exit code and what was said on standard output and standard error."""

    def command(*words):
        monkeypatch.setattr(sys, "argv", ["conveyorqc", *map(str, words)])
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(code=end.value.code, out=said.out, err=said.err)

    return command


@pytest.fixture
def fails(run):
    """Run a command line that must fail as promised: exit code 2, one line on standard error, nothing else."""

    def command(*words):
        done = run(*words)
        assert (2, "", 1) == (done.code, done.out, done.err.count("\n")), done
        assert done.err.startswith("error: ")
        return done.err.removeprefix("error: ").rstrip("\n")

    return command


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """A video of 5 s with six objects, in a folder with spaces and letters beyond ASCII."""
    path = tmp_path_factory.mktemp("ein Förderband") / "clip ä.mp4"
    simulate_clip(BeltSimulator(width=320, height=180, seconds=5.0, objects=OBJECTS, speed_px_s=70.0, seed=3), path)
    return path


@pytest.fixture(scope="session")
def line_file(clip, tmp_path_factory):
    """The line of the clip as YAML."""
    path = tmp_path_factory.mktemp("line") / "line.yaml"
    save_config(calibrate(open_video(clip)), path)
    return path


@pytest.fixture(scope="session")
def cut_clip(clip, tmp_path_factory):
    """The clip without its last third."""
    path = tmp_path_factory.mktemp("cut") / "cut.mp4"
    data = clip.read_bytes()
    path.write_bytes(data[: 2 * len(data) // 3])
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A data set of 14 whole plates in normal/ and 6 broken ones in anomaly/."""
    folder = tmp_path_factory.mktemp("plates")
    rng = np.random.default_rng(7)
    for label, count in (("normal", 14), ("anomaly", 6)):
        (folder / label).mkdir()
        for number in range(count):
            write_png(folder / label / f"plate {number}.png", plate(rng, broken=label == "anomaly"))
    return folder


def plate(rng, *, broken):
    """(96, 96, 3) uint8: a disc on a blue belt, of which a quarter may be missing."""
    y, x = np.mgrid[:96, :96] - 48.0
    disc = np.hypot(x, y) < 32 + 3 * rng.random()
    if broken:
        disc &= ~((x > 0) & (y > -6 * rng.random()))
    picture = np.where(disc[..., None], (80, 140, 200), (170, 148, 118)) + rng.normal(0, 4, (96, 96, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def model(pictures, tmp_path_factory):
    """The folder of a model that was trained on the plates."""
    from conveyorqc.dataset import read_dataset

    data = read_dataset(pictures)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer pictures than a threshold that counts should rest on
        backend = LocalBackend.fit([one.load().image for one in data], [one.label for one in data])
    folder = tmp_path_factory.mktemp("model")
    backend.save(folder)
    return folder
