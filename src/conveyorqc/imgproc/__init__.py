"""The only room that imports OpenCV (and, in one module, scikit-image): arrays in, arrays out."""

from conveyorqc.imgproc._codec import decode_image, encode_jpeg, encode_png, read_image, write_png
from conveyorqc.imgproc._color import ColorRange, ColorSpace, color_mask, convert_color, luma_of
from conveyorqc.imgproc._measure import blur, canny_edges, components, high_pass, phase_shift, sharpness
from conveyorqc.imgproc._morphology import closing, dilation, distance_inside, erosion, fill_holes, opening
from conveyorqc.imgproc._resize import pad_image, resize, resize_mask, small_luma, small_ycrcb, working_size

__all__ = [
    "ColorRange",
    "ColorSpace",
    "blur",
    "canny_edges",
    "closing",
    "color_mask",
    "components",
    "convert_color",
    "decode_image",
    "dilation",
    "distance_inside",
    "encode_jpeg",
    "encode_png",
    "erosion",
    "fill_holes",
    "high_pass",
    "luma_of",
    "opening",
    "pad_image",
    "phase_shift",
    "read_image",
    "resize",
    "resize_mask",
    "sharpness",
    "small_luma",
    "small_ycrcb",
    "working_size",
    "write_png",
]
