"""Runtimes that tell of other ways, and those that tell of none."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError
from modelparity.runtimes.base import Optimiser, Runtime, Variant
from modelparity.runtimes.coreml import CoreML
from modelparity.runtimes.coremltools import CoreMLTools
from modelparity.runtimes.engine import Engine
from modelparity.runtimes.standin import StandIn
from modelparity.verdict.question import Question

F = np.float32
SPEC = mp.TensorSpec("x", (mp.Axis("time", 5), mp.Axis("feature", 4)))
NODES = (
    mp.Node("one", "tanh", ("x",), ("a",)),
    mp.Node("two", "mul", ("a", "k"), ("b",)),
    mp.Node("three", "sigmoid", ("b",), ("y",)),
)


def net(k=2.0):
    return mp.Graph("net", (SPEC,), ("y",), NODES, {"k": np.asarray(k, F)})


class Passing(Runtime, Optimiser):
    """Runs graphs, with passes that halve a constant if all of ``guilty`` are on."""

    name = "passing"

    def __init__(self, guilty=("fold",), off=(), known=None, optimise=True):
        self.guilty, self.off, self._known, self.optimise = guilty, tuple(off), known or {}, optimise

    def accepts(self, artefact):
        return isinstance(artefact, mp.Graph)

    def _graph(self, artefact):
        on = self.optimise and not set(self.guilty) & set(self.off)
        return artefact.changed(constants={"k": artefact.constants["k"] / 2}) if on else artefact

    def run(self, artefact, feeds):
        return Engine().run(self._graph(artefact), feeds)

    @property
    def optimiser(self):
        return self if self.optimise else None

    def variants(self, artefact):
        plain = Passing(self.guilty, known=self._known, optimise=False)
        return (Variant("no passes", plain, "passes=None"),) if self.optimise else ()

    def passes(self, artefact):
        return ("dead", "fold", "fuse")

    def without(self, passes):
        return Variant(f"without {', '.join(passes)}", Passing(self.guilty, passes), f"off={[*passes]}")

    def rewritten(self, artefact):
        return self._graph(artefact)

    def taps(self, artefact, feeds):
        return mp.run(self._graph(artefact), feeds, arithmetic="float32", taps=True)

    def makers(self, artefact):
        return {name: node.op for node in artefact.nodes for name in node.outputs}


class Doubling(Runtime):
    """Says nothing of itself."""

    name = "doubling"

    def accepts(self, artefact):
        return isinstance(artefact, mp.Graph)

    def run(self, artefact, feeds):
        return {name: 2 * array for name, array in Engine().run(artefact, feeds).items()}


def test_a_pass_and_the_place_of_any_runtime():
    found = mp.check(net(), net(), runtime=Passing()).located
    assert (found.side, found.passes, found.step, found.asked) == (
        "runtime",
        ("fold",),
        "mul",
        "off=['fold']",
    )


def test_a_runtime_that_says_nothing_of_itself():
    verdict = mp.check(net(), net(), runtime=Doubling())
    assert (verdict.located.side, verdict.located.step, verdict.located.asked) == ("runtime", "", "")
    assert "another runtime" in str(verdict)
    assert [way.name for way in verdict.located.ways] == ["the module, by this package's engine"]


def test_what_fails_in_another_way_is_said_there_and_spoils_nothing():
    class Failing(Passing):
        def variants(self, artefact):
            class No(Passing):
                def run(self, artefact, feeds):
                    raise ArtefactError("not today")

            return (Variant("no", No(), ""), *super().variants(artefact))

    found = mp.check(net(), net(), runtime=Failing()).located
    assert found.side == "runtime"
    assert "not today" in next(way.error for way in found.ways if way.name == "no")


def test_no_time_is_no_answer_but_the_verdict_stays():
    found = mp.check(net(), net(), runtime=Passing(), explain=1e-9)
    assert (found.band, found.located.side, found.located.passes) == ("wrong", "runtime", ())


@pytest.mark.parametrize(("floors", "side"), [(1.05, "artefact"), (3.0, "runtime")])
def test_near_the_limit_no_runtime_is_blamed(floors, side):
    """An element is off by a little more than a floor, to the side to which the file's own rounding goes too."""
    subject = Question(net(), recipes=("noise",)).references["noise"]
    truth, floor = subject.truth["y"], subject.floor().outputs["y"]
    own = mp.run(net(), subject.feeds, arithmetic="float32")["y"]
    at = np.unravel_index(np.argmax(np.abs(own - truth) / floor), own.shape)

    class Apart(Runtime):
        name = "apart"

        def accepts(self, artefact):
            return True

        def run(self, artefact, feeds):
            y = own.astype(np.float64)
            y[at] = truth[at] + floors * floor[at] * np.sign(own[at] - truth[at])
            return {"y": y.astype(F)}

    verdict = mp.check(net(), net(), runtime=Apart(), recipe="noise")
    assert (verdict.band, verdict.located.side) == ("wrong", side)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def module(torch, *, autocast):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.linear = torch.nn.Linear(8, 8)

        def forward(self, x):
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                y = self.linear(x)
            return (y.float() * 3).tanh()

    return Net().eval()


def test_autocast_is_named(torch):
    x = np.random.default_rng(0).standard_normal((4, 8)).astype(F)
    verdict = mp.check(
        mp.load(module(torch, autocast=False), example=x), module(torch, autocast=True), inputs=x
    )
    assert verdict.band == "wrong"
    assert "with autocast off it agrees" in str(verdict)
    assert "enabled=False" in verdict.located.asked


def test_what_a_compiler_made_of_a_module_is_told_from_the_module(torch):
    def wrong(graph, example):
        return lambda *given: tuple(one * 1.1 for one in graph.forward(*given))

    x = np.random.default_rng(0).standard_normal((4, 8)).astype(F)
    plain = module(torch, autocast=False)
    compiled = torch.compile(module(torch, autocast=False), backend=wrong)
    found = mp.check(mp.load(plain, example=x), compiled, inputs=x).located
    assert found.side == "runtime"
    assert "force_eager" in found.asked
    assert {way.name: way.agrees for way in found.ways}["eager mode"]


@pytest.mark.parametrize(
    ("make", "every", "alone"),
    [(CoreML, "all", "cpuOnly"), (StandIn, "cpuAndGPU", "cpuOnly"), (CoreMLTools, "ALL", "CPU_ONLY")],
)
def test_core_ml_on_the_processor_alone(make, every, alone):
    (variant,) = make(units=every, limit=7).variants("net.mlpackage")
    assert (type(variant.runtime), variant.runtime.units) == (make, alone)
    assert variant.runtime.variants("net.mlpackage") == ()
    assert alone.lower().replace("_", "") in variant.asked.lower().replace("_", "")


def test_a_stand_in_keeps_its_arithmetic():
    (variant,) = StandIn(units="all", arithmetic="float16").variants("net.mlpackage")
    assert variant.runtime.arithmetic == "float16"
