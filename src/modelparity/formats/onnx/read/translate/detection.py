"""Boxes, regions, and convolutions that look elsewhere."""

from __future__ import annotations

from ..node import Op, reads
from .convolution import kernel_fits, padding, spatial


@reads("NonMaxSuppression")
def non_max_suppression(op: Op) -> None:
    """(image, class, box) of the best boxes, none overlapping a better one of its class too much"""
    op.emit("select_boxes", op.xs(), centred=bool(op.attr("center_point_box", 0)))


@reads("RoiAlign")
def roi_align(op: Op) -> None:
    """Regions of images brought to one size"""
    default = "half_pixel" if op.version >= 16 else "output_half_pixel"
    grid = op.attr("coordinate_transformation_mode", default)
    mode = {"avg": "average", "max": "max"}.get(op.attr("mode", "avg"))
    if grid not in ("half_pixel", "output_half_pixel") or mode is None:
        raise op.error("unknown setting", found=f"{grid}, {op.attr('mode', 'avg')}")
    op.emit(
        "roi_align",
        op.xs(0, 1, 2),
        size=(op.attr("output_height", 1), op.attr("output_width", 1)),
        mode=mode,
        scale=op.attr("spatial_scale", 1.0),
        samples=op.attr("sampling_ratio", 0),
        half_pixel=grid == "half_pixel",
    )


@reads("MaxRoiPool")
def max_roi_pool(op: Op) -> None:
    """The largest elements in the cells of regions"""
    op.emit("roi_max_pool", op.xs(0, 1), size=op.attr("pooled_shape"), scale=op.attr("spatial_scale", 1.0))


@reads("DeformConv")
def deform_conv(op: Op) -> None:
    """A convolution whose window looks where an array says"""
    if op.rank(1) != 4:
        op.declined("other than two spatial axes")
    kernel_fits(op, 1)
    op.emit(
        "deform_conv",
        op.xs(),
        strides=spatial(op, "strides", 2),
        padding=padding(op, 2),
        dilations=spatial(op, "dilations", 2),
        groups=op.attr("group", 1),
        offset_groups=op.attr("offset_group", 1),
    )


@reads("TfIdfVectorizer")
def tf_idf(op: Op) -> None:
    """Counts of sequences of whole numbers"""
    op.ignore("pool_strings")  # mean the same for text, which is not computed with
    pool, starts = op.attr("pool_int64s", ()), op.attr("ngram_counts")
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
    op.emit(
        "ngram_counts",
        [op.x(0)],
        ngrams=tuple(grams),
        places=places,
        mode=op.attr("mode"),
        most_skipped=op.attr("max_skip_count"),
        weights=weights or None,
    )
