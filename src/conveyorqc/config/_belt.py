"""The picture of the empty belt: a PNG beside the configuration, or the same bytes within it."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from conveyorqc.config._base import Settings, config_folder
from conveyorqc.core import ImageU8
from conveyorqc.detect import BeltAppearance
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import bgr_to_ycrcb, decode_image, encode_png, read_image, ycrcb_to_bgr

__all__ = ["BeltSettings"]

_INLINE = "data:image/png;base64,"


def _inline(picture: ImageU8) -> str:
    return _INLINE + base64.b64encode(encode_png(picture)).decode("ascii")


def _decoded(uri: str) -> ImageU8:
    try:
        return decode_image(base64.b64decode(uri.removeprefix(_INLINE), validate=True), name="data")
    except binascii.Error as error:
        raise InvalidInput(f"expected base64 after {_INLINE!r}: {error}") from error


def _taken_in(picture: str, info: ValidationInfo) -> str:
    """A picture that a file names is read with the file: what is wrong with it is known then, and nothing is left."""
    folder = config_folder(info)
    if picture.startswith(_INLINE):
        return _inline(_decoded(picture))
    return picture if folder is None else _inline(read_image(folder / picture))


_Sigma = Annotated[float, Field(gt=0, lt=256)]


class BeltSettings(Settings):
    """See `conveyorqc.detect.BeltAppearance`.

    ``picture`` is the path of a picture of the empty belt, at the resolution that detection works at, or the
    picture itself as a ``data:`` URI. What a configuration file names becomes the latter when it is loaded.
    """

    picture: Annotated[str, AfterValidator(_taken_in)] = Field(repr=False)
    noise: tuple[_Sigma, _Sigma, _Sigma]

    @classmethod
    def of(cls, belt: BeltAppearance) -> BeltSettings:
        """Settings that hold the picture itself; as BGR, so that people can look at it (colours may move by 2)."""
        return cls(picture=_inline(ycrcb_to_bgr(belt.picture)), noise=belt.noise)

    def build(self) -> BeltAppearance:
        """The belt.

        Raises:
            ImageError: if the file is missing or no picture.
        """
        return BeltAppearance(bgr_to_ycrcb(self.image()), self.noise)

    def image(self) -> ImageU8:
        """(h, w, 3) uint8 BGR: the empty belt.

        Raises:
            ImageError: as `build`.
        """
        return _decoded(self.picture) if self.picture.startswith(_INLINE) else read_image(Path(self.picture))
