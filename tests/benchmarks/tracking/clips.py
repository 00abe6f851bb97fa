"""The clips: twelve kinds of belt at three picture sizes, simulated once and kept in a folder."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import conveyorqc.simulate
from conveyorqc.dataset import GroundTruth
from conveyorqc.simulate import BeltProgram, BeltSimulator, Look, simulate_clip

__all__ = ["DEFAULT", "KINDS", "Clip", "Scene", "prepared", "scene_named"]

EXPOSURE_S = 0.004  # of a factory camera: what is fast smears, what is only seen seldom does not
CRF = 20.0  # at 25 frames per second
STEADY = BeltProgram()
DIAMETER = 113 / 720  # of an object, as a share of the frame's height
STEP = 8.5 / 113  # diameters from frame to frame on the standard clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a clip shows. ``diameter`` is in shares of the frame's height, ``step`` in standard diameters per frame."""

    name: str = ""
    height: int = 720
    frames: int = 300
    fps: float = 25.0
    visible: int = 33
    diameter: float = DIAMETER
    step: float = STEP
    program: BeltProgram = STEADY
    shake: float = 0.0  # px at 720p
    lighting: float = 0.16
    noise: float = 2.5
    lost: float = 0.0

    @property
    def width(self) -> int:
        return self.height * 16 // 9

    @property
    def diameter_px(self) -> float:
        return self.diameter * self.height

    @property
    def px_per_frame(self) -> float:
        return self.step * DIAMETER * self.height

    @property
    def life_frames(self) -> float:
        """For how many frames an object is in view while the belt runs."""
        return (self.width + self.diameter_px) / self.px_per_frame

    @property
    def crf(self) -> float:
        """For the same quality on any clip: x264 spends more on frames that last longer (its qcomp is 0.6)."""
        return CRF + 6 * 0.4 * math.log2(25.0 / self.fps)

    def simulator(self, seed: int) -> BeltSimulator:
        speed = self.px_per_frame * self.fps
        times = np.arange(self.frames) / self.fps
        belt = self.width + float(self.program.travel(times, speed_px_s=speed).max())
        return BeltSimulator(
            width=self.width,
            height=self.height,
            fps=self.fps,
            seconds=self.frames / self.fps,
            objects=round(self.visible * belt / self.width),
            seed=seed,
            speed_px_s=speed,
            program=self.program,
            object_diameter_px=self.diameter_px,
            broken_fraction=0.08,
            stacked_fraction=0.06,
            touching_fraction=0.12,
            belt_at_start="loaded",
            lost_fraction=self.lost,
            look=Look(
                shutter=min(1.0, EXPOSURE_S * self.fps),
                shake_px=self.shake * self.height / 720,
                lighting=self.lighting,
                noise=self.noise,
            ),
        )


KINDS: dict[str, Scene] = {
    "std": Scene(),
    "n10": Scene(visible=10),
    "n100": Scene(visible=100, diameter=DIAMETER * (33 / 100) ** 0.5),
    "n300": Scene(visible=300, diameter=DIAMETER * (33 / 300) ** 0.5, frames=200),
    "stop": Scene(program=BeltProgram(segments=((0.0, 1.0), (4.0, 0.0), (7.0, 1.0)))),
    "creep": Scene(program=BeltProgram(segments=((0.0, 1.0), (4.0, -0.5), (6.5, 1.0)))),
    "shake": Scene(shake=3.0),
    "dark": Scene(lighting=0.9, noise=9.0),
    "drop": Scene(step=32 / 113, lost=0.15),
    "fast": Scene(step=0.38),
    "vfast": Scene(step=0.75, frames=120),
    "lowfps": Scene(step=1.13, frames=80, fps=25 * STEP / 1.13),
}

DEFAULT = ("std-360", "std-720", "std-1080", *(f"{kind}-720" for kind in KINDS if kind != "std"))


@dataclass(frozen=True, slots=True)
class Clip:
    """A scene on disk."""

    scene: Scene
    video: Path

    @property
    def truth(self) -> GroundTruth:
        return GroundTruth.load(self.video.with_suffix(".gt.json"))


def scene_named(name: str, /, *, quick: bool = False) -> Scene:
    """``KIND-HEIGHT``, such as ``fast-1080``; a quick one is half as long."""
    kind, _, height = name.partition("-")
    if kind not in KINDS or not re.fullmatch(r"[1-9]\d{2,3}", height):
        raise SystemExit(f"{name}: expected KIND-HEIGHT, such as std-720; kinds: {', '.join(KINDS)}")
    scene = replace(KINDS[kind], name=name, height=int(height))
    return replace(scene, frames=scene.frames // 2) if quick else scene


def prepared(scene: Scene, /, *, seed: int, cache: Path) -> Clip:
    """The clip of ``scene``, simulated unless ``cache`` holds it from an earlier run of the same simulator."""
    folder = cache / f"{scene.name}-{seed}-{_fingerprint(scene)}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as unfinished:
            made = Path(unfinished) / "clip"
            made.mkdir()
            simulate_clip(scene.simulator(seed), made / "clip.mp4", crf=scene.crf)
            shutil.move(made, folder)
    return Clip(scene, folder / "clip.mp4")


def _fingerprint(scene: Scene) -> str:
    digest = hashlib.sha256(f"{scene} crf {scene.crf}".encode())
    for source in sorted(Path(conveyorqc.simulate.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:8]
