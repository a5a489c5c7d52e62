"""MIL operations as they are read: against torch, in full and in half precision."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest
import torch

import modelparity as mp

from .mil_cases.arranging import ARRANGING
from .mil_cases.elementwise import ELEMENTWISE
from .mil_cases.layers import LAYERS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

CASES = [*ELEMENTWISE, *LAYERS, *ARRANGING]
#: Where one rounding to float16 decides over whole numbers or places, so only float32 is compared.
JUMPING = {"ceil", "floor", "round", "floor_div-float32", "mod-float32", "tan", "acos", "asin", "atanh"}


def alike(case):
    """Cases that can share a program."""
    return case.opset, case.dtype, case.shapes, case.low


@pytest.fixture(scope="module")
def together(save_program, tmp_path_factory):
    """``together(key, precision)``: see `_together`; each program is made once."""
    return cache(lambda *which: _together(save_program, tmp_path_factory.mktemp("program"), *which))


def _together(save_program, folder, key, precision):
    """One program of all cases that are alike; its inputs, {case: results} in float64, and the same in native."""
    opset, dtype, shapes, low = key
    cases = [case for case in CASES if alike(case) == key]
    counts = []

    def everything(*inputs):
        found = [case.build(*inputs) for case in cases]
        each = [list(one) if isinstance(one, list | tuple) else [one] for one in found]
        counts.extend(map(len, each))
        return [mb.identity(x=one) for results in each for one in results]

    build = everything if len(shapes) != 1 else lambda x: everything(x)
    if len(shapes) == 2:
        build = lambda x, y: everything(x, y)  # noqa: E731 - inputs are named by the parameters
    graph = mp.load(save_program(folder, build, shapes, dtype, opset, precision))
    rng = np.random.default_rng(1)
    if dtype == "int32":
        arrays = [rng.integers(int(low), 8, shape).astype(np.int32) for shape in shapes]
    else:
        arrays = [rng.uniform(low, 2, shape).astype(np.float16).astype(np.float32) for shape in shapes]
    named = {spec.name: a for spec, a in zip(graph.inputs, arrays, strict=True)}
    runs = []
    for arithmetic in ("float64", "native"):
        found = mp.run(graph, named, arithmetic=arithmetic)
        values = iter([found[name] for name in graph.outputs])
        runs.append(
            {case.label: [next(values) for _ in range(n)] for case, n in zip(cases, counts, strict=True)}
        )
    return arrays, *runs


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_means_what_its_definition_says(case, precision, together):
    if precision == "float16" and (case.label in JUMPING or case.dtype == "int32"):
        pytest.skip("one rounding decides over its result, or it has none")
    arrays, exact, native = together(alike(case), precision)
    made = [torch.from_numpy(a if a.dtype.kind == "i" else a.astype(np.float64)) for a in arrays]
    found = case.twin(*made)
    wanted = found if isinstance(found, tuple | list) else (found,)
    # Weights and parameters of a float16 program are rounded in the file.
    far, further = {"float32": (1e-6, 2e-5), "float16": (0.02, 0.03)}[precision]
    for want, one, other in zip(wanted, exact[case.label], native[case.label], strict=True):
        assert one.shape == tuple(want.shape)
        np.testing.assert_allclose(one, want, rtol=far, atol=far)
        np.testing.assert_allclose(other, want, rtol=further, atol=further)
