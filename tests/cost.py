"""What tests cost in processor time, whatever else the machine does: ``make test-cost`` prints the dearest.

    python -m pytest -p tests.cost [--dearest N] ...

A test's seconds are user and system time of the process that runs it, of the processes that it started and that
ended, and on Linux of those that live on. What a process computes once for many tests is the first one's.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import pytest

DEAREST = 40


def spent() -> float:
    """Seconds of processor time so far, of this process and of all that it started."""
    times = os.times()
    return sum(times[:4]) + sum(map(of_process, below(os.getpid())))


def below(pid: int) -> Iterator[int]:
    """The living processes that this one started, and those that these did; none where there is no /proc."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = [*map(int, children.read_text().split())]
        except OSError:  # its thread ended
            continue
        for child in found:
            yield child
            yield from below(child)


def of_process(pid: int) -> float:
    """Seconds of processor time of a process that lives, with those of its own that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended since
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how many are shown."""
    text = f"how many files and tests are shown that cost most ({DEAREST})"
    parser.addoption("--dearest", type=int, default=DEAREST, metavar="N", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Watch this process: the one that runs the tests, or xdist's controller."""
    config.pluginmanager.register(Costs(config.getoption("dearest")), "processor-costs")


class Costs:
    """Seconds of processor time by test."""

    def __init__(self, dearest: int = DEAREST) -> None:
        self.dearest, self.before = dearest, spent()
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the last of a test's reports what was spent since the last of the test before."""
        report = yield
        if call.when == "teardown":
            now = spent()
            report.processor_seconds = now - self.before  # type: ignore[attr-defined] # crosses from xdist's workers
            self.before = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep it."""
        if report.when == "teardown":
            self.seconds[report.nodeid] = getattr(report, "processor_seconds", 0.0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the dearest files and tests, with their share of the whole."""
        terminalreporter.section("processor time")
        for line in table(self.seconds, self.dearest):
            terminalreporter.write_line(line)


def table(seconds: Mapping[str, float], dearest: int) -> list[str]:
    """The sum, then files and then tests that cost most: seconds, how many tests, name."""
    files, tests = defaultdict(float), defaultdict(int)
    for name, cost in seconds.items():
        file = name.partition("::")[0]
        files[file] += cost
        tests[file] += 1
    lines = [f"{sum(seconds.values()):8.1f} s  {len(seconds):6} tests"]
    for costs in (files, seconds):
        for name, cost in sorted(costs.items(), key=lambda one: -one[1])[:dearest]:
            lines.append(f"{cost:8.1f} s  {tests.get(name, 1):6}  {name}")
    return lines
