"""What a run of coremltools' tests amounts to: counts by operator, and failures against the list of exceptions."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Kinds of models that operations are tested in, and what the names of their tests contain.
GROUPS = {
    "operations, float16 programs": "=mlprogram-fp16-",
    "operations, float32 programs": "=mlprogram-fp32-",
    "operations, networks": "=neuralnetwork-",
}
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")


@dataclass
class Outcome:
    """One test. ``kind`` is passed, failed or "not applicable": it did not predict, or Apple expects it to fail.

    ``reason`` says why it is not applicable.
    """

    test: str
    kind: str
    ops: Sequence[str] = ()
    seconds: float = 0.0
    error: str = ""
    reason: str = ""


@dataclass
class Exception_:
    """Tests that may fail, with the reason: those of a function whose name contains all of ``parts``.

    ``needs`` is a module without which they do not run.
    """

    test: str
    reason: str
    parts: tuple[str, ...] = ()
    needs: str = ""
    matched: int = field(default=0, compare=False)
    failed: int = field(default=0, compare=False)

    def matches(self, name: str) -> bool:
        """Whether it speaks of this test."""
        function = name.split("[")[0]
        parameters = name[len(function) :]
        return function == self.test and all(part in parameters for part in self.parts)

    def can_run(self) -> bool:
        """Whether what its tests need is installed."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None


def outcome(record: dict[str, Any]) -> Outcome:
    """What a recorded line means. A model that cannot be read is a failure even if nobody asks it to predict."""
    result, predicted = record["outcome"], record["predictions"] > 0
    unread = record.get("unread", "")
    if result == "failed" or (result == "passed" and unread):
        kind = "failed"
    elif result in ("passed", "xpassed") and predicted:
        kind = "passed"
    else:
        kind = "not applicable"
    reason = record.get("reason", "") if kind == "not applicable" else ""
    return Outcome(record["test"], kind, record["ops"], record["seconds"], record["error"] or unread, reason)


def read(path: Path) -> list[Outcome]:
    """The outcomes of a record, each test once: its worst."""
    rank = {"failed": 0, "passed": 1, "not applicable": 2}
    found: dict[str, Outcome] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "test" in record:
            one = outcome(record)
            known = found.get(one.test)
            if known is None or rank[one.kind] < rank[known.kind]:
                found[one.test] = one
    return list(found.values())


def exceptions(path: Path = EXCEPTIONS) -> tuple[list[Exception_], dict[str, str]]:
    """The listed exceptions, and the operators that no test reaches here, each with its reason."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    listed = [
        Exception_(one["test"], one["reason"], tuple(one.get("parts", ())), one.get("needs", ""))
        for one in content.get("exception", ())
    ]
    unreached = dict(content.get("unreached", {}))
    for needed, more in content.get("without", {}).items():
        if importlib.util.find_spec(needed) is None:
            unreached |= more
    return listed, unreached


def unsampled(path: Path = EXCEPTIONS) -> dict[str, str]:
    """Operators that the whole run reaches and the sample does not, each with its reason."""
    with path.open("rb") as file:
        return dict(tomllib.load(file).get("unsampled", {}))


def operator_of(one: Outcome) -> str:
    """The operator that a test is about: its class for an ML Program, its function for a network."""
    file, _, rest = one.test.partition("::")
    names = rest.split("[")[0].split("::")
    if "nn_layers" in file:
        name = names[-1].removeprefix("test_").removesuffix("_cpu").removesuffix("_gpu")
        return f"nn {name.split('_')[0]}"
    version = file.split("/")[0]
    return f"{names[0].removeprefix('Test')} ({version})"


def group_of(one: Outcome) -> str:
    """Which kind of model a test is about."""
    if "nn_layers" in one.test:
        return "tests of networks"
    for name, mark in GROUPS.items():
        if mark in one.test:
            return name
    return "operations, no model"


def table(
    found: Iterable[Outcome], key: Callable[[Outcome], str] = operator_of
) -> list[tuple[str, int, int, int]]:
    """(operator, or another group of tests, passed, failed, not applicable), sorted."""
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        row = counts.setdefault(key(one), {"passed": 0, "failed": 0, "not applicable": 0})
        row[one.kind] += 1
    return sorted((name, *row.values()) for name, row in counts.items())


def reasons(found: Iterable[Outcome]) -> list[tuple[str, int]]:
    """(why tests are not applicable, how many), the most frequent first."""
    counts = Counter(one.reason for one in found if one.kind == "not applicable")
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def problems(found: Sequence[Outcome], listed: Sequence[Exception_], *, whole: bool) -> list[str]:
    """What must not be: failures that nobody explains, and exceptions that explain nothing.

    An exception is stale if its tests ran and none failed; after a sample, only if all of them ran.
    """
    wrong = []
    for one in found:
        mine = [e for e in listed if e.matches(one.test)]
        for e in mine:
            e.matched += 1
            e.failed += one.kind == "failed"
        if one.kind == "failed" and not mine:
            wrong.append(f"{one.test}: {one.error}")
    if whole:
        for e in listed:
            if e.failed == 0 and e.can_run():
                what = "matches no test" if not e.matched else f"its {e.matched} tests do not fail"
                wrong.append(f"stale exception: {e.test} {list(e.parts)}: {what}")
    return wrong


def coverage(found: Iterable[Outcome], known: Iterable[str], unreached: dict[str, str]) -> list[str]:
    """What must not be about operators: one that no test reaches unlisted, or one listed that a test reaches."""
    seen = {op for one in found for op in one.ops}
    missing = [f"no test reaches {op!r}" for op in sorted(set(known) - seen - set(unreached))]
    return missing + [f"stale entry: tests reach {op!r}" for op in sorted(set(unreached) & seen)]
