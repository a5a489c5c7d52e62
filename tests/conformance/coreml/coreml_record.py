"""A pytest plugin that chooses among coremltools' tests and writes down what came of each.

``--sample N`` keeps about N tests: of every test function at least one for each operator or mode that it is about,
and more of those with more cases, chosen by a checksum of the test's name, so that every machine chooses the same.
``--record FILE`` writes a line of JSON for every test: name, outcome, how often it predicted, which operations,
seconds, and the error's first line.
"""

from __future__ import annotations

import gc
import json
import re
import time
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

#: What every name has and what says nothing.
NOISE = re.compile(r"compute_units?=ComputeUnit\.CPU_ONLY-?|<AvailableTarget\.|: \d+>")
BACKEND = re.compile(r"BackendConfig\(backend='(\w+)', precision='(\w+)', opset_version=(\w+)\)")

#: Tests that take long, by parts of their names.
LONG = re.compile(
    r"test_(conv3d|pool3d|\w+_conv2d_stress|random_normal_like|slice_static|upsample_pytorch)|sliceupdate::test_stress"
)
#: Parameters that are numbers and choose an operator (of networks), or whether a test is skipped.
NUMBERS = ("batch_size", "num_dims")
#: Tests that only build programs and look at what the builder makes of them, by parts of their functions' names.
QUIET = re.compile(
    r"builder_eval|inference|invalid|const_type|const_sub_byte|cast_with_symbolic|ErrorOut|default_bias"
)


def short(nodeid: str) -> str:
    """A test's name without what all names share: ``iOS14/test_conv.py::TestConv::test_x[mlprogram-...]``."""
    nodeid = nodeid.split("/ops/tests/")[-1].split("/neural_network/")[-1]
    return BACKEND.sub(r"\1-\2-\3", NOISE.sub("", nodeid))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two options."""
    group = parser.getgroup("coreml")
    group.addoption("--sample", type=int, default=0, help="keep about so many tests")
    group.addoption("--record", default="", help="write a line of JSON for every test to this file")


def chosen(cases: list[tuple[str, frozenset[str]]], count: int) -> set[str]:
    """About ``count`` of the names, given with the words among their parameters.

    Of each function first those that bring the most words (operators, modes) which no chosen one has, until all
    are there; then more: its share grows with the root of its cases.
    """
    functions: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for name, words in cases:
        functions[name.split("[")[0]].append((name, words))
    total = sum(len(own) ** 0.5 for own in functions.values())
    kept: set[str] = set()
    for own in functions.values():
        own.sort(key=lambda case: (zlib.crc32(case[0].encode()), case[0]))
        missing, mine = set().union(*(words for _, words in own)), []
        while missing or not mine:
            name, words = max(own, key=lambda case: len(case[1] & missing))
            missing -= words
            mine.append(name)
        share = max(1, round(count * len(own) ** 0.5 / total))
        mine += [name for name, _ in own if name not in mine][: max(0, share - len(mine))]
        kept.update(mine)
    return kept


def words_of(item: pytest.Item) -> frozenset[str]:
    """Parameters that are words, and the numbers among them that choose an operator or whether the test is skipped.

    Networks and programs are read by different code, so each has words of its own; a float32 program is read as its
    float16 twin is, so one of a function is enough.
    """
    found = getattr(getattr(item, "callspec", None), "params", {})
    backend, precision = (str(getattr(found.get("backend"), part, "")) for part in ("backend", "precision"))
    if (backend, precision) == ("mlprogram", "fp32"):
        return frozenset(["mlprogram fp32"])
    words = {name: value for name, value in found.items() if isinstance(value, str) or name in NUMBERS}
    return frozenset([backend, *(f"{backend} {name}={value}" for name, value in words.items())])


def mixed(item: pytest.Item) -> bool:
    """Whether a test of float32 programs makes one with float16 numbers, as far as its parameters say.

    Such a test allows a relative difference of 1e-5, a hundredth of what rounding to float16 makes.
    """
    found = getattr(getattr(item, "callspec", None), "params", {})
    backend = found.get("backend")
    if (getattr(backend, "backend", ""), getattr(backend, "precision", "")) != ("mlprogram", "fp32"):
        return False
    return any(
        re.search(r"\b(float16|fp16)\b", str(value)) for name, value in found.items() if name != "backend"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the sample. Tests that take no backend only build programs: they predict nothing."""
    for item in items:
        if mixed(item):
            item.add_marker(pytest.mark.skip(reason="float16 numbers held to float32; its float16 twin runs"))
    count = config.getoption("--sample")
    if not count:
        return
    kept = chosen([(short(item.nodeid), words_of(item)) for item in items if predicts(item)], count)
    out = [item for item in items if short(item.nodeid) not in kept]
    items[:] = [item for item in items if short(item.nodeid) in kept]
    config.hook.pytest_deselected(items=out)


def pytest_collection_finish() -> None:
    """Keep modules and tests out of garbage collections: coremltools asks for one at every conversion."""
    gc.collect()
    gc.freeze()


def predicts(item: pytest.Item) -> bool:
    """Whether the test can predict, as far as its name says, and in no more than a few seconds."""
    function = item.nodeid.split("[")[0]
    if mixed(item) or QUIET.search(function) or LONG.search(function.lower()):
        return False
    if "test_numpy_nn_layers" not in item.nodeid:
        return "backend" in getattr(item, "fixturenames", ())
    # Twins for a GPU are one test here, and some tests take minutes: the whole run has them.
    return not item.nodeid.endswith("_gpu")


class Recorder:
    """Writes the lines; under xdist in the process that hands out the tests."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8")
        self.started: dict[str, float] = {}

    def write(self, **record: Any) -> None:
        """One line, at once, since somebody may be watching."""
        self.file.write(json.dumps(record) + "\n")
        self.file.flush()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How many tests there are."""
        if session.items:
            self.write(total=len(session.items))

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """How many tests there are, as a worker says."""
        self.write(total=len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What came of a test: its call, or its setup if that was the end of it."""
        if report.when != "call" and report.passed:
            return
        noted = dict(report.user_properties)
        outcome = report.outcome
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        self.write(
            test=short(report.nodeid),
            outcome=outcome,
            predictions=noted.get("predictions", 0),
            ops=noted.get("ops", []),
            seconds=round(report.duration, 3),
            error=first_line(report) if report.failed else "",
            reason=reason_of(report, noted),
            unread=" ".join(noted.get("unread", "").split())[:300],
            at=time.time(),
        )

    def pytest_sessionfinish(self) -> None:
        """Close the file."""
        self.file.close()


def reason_of(report: pytest.TestReport, noted: dict[str, Any]) -> str:
    """Why a test that did not fail says nothing about predictions; "" if it does."""
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail.removeprefix('reason: ')}" if report.skipped else ""
    if report.skipped:
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return f"skipped: {text.removeprefix('Skipped: ')}"
    if noted.get("predictions"):
        return ""
    return (
        "checks a model without predicting" if noted.get("models") else "checks the converter without a model"
    )


def first_line(report: pytest.TestReport) -> str:
    """The line of a failure that says most."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return " ".join(text.split())[:300]


def pytest_configure(config: pytest.Config) -> None:
    """Record in the main process only."""
    path = config.getoption("--record")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(path)), "coreml-recorder")
