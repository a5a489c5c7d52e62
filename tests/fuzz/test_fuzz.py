"""The fuzzer itself: it repeats itself, and notices raw errors, crashes, hangs and memory."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

HERE = Path(__file__).parent


def module(name: str) -> Any:
    """A module of this folder, which is no package."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


PLANTED = '''
import ctypes
import time

import numpy as np

from modelparity.engine.limits import limits


class Planted:
    """Every tenth case is bad in its own way."""

    def case(self, rng, number, folder):
        return folder / str(number), "nothing"

    def trial(self, path, rng):
        how = int(path.name)
        if how == 10:
            return {}["raw"]
        if how == 20:
            ctypes.string_at(0)
        if how == 30:
            time.sleep(600)
        if how == 40:
            self.kept = np.ones(60 << 20)
        if how == 50:
            np.ones(1 << 34)
        assert limits().turns == 200
        return "well"


TARGET = Planted
'''


def test_what_is_bad_is_found_and_the_campaign_goes_on(tmp_path, monkeypatch):
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "target.py").write_text(PLANTED)
    campaign, worker = module("campaign"), (HERE / "worker.py").read_text()
    worker = worker.replace("SECONDS, PEAK, SPACE = 20,", "SECONDS, PEAK, SPACE = 8,")
    (tmp_path / "worker.py").write_text(worker)
    monkeypatch.setattr(campaign, "HERE", tmp_path)
    done = campaign.Campaign("planted").run(1, 60)
    assert done.done == 60
    found = {one["number"]: one["what"] for one in done.findings}
    assert sorted(found) == [10, 20, 30, 40, 50]
    assert found[10].startswith("KeyError")
    assert "ended with status -11" in found[20]
    assert found[30].startswith("takes too long")
    assert found[40] == "took too much memory"
    assert "MemoryError" in found[50]
    assert done.table()[-1][-2:] == ("5", "60")


def test_a_case_is_the_same_every_time(tmp_path):
    pytest.importorskip("coremltools")
    code = (
        "import sys, hashlib, pathlib, random; sys.path.insert(0, sys.argv[1]); import worker;"
        "one = worker.target('coreml'); total = hashlib.sha256();\n"
        "for number in range(60):\n"
        "    path, kind = one.case(random.Random(number), number, pathlib.Path(sys.argv[2]))\n"
        "    files = sorted(p for p in path.rglob('*') if p.is_file()) if path.is_dir() else [path]\n"
        "    [total.update(p.read_bytes()) for p in files]\n"
        "print(total.hexdigest())"
    )
    processes = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", code, str(HERE), str(tmp_path / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
    said = {process.communicate(timeout=300)[0] for process in processes}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_mutations_change_what_they_are_given():
    mutation = module("mutation")
    whole = bytes(range(200))
    changed = [mutation.data(Random(n), whole, whole[::-1]) for n in range(200)]
    assert sum(one != whole for one in changed) > 150
    assert len(set(changed)) > 150
    document = b'{"a": [1, {"b": "x"}], "c": null}'
    assert len({mutation.document(Random(n), document) for n in range(200)}) > 50
    for n in range(2000):
        assert -(1 << 31) <= mutation.integer(Random(n), 7, -(1 << 31), (1 << 31) - 1) < 1 << 31
