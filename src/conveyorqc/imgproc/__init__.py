"""The only room that imports OpenCV (and, in one module, scikit-image): arrays in, arrays out."""

from conveyorqc.imgproc._blend import LIGHT_UNIT, add_signed, heat_colors, lit, mixed
from conveyorqc.imgproc._codec import decode_image, encode_jpeg, encode_png, read_image, write_png
from conveyorqc.imgproc._color import (
    ColorRange,
    ColorSpace,
    bgr_to_ycrcb,
    color_mask,
    convert_color,
    luma_of,
    ycrcb_to_bgr,
)
from conveyorqc.imgproc._draw import Bgr, Canvas, text_size
from conveyorqc.imgproc._features import object_view, outline_features, relief_features, surface_features
from conveyorqc.imgproc._foreground import foreground_mask
from conveyorqc.imgproc._measure import blur, canny_edges, components, hann_window, high_pass, phase_shift, sharpness
from conveyorqc.imgproc._mil import MilTracker
from conveyorqc.imgproc._morphology import (
    closing,
    dilation,
    distance_inside,
    erosion,
    fill_holes,
    local_range,
    majority,
    opening,
)
from conveyorqc.imgproc._necks import neck_split
from conveyorqc.imgproc._resize import pad_image, resize, resize_mask, small_luma, small_ycrcb, working_size
from conveyorqc.imgproc._retouch import turn_hue
from conveyorqc.imgproc._warp import (
    Border,
    WarpMethod,
    line_kernel_blur,
    mirrored,
    sliding_window,
    transposed,
    warp_affine,
)
from conveyorqc.imgproc._yuv import YuvLevels, YuvMatrix, bgr_to_yuv420, yuv420_to_bgr

__all__ = [
    "LIGHT_UNIT",
    "Bgr",
    "Border",
    "Canvas",
    "ColorRange",
    "ColorSpace",
    "MilTracker",
    "WarpMethod",
    "YuvLevels",
    "YuvMatrix",
    "add_signed",
    "bgr_to_ycrcb",
    "bgr_to_yuv420",
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
    "foreground_mask",
    "hann_window",
    "heat_colors",
    "high_pass",
    "line_kernel_blur",
    "lit",
    "local_range",
    "luma_of",
    "majority",
    "mirrored",
    "mixed",
    "neck_split",
    "object_view",
    "opening",
    "outline_features",
    "pad_image",
    "phase_shift",
    "read_image",
    "relief_features",
    "resize",
    "resize_mask",
    "sharpness",
    "sliding_window",
    "small_luma",
    "small_ycrcb",
    "surface_features",
    "text_size",
    "transposed",
    "turn_hue",
    "warp_affine",
    "working_size",
    "write_png",
    "ycrcb_to_bgr",
    "yuv420_to_bgr",
]
