"""--parity takes what `modelparity check` takes: names, fills, ignored outputs, sizes, limits, for one or for all."""

from __future__ import annotations

import json

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.formats import registry

SUFFIX = ".toynet"


def toynet(path):
    """y = x * scale, z = x + 1; ``inputs`` and ``outputs`` are what the file calls them, ``extra`` is a gain."""
    said = json.loads(path.read_text())
    x, y = said.get("names", ("x", "y"))
    inputs = [TensorSpec(x, (Axis("time"), Axis("feature", 4)))]
    nodes = [Node("y", "mul", (x, "scale"), (y,))]
    outputs = [y]
    if said.get("gain"):
        inputs.append(TensorSpec("gain", ()))
        nodes = [Node("g", "mul", (x, "gain"), ("g",)), Node("y", "mul", ("g", "scale"), (y,))]
    if said.get("more"):
        nodes.append(Node("z", "add", (x, "scale"), ("z",)))
        outputs.append("z")
    constants = {"scale": np.array([1.5, 2.5, -0.5, 3.0], "float32")}
    return Graph(path.stem, tuple(inputs), tuple(outputs), tuple(nodes), constants)


@pytest.fixture
def check(pytester, monkeypatch):
    """Files of the format, and a run of pytest on some of them."""
    made = registry.Format("toynet", (SUFFIX,), lambda head, path: path.suffix == SUFFIX, toynet)
    monkeypatch.setitem(registry._own(), "toynet", made)
    for name, said in (
        ("ref", {"more": True}),
        ("same", {"more": True}),
        ("less", {}),
        ("gain", {"more": True, "gain": True}),
    ):
        (pytester.path / f"{name}{SUFFIX}").write_text(json.dumps(said))

    def run(*candidates_and_options):
        candidates = [one for one in candidates_and_options if not one.startswith("-")]
        options = [one for one in candidates_and_options if one.startswith("-")]
        given = [f"--parity-candidate={name}{SUFFIX}" for name in candidates]
        return pytester.runpytest(f"--parity=ref{SUFFIX}", *given, *options)

    return run


def test_fills_and_ignored_outputs(check):
    check("gain").assert_outcomes(failed=3)
    check("gain", "--parity-fill=gain=1").assert_outcomes(passed=3)
    check("gain", "--parity-fill=gain=2").assert_outcomes(failed=3)
    check("less").assert_outcomes(failed=3)
    check("less", "--parity-ignore=z").assert_outcomes(passed=3)


def test_what_is_said_of_one_candidate_holds_for_it_alone(check):
    own = check("gain", "less", "--parity-fill=gain.toynet:gain=1", "--parity-ignore=less.toynet:z")
    own.assert_outcomes(passed=6)
    check("gain", "less", "--parity-fill=gain.toynet:gain=1").assert_outcomes(passed=3, failed=3)


def test_sizes_and_limits(check):
    check("same", "--parity-size=time=7").assert_outcomes(passed=3)
    result = check("same", "--parity-limit=elements=1")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines(["*too large at time=1:*"])
    check("same", "less", "--parity-ignore=z", "--parity-limit=less.toynet:elements=1").assert_outcomes(
        passed=3, skipped=3
    )


def test_the_configuration_file_has_twins(check, pytester):
    pytester.makeini("[pytest]\nparity_fill =\n    gain=1\n")
    check("gain").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--parity-fill=gain", "*--parity-fill: not understood*"),
        ("--parity-size=time=0", "*--parity-size: not understood*"),
        ("--parity-limit=element=5", "*no limit 'element'*"),
        ("--parity-fit=none.json", "*--parity-fit none.json: not known. Use strict, or a file of a fit*"),
    ],
)
def test_what_is_not_understood_is_refused(check, option, said):
    result = check("same", option)
    assert result.ret != 0
    (result.stderr if "limit" not in option else result.stdout).fnmatch_lines([said])


def test_what_contradicts_itself_is_refused_with_both_named(check):
    twice = check("gain", "--parity-fill=gain=1", "--parity-fill=gain=2")
    twice.stderr.fnmatch_lines(["*--parity-fill: 'gain' is given twice*", "*1.0 and 2.0*"])
    strict = check("gain", "--parity-fill=gain=1", "--parity-fit=strict")
    strict.stdout.fnmatch_lines(["*fit='strict' and fill contradict each other*"])
    both = check("less", "--parity-ignore=z", "--parity-name=z=y")
    both.stdout.fnmatch_lines(["*names and ignore contradict each other*"])


def test_they_go_with_files_that_are_named(pytester):
    result = pytester.runpytest("--parity-fill=gain=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--parity-fill was given without --parity*"])
