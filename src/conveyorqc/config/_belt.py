"""The picture of the empty belt: a PNG beside the configuration, or the same bytes within it."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from conveyorqc.config._base import Settings
from conveyorqc.core import ImageU8
from conveyorqc.detect import BeltAppearance
from conveyorqc.errors import ConfigError
from conveyorqc.imgproc import bgr_to_ycrcb, decode_image, encode_png, read_image, ycrcb_to_bgr

__all__ = ["BeltSettings"]

_INLINE = "data:image/png;base64,"


def _locate(picture: str, info: ValidationInfo) -> str:
    context: dict[str, Any] = info.context or {}
    folder = context.get("folder")
    if picture.startswith(_INLINE) or folder is None or Path(picture).is_absolute():
        return picture
    return str(Path(folder) / picture)


class BeltSettings(Settings):
    """See `conveyorqc.detect.BeltAppearance`.

    ``picture`` is the path of a picture of the empty belt, at the resolution that detection works at, or the
    picture itself as a ``data:`` URI.
    """

    picture: Annotated[str, AfterValidator(_locate)] = Field(repr=False)
    noise: tuple[float, float, float]

    @classmethod
    def of(cls, belt: BeltAppearance) -> BeltSettings:
        """Settings that hold the picture itself."""
        data = encode_png(ycrcb_to_bgr(belt.picture))
        return cls(picture=_INLINE + base64.b64encode(data).decode("ascii"), noise=belt.noise)

    def build(self) -> BeltAppearance:
        """The belt.

        Raises:
            ConfigError: if the inline picture is damaged.
            ImageError: if the file is missing or no picture.
        """
        return BeltAppearance(bgr_to_ycrcb(self.image()), self.noise)

    def image(self) -> ImageU8:
        """(h, w, 3) uint8 BGR: the empty belt."""
        if not self.picture.startswith(_INLINE):
            return read_image(self.picture)
        try:
            data = base64.b64decode(self.picture[len(_INLINE) :], validate=True)
        except binascii.Error as error:
            raise ConfigError(f"detector.belt.picture: expected base64 after {_INLINE!r}: {error}") from error
        return decode_image(data, name="detector.belt.picture")
