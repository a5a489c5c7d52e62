"""Resizing and sampling: where samples lie, how they are interpolated, what stands outside."""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Group, by_format
from ..making import NodeFault, Way, with_attrs
from ..view import At

GROUP = Group("resizing", "Resizing and sampling", 58)
RESIZES = ("resize", "resample")
SAMPLES = ("grid_sample", "sample_at", "affine_grid")
GRIDS = {
    "resize": ("half_pixel", "align_corners", "asymmetric", "align_corners_or_center", "offset_corners"),
    "resample": ("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel", "half_pixel_symmetric"),
}
MODES = {"resize": ("linear", "nearest"), "resample": ("linear", "nearest", "cubic")}


class ResizeGrid(NodeFault):
    id = "resize-grid"
    group = GROUP
    ops = RESIZES
    where = "resizing: each other grid"
    text = "Samples lie elsewhere: corners are aligned or not, centres are half a pixel off or not."
    happens = (
        "PyTorch has align_corners=False, ONNX half_pixel, TensorFlow 1 asymmetric, Core ML four modes; "
        "the default was taken."
    )
    repair = "Ask for the grid of the source."
    repairs = by_format(
        onnx="Set Resize's attribute coordinate_transformation_mode.",
        torch="Give align_corners=.",
        coreml="Set sampling_mode of resize_bilinear, or align_corners of upsample_bilinear.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for grid in GRIDS[at.node.op]:
            if grid != at.attrs["grid"]:
                yield Way(
                    grid,
                    f"{at.name} samples by {grid} instead of {at.attrs['grid']}",
                    with_attrs(at, grid=grid),
                )


class ResizeMode(NodeFault):
    id = "resize-mode"
    group = GROUP
    ops = (*RESIZES, *SAMPLES[:2])
    where = "resizing and sampling"
    text = "Another interpolation is used: nearest for linear, linear for cubic."
    happens = "nearest is the default of every framework, and a target without cubic takes linear."
    repair = "Ask for the interpolation of the source."
    repairs = by_format(onnx="Set Resize's attribute mode.", torch="Give mode=.")

    def ways(self, at: At) -> Iterator[Way]:
        names = MODES.get(
            at.node.op,
            ("bilinear", "nearest") if at.node.op == "grid_sample" else ("linear", "nearest", "cubic"),
        )
        for mode in names:
            if mode != at.attrs["mode"]:
                yield Way(
                    mode,
                    f"{at.name} interpolates {mode} instead of {at.attrs['mode']}",
                    with_attrs(at, mode=mode),
                )


class NearestRounding(NodeFault):
    id = "resize-nearest-rounding"
    group = GROUP
    ops = RESIZES
    where = "resizing to the nearest sample"
    text = "The nearest sample is found by another rounding."
    happens = "PyTorch rounds down, ONNX half down by default, PIL and PyTorch's nearest-exact to the centre."
    repair = "Ask for the rounding of the source."
    repairs = by_format(
        onnx="Set Resize's attribute nearest_mode: floor for PyTorch.",
        torch='Use mode="nearest-exact" for PIL\'s.',
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["mode"] != "nearest":
            return
        key = "rounding" if at.node.op == "resize" else "nearest"
        values = (
            ("floor", "half_up")
            if at.node.op == "resize"
            else ("floor", "round_prefer_floor", "round_prefer_ceil", "ceil")
        )
        for value in values:
            if value != at.attrs[key]:
                yield Way(
                    value,
                    f"{at.name} rounds by {value} instead of {at.attrs[key]}",
                    with_attrs(at, **{key: value}),
                )


class CubicCoefficient(NodeFault):
    id = "resize-cubic-coefficient"
    group = GROUP
    ops = ("resample", "sample_at")
    where = "cubic interpolation"
    text = "The cubic kernel has another coefficient: -0.5 for -0.75, or the other way round."
    happens = "PyTorch and ONNX have -0.75, TensorFlow and PIL -0.5."
    repair = "Write the coefficient of the source."
    repairs = by_format(onnx="Set Resize's attribute cubic_coeff_a.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["mode"] == "cubic":
            for value in (-0.75, -0.5, -1.0):
                if value != at.attrs["cubic"]:
                    yield Way(
                        f"{value:g}",
                        f"the cubic kernel of {at.name} has the coefficient {value:g}",
                        with_attrs(at, cubic=value),
                    )


class Antialias(NodeFault):
    id = "resize-antialias"
    group = GROUP
    ops = ("resample",)
    where = "linear and cubic resizing"
    text = "An image that gets smaller is smoothed although it should not be, or the other way round."
    happens = "PIL always smooths, PyTorch and ONNX only when asked, torchvision by default since 0.17."
    repair = "Ask for what the source does."
    repairs = by_format(onnx="Set Resize's attribute antialias (version 18).", torch="Give antialias=.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["mode"] != "nearest":
            other = not at.attrs["antialias"]
            yield Way(
                "",
                f"{at.name} {'smooths' if other else 'does not smooth'} what gets smaller",
                with_attrs(at, antialias=other),
            )
            outside = not at.attrs["exclude_outside"]
            yield Way(
                "outside",
                f"{at.name} {'leaves out' if outside else 'counts'} neighbours outside",
                with_attrs(at, exclude_outside=outside),
            )


class SampleCorners(NodeFault):
    id = "sample-corners"
    group = GROUP
    ops = SAMPLES
    where = "sampling at given points"
    text = "-1 and 1 are the centres of the outermost pixels instead of their edges, or the other way round."
    happens = (
        "PyTorch's align_corners was True by default before version 1.3, and ONNX has a flag of its own."
    )
    repair = "Set align_corners as the source has it."
    repairs = by_format(onnx="Set GridSample's attribute align_corners.", torch="Give align_corners=.")

    def ways(self, at: At) -> Iterator[Way]:
        other = not at.attrs["align_corners"]
        yield Way(
            "",
            f"{at.name} {'aligns' if other else 'does not align'} corners",
            with_attrs(at, align_corners=other),
        )


class SamplePadding(NodeFault):
    id = "sample-padding"
    group = GROUP
    ops = ("grid_sample", "sample_at")
    where = "sampling at given points"
    text = "Points outside are given another value: zeros, the edge, or the mirror image."
    happens = "padding_mode was not converted."
    repair = "Ask for the padding of the source."
    repairs = by_format(onnx="Set GridSample's attribute padding_mode.", torch="Give padding_mode=.")

    def ways(self, at: At) -> Iterator[Way]:
        names = (
            ("constant", "edge", "reflect", "symmetric")
            if at.node.op == "grid_sample"
            else ("zeros", "border", "reflection")
        )
        for padding in names:
            if padding != at.attrs["padding"]:
                yield Way(padding, f"{at.name} has {padding} outside", with_attrs(at, padding=padding))
