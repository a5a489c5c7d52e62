"""A first axis that is free and not called batch: of size one it is the whole input, unless it is one of frames."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec

from .nets import cell, dense

FEATURE, ONE = Axis("feature", 3), Axis("one", 1)
SOUND = np.random.default_rng(5).standard_normal((4, 40)).astype(np.float32)


def axes(*names):
    """Free axes of these names, and those that are given."""
    return tuple(Axis(one) if isinstance(one, str) else one for one in names)


def filtered(*names, mean=False):
    """A convolution along the second axis of sound; ``mean``: its mean over all that came in."""
    kernel = np.random.default_rng(1).standard_normal((5, 1, 4)).astype(np.float32)
    nodes = [
        Node("channel", "expand_dims", ("x",), ("channel",), {"axes": (2,)}),
        Node("conv", "conv", ("channel", "K"), ("conv",)),
        Node("tanh", "tanh", ("conv",), ("made" if mean else "y",)),
    ]
    if mean:
        nodes.append(Node("mean", "reduce_mean", ("made",), ("y",), {"axes": (0, 1), "keepdims": False}))
    return Graph("filter", (TensorSpec("x", axes(*names)),), ("y",), tuple(nodes), {"K": kernel})


def spoilt(graph):
    return graph.changed(constants={name: held * np.float32(1.002) for name, held in graph.constants.items()})


def judged(reference, candidate, **options):
    """The verdict on a candidate, once a spoilt one was found wrong the same way."""
    assert mp.check(reference, spoilt(candidate), explain=False, **options).band == "wrong"
    return mp.check(reference, candidate, explain=False, **options)


@pytest.mark.parametrize("first", ["window", "clip", "s77", "batch"])
@pytest.mark.parametrize("mean", [False, True])
def test_a_candidate_of_one_fixed_size_has_the_identity(first, mean):
    reference, candidate = filtered(first, "sample", mean=mean), filtered(ONE, Axis("n", 40), mean=mean)
    verdict = judged(reference, candidate)
    assert verdict.ok
    assert verdict.fit.describe() == (f"run at {first}=1, sample=40, which the candidate fixes",)
    given = judged(reference, candidate, inputs=SOUND[:1], fit="strict")
    assert given.ok
    assert given.fit.identity


def test_more_members_than_the_candidate_takes_come_one_by_one():
    verdict = judged(filtered("window", "sample"), filtered(ONE, Axis("n", 40)), inputs=SOUND)
    assert verdict.ok
    assert verdict.outputs[0].shape == (4, 36, 4)
    assert verdict.fit.along == "window"
    # The least size that PyTorch writes for an axis that it never exports at one.
    least = judged(filtered(Axis("window", least=2), "sample"), filtered(ONE, Axis("n", 40)))
    assert least.ok
    assert least.fit.along == "window"


def test_a_module_with_both_axes_free_against_a_file_of_one_size(tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, -1)), torch.nn.Conv1d(1, 4, 5), torch.nn.Tanh()
    ).eval()
    free = {"input": {0: "window", 1: "sample"}}
    reference = mp.load(module, example=torch.zeros(2, 64), dynamic_shapes=free)
    path = tmp_path / "one.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(1, 40),), path, dynamo=False, input_names=["input"])
    verdict = mp.check(reference, path, explain=False)
    assert verdict.ok
    assert verdict.fit.along is None
    assert dict(verdict.fit.sizes) == {"window": 1, "sample": 40}
    assert mp.check(reference, path, inputs=SOUND[:1], explain=False).fit.along is None


def test_a_program_takes_one_where_pytorch_writes_two_as_the_least(tmp_path):
    module = torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, -1)), torch.nn.Conv1d(1, 4, 5), torch.nn.Tanh()
    ).eval()
    free = ({0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC},)
    program = torch.export.export(module, (torch.zeros(2, 64),), dynamic_shapes=free)
    torch.export.save(program, tmp_path / "net.pt2")
    graph = mp.load(tmp_path / "net.pt2")
    one = torch.from_numpy(SOUND[:1])
    (output,) = mp.run(graph, one.numpy()).values()
    assert np.allclose(output, program.module()(one).detach(), atol=1e-6)
    verdict = judged(graph, filtered_as(graph), inputs=SOUND[:1])
    assert verdict.ok
    assert verdict.fit.along is None


def filtered_as(graph):
    """The graph with an input of one fixed size."""
    (spec,) = graph.inputs
    return graph.changed(inputs=(TensorSpec(spec.name, (ONE, Axis("n", 40)), spec.dtype),))


#: {what: (axes of the reference, of the candidate, sizes that are said)}; all have the identity.
WHOLE = {
    "rank three": (("window", "time", FEATURE), (ONE, Axis("t", 8), FEATURE), {"window": 1, "time": 8}),
    "no axis of time": (
        ("a", "b", "c", FEATURE),
        (ONE, Axis("t", 8), ONE, FEATURE),
        {"a": 1, "b": 8, "c": 1},
    ),
    "an image": (
        ("image", "height", "width", FEATURE),
        (ONE, Axis("h", 8), Axis("w", 8), FEATURE),
        {"image": 1, "height": 8, "width": 8},
    ),
    "a row": (("height", "width", FEATURE), (ONE, Axis("w", 8), FEATURE), {"height": 1, "width": 8}),
    "one channel": (("window", "channel", FEATURE), (Axis("w"), ONE, FEATURE), {"channel": 1}),
    "time first": (("time", "a", FEATURE), (Axis("t", 8), ONE, FEATURE), {"time": 8, "a": 1}),
    "a range": (("a", "time", FEATURE), (ONE, Axis("t", None, 4, 16), FEATURE), {"a": 1, "time": 16}),
    "members alone": (("window", FEATURE), (ONE, FEATURE), {"window": 1}),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_where_the_whole_input_fits_the_identity_is_taken(kind):
    reference, candidate, sizes = WHOLE[kind]
    verdict = judged(dense(axes(*reference)), dense(candidate))
    assert verdict.ok
    assert dict(verdict.cases[0].fit.sizes) == sizes
    assert replace(verdict.cases[0].fit, sizes=()).identity


def free_first(graph):
    """The graph, its first axis free under a name that says nothing."""
    (spec, *more) = graph.inputs
    return graph.changed(inputs=(TensorSpec("x", (Axis("s0"), *spec.axes[1:])), *more))


#: {what: (reference, candidate, axis)}; all are called once a frame.
FRAMES = {
    "time": (dense(axes("time", FEATURE)), dense((ONE, FEATURE)), "time"),
    "it sounds like time": (filtered("frame", "sample"), filtered(ONE, Axis("n", 40)), "frame"),
    "behind members": (dense(axes("a", "time", FEATURE)), dense((ONE, ONE, FEATURE)), "time"),
    "members and frames are missing": (dense(axes("a", "time", FEATURE)), dense((FEATURE,)), "time"),
    "a sequence by what is done to it": (
        free_first(cell(whole=True, state=False)),
        cell(whole=False, state=True),
        "s0",
    ),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_what_goes_frame_by_frame_stays_so(kind):
    reference, candidate, axis = FRAMES[kind]
    verdict = judged(reference, candidate, length=20)
    assert verdict.ok
    assert verdict.fit.along == axis
    assert verdict.outputs[0].shape[reference.inputs[0].axes.index(Axis(axis))] == 20


@pytest.mark.parametrize("first", ["batch", "window"])
def test_what_lacks_the_first_axis_or_has_it_elsewhere_takes_one_member(first):
    reference = dense(axes(first, "time", FEATURE))
    lacking = judged(reference, dense((Axis("t"), FEATURE)), length=20)
    assert lacking.ok
    assert lacking.fit.along is None
    channels_first = dense((ONE, FEATURE, Axis("t")), order=(0, 2, 1), back=(0, 2, 1))
    verdict = judged(reference, channels_first, length=20)
    assert verdict.ok
    assert verdict.fit.describe()[0].startswith(f"x ({first}, time, feature) as (1, feature, time)")
    assert dict(verdict.fit.sizes) == {first: 1}
