"""The command line as a whole: what it says, where, and how it ends."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

import conveyorqc
from conveyorqc.cli import app

COMMANDS = [
    "calibrate", "crops", "dataset", "demo", "evaluate", "inspect", "models", "predict", "qualify", "retrain",
    "simulate", "suggest", "track", "train", "tune",
]  # fmt: skip
PYTHON = [sys.executable, "-W", "error", "-c"]
MAIN = "import sys; sys.argv = ['conveyorqc', *sys.argv[1:]]; from conveyorqc.cli import main; main()"


def in_a_process(*words, **more):
    return subprocess.run([*PYTHON, MAIN, *map(str, words)], capture_output=True, text=True, check=False, **more)


def test_version_is_printed(run):
    done = run("--version")
    assert (0, f"conveyorqc {conveyorqc.__version__}\n", "") == (done.code, done.out, done.err)


def test_commands_are_those_of_the_contract():
    assert COMMANDS == sorted(get_command(app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command):
    done = CliRunner().invoke(app, [command, "--help"])
    assert 0 == done.exit_code
    assert command in done.output


def test_every_option_is_explained():
    unexplained = [
        f"{name} {parameter.name}"
        for name, group in get_command(app).commands.items()
        for command in (group, *getattr(group, "commands", {}).values())
        for parameter in command.params
        if not parameter.help
    ]
    assert [] == unexplained


def test_no_arguments_show_the_help(run):
    done = run()
    assert 2 == done.code
    assert "Usage" in done.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bogus"], "No such command 'bogus' (see conveyorqc --help)"),
        (["track", "--bogus"], "No such option: --bogus (see conveyorqc track --help)"),
        (["track"], "Missing argument 'VIDEO' (see conveyorqc track --help)"),
        (["predict", "model"], "Missing argument 'IMAGE…' (see conveyorqc predict --help)"),
        (["train", "crops"], "Missing option '--out' (see conveyorqc train --help)"),
    ],
)
def test_wrong_usage_is_one_line(fails, words, expected):
    assert expected == fails(*words)


@pytest.fixture
def breaks(monkeypatch):
    """Makes `conveyorqc.video.open_video` raise."""

    def with_error(error):
        def broken(_path):
            raise error

        monkeypatch.setattr("conveyorqc.video.open_video", broken)

    return with_error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()], ids=["Ctrl-C", "as older typers say it"])
def test_an_interrupt_ends_quietly(run, breaks, error):
    breaks(error)
    done = run("track", "x.mp4")
    assert (130, "", "interrupted") == (done.code, done.out, done.err.strip())


def test_an_error_of_the_system_names_the_file(fails, breaks):
    breaks(PermissionError(13, "Permission denied", "x.mp4"))
    assert "x.mp4: Permission denied" == fails("track", "x.mp4")


def test_an_error_of_the_system_without_a_file_is_told_too(fails, breaks):
    breaks(OSError("no space"))
    assert "no space" == fails("track", "x.mp4")


def test_an_unexpected_error_is_a_line_that_says_how_to_learn_more(fails, breaks):
    breaks(ZeroDivisionError("by\n  zero"))
    assert "unexpected ZeroDivisionError: by zero (CONVEYORQC_DEBUG=1 shows where)" == fails("track", "x.mp4")


def test_a_traceback_is_shown_to_those_who_ask(monkeypatch, breaks):
    breaks(ZeroDivisionError("by zero"))
    monkeypatch.setenv("CONVEYORQC_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["conveyorqc", "track", "x.mp4"])
    with pytest.raises(ZeroDivisionError):
        conveyorqc.cli.main()


def test_the_stage_that_failed_is_named(fails, breaks):
    error = conveyorqc.errors.CalibrationError("nothing moves")
    error.add_note("in stage 'calibrate' of the demo")
    breaks(error)
    assert "nothing moves (in stage 'calibrate' of the demo)" == fails("track", "x.mp4")


def test_names_are_printed_as_they_are(fails):
    assert "[red]:car:[/x].mp4: no such file or folder" == fails("track", "[red]:car:[/x].mp4")


def test_notices_of_libraries_are_not_shown_but_ours_are(run, monkeypatch):
    class OwnNotice(UserWarning):
        __module__ = "conveyorqc.anomaly"

    def noisy(_path):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("a cast of NumPy", RuntimeWarning, stacklevel=1)
            warnings.warn("few pictures", OwnNotice, stacklevel=1)
        for name in ("libav.h264", "conveyorqc.dataset"):
            record = logging.LogRecord(name, logging.WARNING, __file__, 1, "from %s", (name,), None)
            conveyorqc.cli._app._OwnNotes().handle(record)
        raise conveyorqc.errors.VideoError("the end")

    monkeypatch.setattr("conveyorqc.video.open_video", noisy)
    assert "note: few pictures\nnote: from conveyorqc.dataset\nerror: the end\n" == run("track", "x.mp4").err


def test_an_error_in_a_process_of_its_own(tmp_path):
    done = in_a_process("track", tmp_path / "none.mp4")
    expected = f"error: {tmp_path / 'none.mp4'}: no such file or folder\n"
    assert (2, "", expected) == (done.returncode, done.stdout, done.stderr)


def test_a_pipe_gets_no_escape_codes(clip, line_file):
    forced = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS")
    env = {name: value for name, value in os.environ.items() if name not in forced}
    done = in_a_process("track", clip, "--config", line_file, env={**env, "TERM": "xterm-256color"})
    assert 0 == done.returncode
    assert "\x1b" not in done.stdout + done.stderr


def test_what_the_output_cannot_encode_is_spelled_out(tmp_path):
    done = in_a_process("track", tmp_path / "ä.mp4", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert 2 == done.returncode
    assert "\\xe4.mp4: no such file or folder" in done.stderr


def test_a_reader_that_leaves_is_no_error_to_talk_about():
    with subprocess.Popen([*PYTHON, MAIN, "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (1, b"") == (process.returncode, said)


def test_help_loads_no_heavy_library():
    heavy = "print([m for m in ('cv2', 'av', 'sklearn', 'scipy', 'skimage', 'pydantic', 'yaml') if m in sys.modules])"
    script = f"import sys\nfrom conveyorqc.cli import app\napp(['--help'], standalone_mode=False)\n{heavy}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.splitlines()[-1]
