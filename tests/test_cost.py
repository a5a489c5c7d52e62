"""What tests cost is the processor time of the test, its fixtures and the processes that it started."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from . import cost

TESTS = """
import subprocess, sys, time
import pytest

BUSY = "import time\\nwhile time.process_time() < 0.4: pass"

@pytest.fixture
def dear():
    subprocess.run([sys.executable, "-c", BUSY], check=True)

def test_child(dear): pass
def test_asleep(): time.sleep(0.4)
def test_skipped(): pytest.skip("not here")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_the_dearest_comes_first(pytester, monkeypatch, workers):
    if workers:
        pytest.importorskip("xdist")
    monkeypatch.setenv(
        "PYTHONPATH", str(Path(__file__).parents[1]), prepend=os.pathsep
    )  # for xdist's workers
    pytester.makepyfile(test_it=TESTS)
    found = pytester.runpytest_subprocess("-p", cost.__name__, "--dearest", "2", *workers)
    found.assert_outcomes(passed=2, skipped=1)
    lines = re.findall(r"^ +([\d.]+) s +(\d+) +(\S+)$", found.stdout.str(), re.MULTILINE)
    (whole, count, _), (file, tests, name), (dearest, _, first), (cheap, *_) = lines
    assert (count, tests, name, first) == ("3", "3", "test_it.py", "test_it.py::test_child")
    assert 0.4 <= float(dearest) <= float(file) == float(whole)
    assert float(cheap) < 0.3


def test_a_process_that_lives_counts():
    assert cost.spent() >= sum(os.times()[:2])
    assert cost.of_process(os.getpid()) <= cost.spent() + 0.02
    assert cost.of_process(2**30) == 0
