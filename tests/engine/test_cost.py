"""What nodes cost is counted from shapes, by the rule of the operator that is run in the end."""

from __future__ import annotations

import pytest

from modelparity.engine.cost import multiplications
from modelparity.engine.operator import find
from modelparity.graph import Node

#: Widths of VGG-16's convolutions, 0 where the image is halved (Simonyan and Zisserman, 2014, table 1, column D).
VGG = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)


def conv(size, kernel, ins, outs, groups=1):
    node = Node("c", "conv", ("x", "w"), ("y",), {"groups": groups})
    shapes = {"x": (1, size, size, ins), "w": (kernel, kernel, ins // groups, outs)}
    return multiplications(node, shapes, [(1, size, size, outs)])


def dense(ins, outs):
    return multiplications(
        Node("d", "dense", ("x", "w"), ("y",)), {"x": (1, ins), "w": (ins, outs)}, [(1, outs)]
    )


def test_resnet_50_has_the_published_cost():
    """4.09 thousand million for an image of 224 by 224, as torchvision states it (IMAGENET1K_V1)."""
    total, wide = conv(112, 7, 3, 64), 64
    for stage, (blocks, width, size) in enumerate(((3, 64, 56), (4, 128, 28), (6, 256, 14), (3, 512, 7))):
        for block in range(blocks):
            before = 2 * size if stage and not block else size  # the second convolution strides
            total += (
                conv(before, 1, wide, width) + conv(size, 3, width, width) + conv(size, 1, width, 4 * width)
            )
            total += conv(size, 1, wide, 4 * width) if not block else 0
            wide = 4 * width
    assert (total + dense(2048, 1000)) / 1e9 == pytest.approx(4.089, abs=0.005)


def test_vgg_16_has_the_published_cost():
    """15.47 thousand million for an image of 224 by 224, as torchvision states it (IMAGENET1K_V1)."""
    total, size, wide = 0, 224, 3
    for width in VGG:
        if width:
            total, wide = total + conv(size, 3, wide, width), width
        else:
            size //= 2
    total += dense(7 * 7 * 512, 4096) + dense(4096, 4096) + dense(4096, 1000)
    assert total / 1e9 == pytest.approx(15.47, abs=0.005)


def test_groups_cost_a_share():
    assert conv(10, 3, 32, 64) == 32 * conv(10, 3, 32, 64, groups=32)


def test_what_runs_another_operator_costs_what_that_costs():
    shapes = {"x": (7, 2, 3), "n": (2,), "w": (1, 3, 16), "r": (1, 4, 16), "b": (1, 16)}
    plain = Node("l", "lstm", ("x", "w", "r", "b"), ("y",))
    cut = Node("l", "by_length", ("x", "n", "w", "r", "b"), ("y",), {"of": "lstm", "rows": (), "given": {}})
    results = [(7, 2, 4)]
    assert multiplications(plain, shapes, results) == 7 * 2 * (3 * 16 + 4 * 16)
    assert multiplications(cut, shapes, results) == multiplications(plain, shapes, results)


def test_arrays_of_any_number_are_told_apart():
    node = Node("e", "einsum", ("a", "b"), ("y",), {"equation": "ij,jk->ik"})
    assert multiplications(node, {"a": (5, 7), "b": (7, 11)}, [(5, 11)]) == 5 * 7 * 11


def test_what_declares_nothing_costs_nothing_here():
    assert find("relu").facts.cost is None
    assert multiplications(Node("r", "relu", ("x",), ("y",)), {"x": (5,)}, [(5,)]) == 0
