"""Products that differ in kind from cookies, drawn: cast parts, toy figures, printed labels, wooden tiles, bolts.

Each function draws one piece; with ``spoiled`` it has one defect, of a kind and size that vary. No constant of the
library was chosen by the look of a single piece here.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .canvas import SIDE, Canvas, Plane, X, around, blob, cloud, ellipse, soft, stroke, wander


class Drawing(Protocol):
    def __call__(self, rng: np.random.Generator, *, spoiled: bool) -> Canvas: ...


Rng = np.random.Generator
MIDDLE = SIDE / 2


def casting(rng: Rng, *, spoiled: bool) -> Canvas:
    """A grey cast wheel that fills the picture: rim, hub, six vanes, any rotation."""
    canvas = Canvas(rng.normal(150, 4))
    x, y = rng.normal(MIDDLE, 2, 2)
    u, v = around(x, y)
    radius, angle = np.hypot(u, v), np.arctan2(v, u) + rng.uniform(0, 2 * np.pi)
    disc = soft(radius - 116)
    canvas.paint(disc, 122 + 5 * cloud(rng, 1.5) + 4 * cloud(rng, 6))
    for ring, change in ((108, 22), (100, -18), (46, 20), (38, -25), (18, -45)):
        canvas.shade(np.exp(-(((radius - ring) / 3.5) ** 2)), change + rng.normal(0, 2))
    vane = np.cos(6 * (angle + 0.006 * radius))
    canvas.shade(np.clip(vane - 0.55, 0, 1) * 2 * ((radius > 48) & (radius < 98)), 22)
    canvas.paint(soft(radius - 14), 45)
    if spoiled:
        _spoil_casting(rng, canvas, x, y)
    return canvas


def _spoil_casting(rng: Rng, canvas: Canvas, x: float, y: float) -> None:
    turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(52, 96)
    at = x + reach * np.cos(turn), y + reach * np.sin(turn)
    kind = rng.integers(5)
    if kind == 0:  # blow holes
        for _ in range(rng.integers(1, 5)):
            hole = at + rng.normal(0, 9, 2)
            canvas.spoil(ellipse(*hole, *rng.uniform(2.2, 5, 2)), rng.uniform(50, 80))
    elif kind == 1:  # chipped rim
        edge = x + 114 * np.cos(turn), y + 114 * np.sin(turn)
        canvas.spoil(blob(rng, *edge, rng.uniform(9, 18)), rng.uniform(145, 160))
    elif kind == 2:  # scratch
        canvas.spoil(stroke(wander(rng, *at, rng.uniform(35, 90), 0.15), rng.uniform(1.5, 3)), rng.uniform(165, 190))
    elif kind == 3:  # shrinkage
        canvas.spoil(blob(rng, *at, rng.uniform(9, 18)), 92 + 14 * cloud(rng, 2))
    else:  # vane that did not run out
        canvas.spoil(blob(rng, *at, rng.uniform(14, 22)), 122 + 5 * cloud(rng, 1.5))


def figure(rng: Rng, *, spoiled: bool) -> Canvas:
    """A toy figure of coloured parts, upright, as it comes from the mould."""
    canvas = Canvas(np.array([205, 210, 212]) + rng.normal(0, 2))
    tilt, size = rng.normal(0, 0.05), rng.normal(1, 0.02)
    origin = rng.normal([MIDDLE, MIDDLE + 12], 4)

    def place(dx: float, dy: float) -> tuple[float, float]:
        cos, sin = size * np.cos(tilt), size * np.sin(tilt)
        return origin[0] + dx * cos - dy * sin, origin[1] + dx * sin + dy * cos

    green, dark = np.array([70, 175, 95]) + rng.normal(0, 4, 3), np.array([45, 110, 60])
    pose = rng.normal(0, 0.08, 4)
    parts: dict[str, tuple[Plane, NDArray[np.float64]]] = {}
    for name, side in (("left", -1), ("right", 1)):
        parts[f"{name} leg"] = ellipse(*place(side * 20, 68), 12, 26, tilt + pose[0]), green * 0.9
        parts[f"{name} arm"] = ellipse(*place(side * 48, 8), 26, 9, tilt + side * (0.5 + pose[1])), green * 0.9
        feeler = np.array([place(side * 10, -78), place(side * (22 + 20 * pose[2]), -104)])
        parts[f"{name} feeler"] = np.maximum(stroke(feeler, 5), ellipse(*feeler[1], 6, 6)), dark
    parts["body"] = ellipse(*place(0, 20), 36, 46, tilt), green
    parts["head"] = ellipse(*place(0, -50), 40, 32, tilt), green * 1.08
    for name, side in (("left", -1), ("right", 1)):
        parts[f"{name} eye"] = ellipse(*place(side * 16, -54), 9, 11, tilt), np.full(3, 245.0)
        parts[f"{name} pupil"] = ellipse(*place(side * 16, -52), 4, 5, tilt), np.full(3, 20.0)
    parts["mouth"] = ellipse(*place(0, -30), 13, 4, tilt), np.array([40, 40, 150])
    for number in range(3):
        parts[f"button {number}"] = ellipse(*place(0, 2 + 16 * number), 4, 4), np.array([40, 190, 230])
    kind = rng.integers(4) if spoiled else -1
    if kind == 0:  # a part is missing
        del parts[
            str(rng.choice([name for name in parts if name not in ("body", "head", "left pupil", "right pupil")]))
        ]
    if kind == 1:  # a part in the wrong colour
        name = str(rng.choice(["left leg", "right arm", "body", "mouth", "left eye", "right feeler"]))
        parts[name] = parts[name][0], rng.permutation(parts[name][1]) * rng.uniform(0.6, 0.9)
    for cover, color in parts.values():
        canvas.paint(cover, color)
    if kind == 2:  # paint where none belongs
        canvas.spoil(blob(rng, *place(*rng.uniform((-28, -60), (28, 50))), rng.uniform(6, 12)), rng.uniform(20, 230, 3))
    if kind == 3:  # torn
        canvas.spoil(
            blob(rng, *place(*rng.choice([(-38, 20), (36, 40), (-40, -50), (30, -75)])), rng.uniform(10, 18)), 210
        )
    return canvas


def label(rng: Rng, *, spoiled: bool) -> Canvas:
    """A printed label on a pack: logo, lines of text, a bar code; nearly always at the same place."""
    canvas = Canvas(np.array([120, 90, 60]) + rng.normal(0, 3, 3))
    canvas.values += 3 * cloud(rng, 12)[..., None]
    tilt, (x, y) = rng.normal(0, 0.012), rng.normal(MIDDLE, 2.0, 2)
    u, v = around(x, y, tilt)
    inside = soft(np.maximum(np.abs(u) - 100, np.abs(v) - 80))
    canvas.paint(inside, np.array([232, 238, 240]))
    ink = np.array([50, 45, 45])
    glyphs = np.sin(u * 0.9) + np.sin(u * 0.37 + 1) + np.sin(u * 0.143)  # the same text on each
    covers = {
        f"line {n}": soft(np.maximum(np.abs(u - 24) - 62, np.abs(v - row) - 4)) * (glyphs > -0.3)
        for n, row in enumerate((-58, -38, -22, -6))
    }
    covers["logo"] = soft(np.hypot(u + 68, v + 42) - 24)
    covers["ring"] = soft(np.abs(np.hypot(u + 68, v + 42) - 14) - 3)
    covers["code"] = soft(np.maximum(np.abs(u) - 84, np.abs(v - 46) - 20)) * (np.sin(u * 0.8) * np.sin(u * 0.31) > 0)
    colors = {"logo": np.array([40, 60, 200]), "ring": np.array([235, 235, 235])}
    kind = rng.integers(5) if spoiled else -1
    if kind == 0:  # not printed
        del covers[str(rng.choice(["line 0", "line 1", "line 3", "ring", "code"]))]
    if kind == 1:  # one colour out of register
        shift = rng.integers(3, 7)
        covers["logo"] = np.roll(covers["logo"], shift, axis=int(rng.integers(2)))
    for name, cover in covers.items():
        canvas.paint(cover * inside, colors.get(name, ink))
    spot = x + rng.uniform(-80, 80), y + rng.uniform(-60, 60)
    if kind == 2:  # smudge
        canvas.spoil(0.6 * blob(rng, *spot, rng.uniform(8, 16)), 90)
        canvas.defect |= blob(rng, *spot, 8) > 0.5
    if kind == 3:  # torn corner
        corner = x + 96 * rng.choice([-1, 1]), y + 76 * rng.choice([-1, 1])
        canvas.spoil(blob(rng, *corner, rng.uniform(12, 24)), np.array([120, 90, 60]))
    if kind == 4:  # crease
        crease = stroke(wander(rng, *spot, rng.uniform(60, 120), 0.1), rng.uniform(2, 4))
        canvas.spoil(0.5 * crease, rng.choice([120, 255]))
        canvas.defect |= crease > 0.5
    return canvas


def tile(rng: Rng, *, spoiled: bool) -> Canvas:
    """Wood from edge to edge: there is no object and no background."""
    tone = np.array([95, 140, 180]) * rng.normal(1, 0.04)
    canvas = Canvas(tone)
    rings = 0.12 * X + 6 * cloud(rng, (60, 25)) / 3
    grain = 9 * np.sin(rings) + 6 * cloud(rng, (18, 1.2)) + 4 * cloud(rng, (6, 0.7))
    canvas.values += grain[..., None] * np.array([0.8, 1, 1.1])
    if spoiled:
        at = rng.uniform(40, SIDE - 40, 2)
        kind = rng.integers(4)
        if kind == 0:  # crack
            canvas.spoil(stroke(wander(rng, *at, rng.uniform(50, 130), 0.35), rng.uniform(1.5, 3.5)), tone * 0.35)
        elif kind == 1:  # stain
            canvas.spoil(0.5 * blob(rng, *at, rng.uniform(14, 28)), tone * rng.uniform(0.4, 0.6) * [1.3, 1, 0.9])
            canvas.defect |= blob(rng, *at, 12) > 0.5
        elif kind == 2:  # holes
            for _ in range(rng.integers(1, 4)):
                canvas.spoil(ellipse(*(at + rng.normal(0, 18, 2)), *rng.uniform(3, 6, 2)), tone * 0.3)
        else:  # scratch across the grain
            canvas.spoil(0.8 * stroke(wander(rng, *at, rng.uniform(50, 120), 0.08), 2.5), tone * 1.35)
    return canvas


def bolt(rng: Rng, *, spoiled: bool) -> Canvas:
    """A steel bolt on a dark belt, lying any way."""
    canvas = Canvas(np.array([52, 46, 44]) + rng.normal(0, 2))
    canvas.values += 3 * cloud(rng, 2)[..., None]
    turn, (x, y) = rng.uniform(0, 2 * np.pi), rng.normal(MIDDLE, 6, 2)
    length, kind = rng.normal(150, 1.5), rng.integers(5) if spoiled else -1
    if kind == 0:  # broken off
        length *= rng.uniform(0.6, 0.85)
    u, v = around(x, y, turn)
    bend = rng.uniform(8, 18) * rng.choice([-1, 1]) if kind == 1 else 0.0
    w = v - bend * np.clip((u + 60) / 140, 0, 1) ** 2
    shaft = soft(np.maximum(np.abs(w) - 13, np.maximum(-75 - u, u + 75 - length)))
    thread = 14 * np.sin(u * 0.9 + rng.uniform(0, 6)) * (u > (300 if kind == 2 else -20))  # thread not cut
    canvas.paint(shaft, 150 - 0.35 * w**2 + thread + 4 * cloud(rng, 2))
    head = soft(np.maximum(np.abs(v) - 30, np.abs(u + 84) - 14))
    canvas.paint(head, 165 - 0.06 * v**2 + 4 * cloud(rng, 2))
    spot = x + np.cos(turn) * (s := rng.uniform(-80, 50)), y + np.sin(turn) * s
    if kind == 3:  # rust
        canvas.spoil(0.7 * blob(rng, *spot, rng.uniform(8, 14)) * np.maximum(shaft, head), np.array([35, 70, 130]))
    if kind == 4:  # chipped head
        chip = around(0, 0, -turn)
        del chip
        corner = np.array([x, y]) + np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [
            -90,
            27 * rng.choice([-1, 1]),
        ]
        canvas.spoil(blob(rng, *corner, rng.uniform(9, 14)), np.array([52, 46, 44]))
    return canvas


PRODUCTS: dict[str, Drawing] = {"casting": casting, "figure": figure, "label": label, "tile": tile, "bolt": bolt}


def pieces(
    name: str, *, normals: int, anomalies: int, seed: int = 0
) -> tuple[list[NDArray[np.uint8]], list[str], list[NDArray[np.bool_]]]:
    """Pictures, labels ("normal" first) and defect masks of ``name``."""
    labels = ["normal"] * normals + ["anomaly"] * anomalies
    pictures, masks = [], []
    for number, kind in enumerate(labels):
        rng = np.random.default_rng([seed, number, len(name)])
        canvas = PRODUCTS[name](rng, spoiled=kind == "anomaly")
        pictures.append(canvas.finish(rng))
        masks.append(canvas.defect)
    return pictures, labels, masks
