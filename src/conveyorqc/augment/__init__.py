"""Pictures as the line might also have shown them: ``(image, rng) -> image``, repeatable by the generator."""

from conveyorqc.augment._augmenter import Augmenter, Transform, conveyor_augmenter
from conveyorqc.augment._camera import Blur, Jpeg, MotionBlur, Noise
from conveyorqc.augment._geometric import Flip, GeometricTransform, Rotate, Scale, Shift
from conveyorqc.augment._light import Brightness, CastShadow, Contrast, Hue

__all__ = [
    "Augmenter",
    "Blur",
    "Brightness",
    "CastShadow",
    "Contrast",
    "Flip",
    "GeometricTransform",
    "Hue",
    "Jpeg",
    "MotionBlur",
    "Noise",
    "Rotate",
    "Scale",
    "Shift",
    "Transform",
    "conveyor_augmenter",
]
