"""The start-up check of OpenCV: a wheel that cannot work says so, and how to mend it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest

from conveyorqc.errors import BrokenInstallError, InvalidInput
from conveyorqc.imgproc import _opencv


def loaded_again():
    """A fresh copy of the module, which imports cv2 anew."""
    spec = importlib.util.spec_from_file_location("opencv_again", _opencv.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wheel_that_works_passes():
    assert loaded_again().cv2 is _opencv.cv2


def test_a_wheel_that_cannot_be_loaded_says_how_to_mend_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)

    with pytest.raises(BrokenInstallError, match=r"OpenCV cannot be loaded: .*pip uninstall -y") as caught:
        loaded_again()
    assert isinstance(caught.value.__cause__, ImportError)


def test_a_wheel_with_parts_missing_names_them(monkeypatch):
    half = ModuleType("cv2")
    half.cvtColor = half.findContours = half.TrackerMIL = print
    monkeypatch.setitem(sys.modules, "cv2", half)

    with pytest.raises(
        BrokenInstallError, match=r"installed without phaseCorrelate, distanceTransform.*opencv-python-headless"
    ):
        loaded_again()


def test_a_machine_without_libgl_is_told_of_the_headless_wheel(tmp_path):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import conveyorqc.imgproc"

    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "BrokenInstallError: OpenCV cannot be loaded: libGL.so.1" in ended.stderr
    assert "opencv-python-headless" in ended.stderr.splitlines()[-1]


def test_a_mask_becomes_zeros_and_ones_in_the_same_memory():
    mask = np.array([[True, False], [False, True]])

    values = _opencv.mask_u8(mask)

    assert values.tolist() == [[1, 0], [0, 1]]
    assert np.shares_memory(values, mask)


@pytest.mark.parametrize(
    "mask", [np.full((2, 2), 255, np.uint8), np.ones((2, 2, 1), bool), np.ones((0, 2), bool), None]
)
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(InvalidInput, match=r"mask: expected \(H, W\) bool"):
        _opencv.mask_u8(mask)
