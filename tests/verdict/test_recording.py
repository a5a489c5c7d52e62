"""Checks of what lives in this process: if it dies of one, the next process says which."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest

import modelparity as mp
from modelparity.runtimes import Runtime


def net():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    return mp.Graph("net", (spec,), ("y",), (mp.Node("r", "relu", ("x",), ("y",)),), {})


class Live(Runtime):
    """Runs functions."""

    name = "live"

    def accepts(self, artefact):
        return callable(artefact)

    def run(self, artefact, feeds):
        return {"y": artefact(feeds["x"])}


def rectified(x):
    return np.maximum(x, 0)


#: Checks a function that is the end of the process on the second of three recipes.
DIES = """
import os, signal, sys
sys.path.insert(0, {folder!r})
from test_recording import Live, mp, net, rectified
calls = []
def candidate(x):
    calls.append(x.shape)
    if x.shape[0] == {length}:
        os.kill(os.getpid(), signal.SIGSEGV)
    return rectified(x)
mp.check(net(), candidate, runtime=Live(), recipes=["one_frame", "noise", "odd_length"])
"""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def dead(code):
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler=0", "-c", code], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGSEGV, done.stderr.decode()


def test_the_next_check_says_what_died_once(kept):
    from modelparity.inputs import make

    length = make(net(), "noise")["x"].shape[0]
    dead(DIES.format(folder=os.path.dirname(__file__), length=length))
    (journal,) = (kept / "journals").iterdir()
    assert json.loads(journal.read_text().splitlines()[-1]) == {"begun": "noise"}
    said = (
        r"before this one died \(\d+\) while it checked function against net, case noise; never begun: odd_"
    )
    with pytest.warns(RuntimeWarning, match=said):
        assert mp.check(net(), rectified, runtime=Live(), recipe="noise").ok
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mp.check(net(), rectified, runtime=Live(), recipe="noise").ok
    assert not list((kept / "journals").iterdir())


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_what_ends_by_an_error_leaves_nothing(kept, error):
    class Ends(Live):
        def describe(self):
            raise error("x")

    with pytest.raises(error):
        mp.check(net(), rectified, runtime=Ends(), recipe="noise")
    assert not list((kept / "journals").iterdir())


def test_files_and_graphs_need_no_journal(kept, tmp_path):
    mp.check(net(), net(), recipe="noise")
    pytest.importorskip("onnx")
    mp.check(net(), mp.convert(net(), tmp_path / "net.onnx"), recipe="noise")
    assert not kept.exists()


def test_where_nothing_can_be_written_checks_go_on(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "file"))
    assert mp.check(net(), rectified, runtime=Live(), recipe="noise").ok


def test_memory_that_is_not_there_fails_its_case_alone(kept):
    class Greedy(Live):
        def describe(self):
            self.asked = getattr(self, "asked", 0) + 1
            if self.asked == 2:
                raise MemoryError("unable to allocate 7 TiB")
            return {}

    verdict = mp.check(net(), rectified, runtime=Greedy(), recipes=["one_frame", "noise", "odd_length"])
    assert not verdict.ok
    assert [one.case for one in verdict.unjudged] == ["noise"]
    assert "unable to allocate 7 TiB" in str(verdict)
