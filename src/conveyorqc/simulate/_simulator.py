"""`BeltSimulator`: a clip of a cookie line, frame by frame, with exact ground truth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

import numpy as np

from conveyorqc.core import Direction, FloatArray, Frame, IntArray
from conveyorqc.dataset import GroundTruth
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import sliding_window
from conveyorqc.simulate._belt import belt_surface
from conveyorqc.simulate._camera import Camera, camera_shake
from conveyorqc.simulate._layout import Placed, place
from conveyorqc.simulate._look import Look
from conveyorqc.simulate._orient import turned_image
from conveyorqc.simulate._paint import CookiePainter
from conveyorqc.simulate._product import Label, random_product
from conveyorqc.simulate._program import BeltProgram
from conveyorqc.simulate._strip import Strip
from conveyorqc.simulate._truth import observe

__all__ = ["BeltAtStart", "BeltSimulator"]

BeltAtStart: TypeAlias = Literal["empty", "loaded"]

_LARGEST_PX = 8192
_RAIL_SHARE = 0.047  # of the breadth of the frame, each side
_DIAMETER_SHARE = 0.153  # of the shorter side of the frame


class BeltSimulator:
    """A belt with cookies on it, seen from above.

    The same arguments give the same clip, pixel by pixel (with the same versions of numpy and OpenCV). Exactly
    ``objects`` objects come into view, the last of them by about its own length.

    Args:
        width: of the frames, px.
        height: of the frames, px.
        fps: frames per second.
        seconds: length of the clip.
        objects: how many enter; a stack is one, a broken cookie with its pieces is one.
        seed: decides everything that is random.
        direction: of travel. The directions of one seed show the same scene turned, if width and height are exchanged
            for the vertical ones.
        speed_px_s: nominal speed of the belt. Faster spreads the objects and smears them.
        program: how the belt speeds up, stops and reverses; a slow drift of 2 % unless given.
        object_diameter_px: of a usual cookie; by default 0.153 of the frame's shorter side (110 px at 1280x720).
        broken_fraction: share of the objects that are broken.
        stacked_fraction: share of the objects that are stacks.
        touching_fraction: share of the objects that touch another one.
        lanes: number of lanes the objects keep to, or None: they lie anywhere.
        belt_at_start: ``"empty"``, or ``"loaded"``: the first frame shows a belt that has run for long, with as many
            objects on it as on any other.
        lost_fraction: share of the frames that never arrive, as from an overloaded camera or network, 0-0.9. Those
            that do keep their times; which are lost is random, but never the first.
        look: appearance of belt, light and camera.
        look_seed: decides what is random about the look; ``seed`` does when None. Clips with one look seed show the
            same line, with other objects on it.

    Raises:
        InvalidInput: if an argument is outside its range, the objects do not fit in the belt that comes by (the text
            says how many do), or the belt moves by more than a frame's length from one frame to the next.

    >>> simulator = BeltSimulator(width=320, height=180, seconds=2.0, objects=3, speed_px_s=100.0, seed=7)
    >>> simulator.truth.counts["objects"], sum(1 for frame in simulator.frames())
    (3, 50)
    """

    def __init__(
        self,
        *,
        width: int = 1280,
        height: int = 720,
        fps: float = 25.0,
        seconds: float = 12.0,
        objects: int = 30,
        seed: int = 0,
        direction: Direction | str = Direction.LEFT_TO_RIGHT,
        speed_px_s: float = 200.0,
        program: BeltProgram | None = None,
        object_diameter_px: float | None = None,
        broken_fraction: float = 0.17,
        stacked_fraction: float = 0.13,
        touching_fraction: float = 0.1,
        lanes: int | None = None,
        belt_at_start: BeltAtStart = "empty",
        lost_fraction: float = 0.0,
        look: Look | None = None,
        look_seed: int | None = None,
    ) -> None:
        _check_frame(width, height, fps, seconds)
        for name, chosen in (("seed", seed), ("look_seed", look_seed or 0)):
            if chosen < 0:
                raise InvalidInput(f"{name}: expected 0 or more, got {chosen}")
        self._look = Look() if look is None else look
        self._direction = _as_direction(direction)
        self._size = (width, height)
        self._length, self._breadth = (width, height) if self._direction.horizontal else (height, width)
        self._rail = max(4, round(_RAIL_SHARE * self._breadth), math.ceil(2 * self._look.shake_px) + 2)
        self._diameter = _DIAMETER_SHARE * min(width, height) if object_diameter_px is None else object_diameter_px
        _check("object_diameter_px", self._diameter, low=8.0, high=0.75 * (self._breadth - 2 * self._rail))
        self._fps = fps
        scene, shake, own_look, loss = np.random.SeedSequence(seed).spawn(4)
        self._times = _arriving(np.random.default_rng(loss), max(1, round(seconds * fps)), lost=lost_fraction) / fps
        self._program = BeltProgram(drift=0.02) if program is None else program
        self._speed = _check("speed_px_s", speed_px_s, low=0.0, high=1e6)
        self._travel = self._program.travel(self._times, speed_px_s=self._speed)
        _check_steps(self._travel, self._length)
        if belt_at_start not in get_args(BeltAtStart):
            raise InvalidInput(f"belt_at_start: expected 'empty' or 'loaded', got {belt_at_start!r}")
        if belt_at_start == "loaded":
            self._travel = self._travel + self._length
        self._look_seed = own_look if look_seed is None else np.random.SeedSequence(look_seed).spawn(3)[2]
        self._shake = camera_shake(np.random.default_rng(shake), len(self._times), shake_px=self._look.shake_px)
        if lanes is not None:
            _check("lanes", lanes, low=1, high=self._breadth)
        labels = _labels(objects, broken=broken_fraction, stacked=stacked_fraction)
        pairs = round(_check("touching_fraction", touching_fraction, low=0.0, high=1.0) * objects / 2)
        self._placed = self._arranged(np.random.default_rng(scene), labels, pairs=min(pairs, objects // 2), lanes=lanes)
        self._truth = self._observed(seed)

    @property
    def truth(self) -> GroundTruth:
        """What happens in the clip, exactly."""
        return self._truth

    def frames(self) -> Iterator[Frame]:
        """The clip from its first frame; each call starts anew. A few frames' worth of memory, however long it is."""
        rng = np.random.default_rng(self._look_seed)
        camera = Camera(rng, length=self._length, breadth=self._breadth, rail_px=self._rail, look=self._look)
        strip = self._strip(rng)
        smears = np.abs(self._program.factors(self._times)) * self._speed / self._fps * self._look.shutter
        columns = self._length + 2 * camera.margin
        for index, time_s in enumerate(self._times.tolist()):
            spare = math.ceil(smears[index]) + 1
            first = -float(self._travel[index]) - camera.margin
            start = math.floor(first) - spare
            belt = sliding_window(
                strip.window(start, columns + 2 * spare + 1),
                start_px=first - start,
                width=columns,
                length_px=float(smears[index]),
            )
            picture = camera.expose(belt, rng, time_s=time_s, shake=self._shake[index])
            yield Frame.from_bgr(turned_image(picture, direction=self._direction), index=index, time_s=time_s)

    def _arranged(
        self, rng: np.random.Generator, labels: list[Label], *, pairs: int, lanes: int | None
    ) -> tuple[Placed, ...]:
        """Every object at its place on the belt."""
        if not labels:
            return ()
        clear = max(2, round(0.05 * self._diameter))
        top, bottom = clear, self._breadth - 2 * self._rail - clear
        travel = math.floor(float(self._travel.max())) - 1 - math.ceil(2 * self._look.shake_px)
        travel -= math.ceil(min(self._diameter, 0.1 * travel))  # a sliver in the last frame would be no object yet
        _check_room(len(labels), travel=travel, breadth=bottom - top, diameter=self._diameter)
        products = [
            random_product(
                rng, label=labels[i], diameter_px=self._diameter, crumbs=self._look.crumbs, largest_height=bottom - top
            )
            for i in rng.permutation(len(labels)).tolist()
        ]
        return place(rng, products, pairs=pairs, top=top, bottom=bottom, travel=travel, gap=clear, lanes=lanes)

    def _strip(self, rng: np.random.Generator) -> Strip:
        look = self._look
        surface = belt_surface(
            rng,
            height=self._breadth - 2 * self._rail,
            frame_length=self._length,
            color=look.belt,
            texture=look.texture,
        )
        painter = CookiePainter(rng, diameter_px=self._diameter)
        return Strip(surface, self._placed, painter, shadow=look.shadow, diameter_px=self._diameter)

    def _observed(self, seed: int) -> GroundTruth:
        shifts = self._shake + np.column_stack([self._travel, np.full(len(self._times), self._rail)])
        objects, frames = observe(self._placed, shifts, length=self._length, direction=self._direction)
        return GroundTruth(
            clip=f"simulated-{seed}",
            seed=seed,
            width=self._size[0],
            height=self._size[1],
            fps=self._fps,
            direction=self._direction,
            belt=self._look.belt,
            speed_px_s=self._speed,
            objects=objects,
            frames=frames,
        )


def _labels(objects: int, *, broken: float, stacked: float) -> list[Label]:
    if objects < 0:
        raise InvalidInput(f"objects: expected 0 or more, got {objects}")
    _check("broken_fraction", broken, low=0.0, high=1.0)
    _check("stacked_fraction", stacked, low=0.0, high=1.0 - broken + 1e-9)
    bad, piled = round(broken * objects), round(stacked * objects)
    piled = min(piled, objects - bad)
    counts: dict[Label, int] = {"broken": bad, "stacked": piled, "normal": objects - bad - piled}
    return [label for label, count in counts.items() for _ in range(count)]


def _arriving(rng: np.random.Generator, frames: int, /, *, lost: float) -> IntArray:
    """Numbers of the frames that arrive, of ``frames`` that were taken."""
    _check("lost_fraction", lost, low=0.0, high=0.9)
    arrives = rng.random(frames) >= lost
    arrives[0] = True
    return np.flatnonzero(arrives)


def _as_direction(value: Direction | str) -> Direction:
    try:
        return Direction(value)
    except ValueError as error:
        known = ", ".join(direction.value for direction in Direction)
        raise InvalidInput(f"direction: expected one of {known}, got {value!r}") from error


def _check(name: str, value: float, *, low: float, high: float) -> float:
    if not low <= value <= high:
        raise InvalidInput(f"{name}: expected a number in {low:g}-{high:g}, got {value}")
    return value


def _check_frame(width: int, height: int, fps: float, seconds: float) -> None:
    for name, size in (("width", width), ("height", height)):
        _check(name, size, low=64, high=_LARGEST_PX)
    _check("fps", fps, low=0.1, high=1000.0)
    _check("seconds", seconds, low=1.0 / fps, high=86_400.0)


def _check_steps(travel: FloatArray, length: int) -> None:
    farthest = float(np.abs(np.diff(travel)).max(initial=0.0))
    if farthest > length:
        raise InvalidInput(
            f"speed_px_s: expected at most the frame's length of {length} px from frame to frame, got {farthest:.0f} px"
        )


def _check_room(objects: int, *, travel: int, breadth: int, diameter: float) -> None:
    """Refuse at once what cannot fit, before anything is drawn: even half a cookie takes this much belt."""
    if travel < 0:
        raise InvalidInput(f"objects: expected 0, because the belt brings none in, got {objects}")
    belt = breadth * (travel + 1.5 * diameter)
    if objects * 0.3 * diameter**2 > belt:
        most = int(belt / (1.3 * diameter**2))
        raise InvalidInput(f"objects: expected at most about {most} on {travel} px of belt, got {objects}")
