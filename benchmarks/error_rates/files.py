"""ONNX files with jumps behind what rounding leaves: ties of quantisers, and exact zeros of a transform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

import modelparity as mp

from .subjects import Subject, onnx_run

GRIDS = ("align_corners", "half_pixel", "asymmetric", "pytorch_half_pixel")


def quantised(folder: Path) -> Iterator[Subject]:
    """Numbers quantised as ONNX does it, half of them between two whole ones, and a layer that reads them."""
    rng = np.random.default_rng(0)
    for step in (1 / 256, 0.1, 0.037):
        names = {"step": np.float32(step), "zero": np.int8(0), "w": rng.standard_normal((16, 8)).astype("f4")}
        nodes = [
            helper.make_node("QuantizeLinear", ["x", "step", "zero"], ["q"]),
            helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["d"]),
            helper.make_node("MatMul", ["d", "w"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes,
            "quantised",
            [helper.make_tensor_value_info("x", 1, [200, 16])],
            [helper.make_tensor_value_info("y", 1, [200, 8])],
            [numpy_helper.from_array(np.asarray(a), name) for name, a in names.items()],
        )
        path = folder / f"quantised_{step}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
        yield Subject(
            "ties",
            f"QuantizeLinear by {step:.3g}",
            mp.load(path),
            lambda seed, step=step: {
                "x": (np.random.default_rng(seed).integers(-100, 100, (200, 16)) * (step / 2)).astype(
                    np.float32
                )
            },
            {f"onnxruntime, {level}": onnx_run(path, level) for level in ("all", "none")},
            seeds=6,
            more=12,
            weights=False,
            jumps=True,
        )


def transformed(folder: Path) -> Iterator[Subject]:
    """A transform with exact zeros before a jump: even and odd sounds, an impulse, a constant, silence."""
    for size in (64, 256, 512):  # its transforms of other lengths are far off, which docs/onnx.md says
        nodes = [
            helper.make_node("DFT", ["x"], ["s"], axis=1, onesided=1),
            helper.make_node("Sign", ["s"], ["sign"]),
            helper.make_node("Greater", ["s", "zero"], ["above"]),
            helper.make_node("Where", ["above", "s", "minus"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes,
            "transformed",
            [helper.make_tensor_value_info("x", 1, [6, size, 1])],
            [helper.make_tensor_value_info(name, 1, None) for name in ("sign", "y")],
            [numpy_helper.from_array(np.float32(a), name) for name, a in (("zero", 0), ("minus", -1))],
        )
        path = folder / f"transformed_{size}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
        yield Subject(
            "spectra",
            f"sign of a transform of {size}",
            mp.load(path),
            lambda seed, size=size: {"x": _regular(seed, size)},
            {f"onnxruntime, {level}": onnx_run(path, level) for level in ("all", "none")},
            seeds=4,
            more=8,
            weights=False,
            jumps=True,
        )


def resized(folder: Path) -> Iterator[Subject]:
    """Images of another size, by every grid: positions and cubic weights are computed in float32."""
    rng = np.random.default_rng(7)
    for number in range(40):
        mode, grid = ("linear", "cubic")[number % 2], GRIDS[number // 2 % len(GRIDS)]
        old, new = (int(n) for n in rng.integers(4, (700, 1000)))
        wide, wider = (width := int(rng.integers(4, 12))), width if number % 3 else 2 * width
        new = 2 * old if number % 5 == 0 else new
        graph = helper.make_graph(
            [
                helper.make_node(
                    "Resize", ["x", "", "", "sizes"], ["y"], mode=mode, coordinate_transformation_mode=grid
                )
            ],
            "resized",
            [helper.make_tensor_value_info("x", 1, [1, 1, old, wide])],
            [helper.make_tensor_value_info("y", 1, None)],
            [numpy_helper.from_array(np.array([1, 1, new, wider]), "sizes")],
        )
        path = folder / f"resized_{number}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9), path)
        yield Subject(
            "resized",
            f"{mode}, {grid}: {old} x {wide} to {new} x {wider}",
            mp.load(path),
            lambda seed, shape=(1, 1, old, wide): {
                "x": np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
            },
            {"onnxruntime, all": onnx_run(path, "all")},
            seeds=3,
            more=6,
            weights=False,
        )


def _regular(seed: int, size: int) -> np.ndarray:
    """Rows of which much of the spectrum is exactly zero."""
    rng = np.random.default_rng(seed)
    free, n = rng.standard_normal(size), np.arange(size)
    mirrored = np.roll(free[::-1], 1)
    tone = np.cos(2 * np.pi * n * (3 + seed) / size)
    rows = free + mirrored, free - mirrored, n == seed, np.full(size, 0.3), np.zeros(size), tone
    return np.stack(rows).astype(np.float32)[..., None]
