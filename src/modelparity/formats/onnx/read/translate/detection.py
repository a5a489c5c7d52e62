"""Boxes, regions, and convolutions that look elsewhere."""

from __future__ import annotations

from .....graph import numbered
from ....reading.channels import spatial
from ..node import Op, reads
from .convolution import kernel_fits, padding


@reads("NonMaxSuppression")
def non_max_suppression(op: Op) -> None:
    """(image, class, box) of the best boxes, none overlapping a better one of its class too much"""
    op.give("select_boxes", op.inputs(), centred=op.attr("center_point_box", False, bool))


@reads("RoiAlign")
def roi_align(op: Op) -> None:
    """Regions of images brought to one size"""
    default = "half_pixel" if op.version >= 16 else "output_half_pixel"
    half_pixel = {"half_pixel": True, "output_half_pixel": False}
    op.give(
        "roi_align",
        op.inputs(0, 1, 2),
        size=(op.attr("output_height", 1), op.attr("output_width", 1)),
        mode=op.choice("mode", {"avg": "average", "max": "max"}, "avg"),
        scale=op.attr("spatial_scale", 1.0),
        samples=op.attr("sampling_ratio", 0),
        half_pixel=op.choice("coordinate_transformation_mode", half_pixel, default),
    )


@reads("MaxRoiPool")
def max_roi_pool(op: Op) -> None:
    """The largest elements in the cells of regions"""
    op.give(
        "roi_max_pool", op.inputs(0, 1), size=op.attr("pooled_shape"), scale=op.attr("spatial_scale", 1.0)
    )


@reads("DeformConv")
def deform_conv(op: Op) -> None:
    """A convolution whose window looks where an array says"""
    if op.rank(1) != 4:
        op.declined("other than two spatial axes")
    kernel_fits(op, 1)
    op.give(
        "deform_conv",
        op.inputs(),
        strides=spatial(op, "strides", 2),
        padding=padding(op, 2),
        dilations=spatial(op, "dilations", 2),
        groups=op.attr("group", 1),
        offset_groups=op.attr("offset_group", 1),
    )


@reads("TfIdfVectorizer")
def tf_idf(op: Op) -> None:
    """Counts of sequences of whole numbers, or of words"""
    op.ignore("pool_int64s", "pool_strings")  # one of them is
    words = numbered(op.attr("pool_strings", ())).tolist()
    pool, starts = words if op.is_text() else op.attr("pool_int64s", ()), op.attr("ngram_counts")
    low, high = op.attr("min_gram_length"), op.attr("max_gram_length")
    grams, chosen = [], []
    for n, (start, end) in enumerate(zip(starts, [*starts[1:], len(pool)], strict=True), 1):
        for at in range(start, end, n):
            chosen.append(low <= n <= high)
            grams.append(tuple(pool[at : at + n]))
    places, weights = op.attr("ngram_indexes"), op.attr("weights", None)
    if len(places) != len(grams) or (weights and len(weights) != len(grams)):
        raise op.error("n-grams, their places and weights differ in number", found=(len(grams), len(places)))
    # An n-gram of another length than asked for is never found, but has its place.
    grams = [gram if keep else () for gram, keep in zip(grams, chosen, strict=True)]
    op.give(
        "ngram_counts",
        [op.input(0)],
        ngrams=tuple(grams),
        places=places,
        mode=op.attr("mode"),
        most_skipped=op.attr("max_skip_count"),
        weights=weights or None,
    )
