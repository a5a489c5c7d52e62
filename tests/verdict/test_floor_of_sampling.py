"""What is read between elements, or summed in another way than written: sound runtimes stay within the floor."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.verdict.floor import measure


class Resized(torch.nn.Module):
    def __init__(self, **settings):
        super().__init__()
        self.settings = settings

    def forward(self, x):
        return F.interpolate(x, **self.settings)


class Warped(torch.nn.Module):
    def __init__(self, mode, aligned):
        super().__init__()
        self.mode, self.aligned = mode, aligned

    def forward(self, x, matrix):
        grid = F.affine_grid(matrix, (1, 1, 23, 31), align_corners=self.aligned)
        return F.grid_sample(x, grid, mode=self.mode, align_corners=self.aligned)


class Spectrum(torch.nn.Module):
    def forward(self, x):
        return torch.view_as_real(torch.fft.rfft(x))


@pytest.mark.parametrize(("old", "new"), [(3, 369), (64, 100), (145, 61), (1000, 1501), (16000, 22050)])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear", "aligned"])
def test_resizing(old, new, mode):
    """Positions are rounded to float32: linear ones were off by 10 to 8,000 floors when only results were."""
    more = {"mode": "linear", "align_corners": True} if mode == "aligned" else {"mode": mode}
    x = np.random.default_rng(old).standard_normal((1, 2, old)).astype(np.float32)
    verdict = mp.check(*[Resized(size=new, **more).eval()] * 2, inputs={"x": x})
    assert verdict.floors < 0.5, verdict


def test_a_grid_that_is_not_the_references_is_wrong_all_the_same():
    x = np.random.default_rng(0).standard_normal((1, 2, 640)).astype(np.float32)
    reference, candidate = (
        Resized(size=1000, mode="linear", align_corners=aligned).eval() for aligned in (False, True)
    )
    assert mp.check(reference, candidate, inputs={"x": x}, explain=False).floors > 100
    shifted = Resized(size=1000, mode="nearest-exact").eval(), Resized(size=1000, mode="nearest").eval()
    assert mp.check(*shifted, inputs={"x": x}, explain=False).band == "wrong"


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_warping(mode, aligned):
    rng = np.random.default_rng(2)
    for _ in range(5):
        feeds = {
            "x": rng.standard_normal((1, 1, 40, 57)).astype(np.float32),
            "matrix": (rng.standard_normal((1, 2, 3)) * 0.6).astype(np.float32),
        }
        verdict = mp.check(*[Warped(mode, aligned).eval()] * 2, inputs=feeds)
        assert verdict.floors < 0.6, verdict


@pytest.mark.parametrize("length", [16, 60, 1000, 2048])
def test_transforms_where_nothing_is_left(length):
    """A pure tone: all but one of the bins are what rounding leaves."""
    time = np.arange(length)
    x = (100 * np.cos(2 * np.pi * time * 3 / length))[None].astype(np.float32)
    verdict = mp.check(*[Spectrum().eval()] * 2, inputs={"x": x})
    assert verdict.floors < 1, verdict


@pytest.mark.parametrize(("size", "least"), [(1, 16), (3, 16), (10, 8), (64, 4)])
def test_outputs_of_few_elements_get_more_runs_however_dear(size, least, monkeypatch):
    monkeypatch.setattr("modelparity.verdict.floor.WORK", 1.0)
    graph = mp.load(torch.nn.Linear(5, size).eval(), example=np.zeros((1, 5), np.float32))
    assert measure(graph, {"input": np.ones((1, 5), np.float32)}).runs == least


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize(("old", "new"), [(7, 14), (333, 666), (40, 20)])
def test_aligned_corners_are_a_ratio_of_their_own(tmp_path, mode, old, new):
    """Twice the size is no ratio of two where corners are aligned: 6 to 13."""
    path = resized(tmp_path, (old, 5), (new, 10), mode, "align_corners")
    verdict = mp.check(path, path, runtime="onnxruntime")
    assert verdict.floors < 0.7, verdict


@pytest.mark.parametrize(
    ("old", "new", "grid"),
    [
        ((368, 10), (435, 20), "asymmetric"),
        ((610, 6), (687, 12), "align_corners"),
        ((144, 11), (288, 11), "align_corners"),
        ((661, 11), (608, 22), "half_pixel"),
        ((190, 11), (965, 22), "half_pixel"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_errors_along_two_axes_that_cancel_in_some_runs_do_not_in_others(tmp_path, old, new, grid, seed):
    path = resized(tmp_path, old, new, "cubic", grid)
    verdict = mp.check(path, path, runtime="onnxruntime", recipe="noise", seed=seed)
    assert verdict.floors < 0.9, verdict


def resized(folder, old, new, mode, grid):
    """A file of one Resize of an image of that height and width."""
    node = helper.make_node(
        "Resize", ["x", "", "", "sizes"], ["y"], mode=mode, coordinate_transformation_mode=grid
    )
    graph = helper.make_graph(
        [node],
        "resized",
        [helper.make_tensor_value_info("x", 1, [1, 1, *old])],
        [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(np.array([1, 1, *new]), "sizes")],
    )
    path = folder / "resized.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9), path)
    return path


def test_what_lies_on_the_border_stays_inside():
    """A box that ends on the last pixel reads it in every run, so its floor is that of an interpolation."""
    graph = Graph(
        name="crop",
        inputs=(
            TensorSpec("x", (Axis("image", 1), Axis("channel", 1), Axis("height", 300), Axis("width", 300))),
        ),
        outputs=("y",),
        nodes=(Node("y", "crop_resize", ("x", "boxes"), ("y",), {"size": (4, 4), "value": 9.0}),),
        constants={"boxes": np.array([[10.0, 20.0, 299.0, 299.0]])},
    )
    x = np.random.default_rng(0).standard_normal((1, 1, 300, 300)).astype(np.float32)
    floor = measure(graph, {"x": x})
    assert floor.conditioning == "well"
    assert floor.outputs["y"].max() < 1e-3
