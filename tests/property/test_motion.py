"""The belt's motion under random textures, shifts and times: measured right, or declared unbelievable."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import Direction, Frame
from conveyorqc.track import ConstantMotion, PhaseMotion

WIDTH, HEIGHT = 160, 96
MARGIN = 72

fine = st.floats(-1, 1).map(lambda x: x * 2.0)
along = st.one_of(fine, st.floats(-0.4 * WIDTH, 0.4 * WIDTH))


def texture(seed, sigma, contrast):
    """Spectrum of a texture that repeats without a seam, so that it can be shifted exactly."""
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN))
    y, x = (np.fft.fftfreq(side) for side in noise.shape)
    smooth = np.fft.fft2(noise) * np.exp(-2 * (np.pi * sigma) ** 2 * (y[:, None] ** 2 + x**2))
    smooth[0, 0] = 0
    return contrast * smooth / np.fft.ifft2(smooth).real.std()


def frame(spectrum, dx, dy, *, index, noise=0.0):
    y, x = (np.fft.fftfreq(side) for side in spectrum.shape)
    moved = np.fft.ifft2(spectrum * np.exp(-2j * np.pi * (x * dx + y[:, None] * dy))).real
    grey = 128 + moved[MARGIN : MARGIN + HEIGHT, MARGIN : MARGIN + WIDTH]
    grey += np.random.default_rng(index).normal(0, noise, grey.shape)
    image = np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return Frame.from_bgr(image, index=index, time_s=index / 25)


@settings(max_examples=50)
@given(
    picture=st.builds(texture, st.integers(0, 999), st.floats(1.0, 3.0), st.floats(8, 50)),
    dx=along,
    dy=fine,
    noise=st.floats(0, 3),
    direction=st.sampled_from([Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT, None]),
)
def test_a_shifted_texture_is_measured_to_a_tenth_of_a_pixel_or_not_believed(picture, dx, dy, noise, direction):
    motion = PhaseMotion(direction=direction)
    motion.measure(frame(picture, -dx / 2, -dy / 2, index=0, noise=noise))
    shift = motion.measure(frame(picture, dx / 2, dy / 2, index=1, noise=noise))

    allowed = 0.1 + 0.004 * abs(dx) + 0.05 * noise  # the farther, the less of the one picture is in the other
    assert not shift.confidence or math.hypot(shift.dx - dx, shift.dy - dy) <= allowed


@settings(max_examples=12)
@given(seed=st.integers(0, 99), steps=st.lists(st.floats(-3, 3), min_size=2, max_size=6))
def test_the_way_there_and_back_adds_up_to_nothing(seed, steps):
    picture = texture(seed, 1.5, 30.0)
    places = np.cumsum(steps)
    places = np.concatenate([[0.0], places, places[::-1], [0.0]])
    motion = PhaseMotion()
    shifts = [motion.measure(frame(picture, place, 0.0, index=i)) for i, place in enumerate(places.tolist())]

    assert abs(sum(shift.dx for shift in shifts)) < 0.1 + 0.02 * len(shifts)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(-1e3, 1e3), st.integers(0, 8))
def test_a_restart_changes_nothing_for_a_constant_motion(times_s, speed, restart):
    def run(restarting):
        motion = ConstantMotion(dx_per_s=speed)
        for index, time_s in enumerate(times_s):
            if restarting and index == restart:
                saved, motion = motion.state(), ConstantMotion(dx_per_s=speed)
                motion.restore(saved)
            picture = np.zeros((2, 2, 3), np.uint8)
            yield motion.measure(Frame.from_bgr(picture, index=index, time_s=time_s))

    assert list(run(restarting=False)) == list(run(restarting=True))
