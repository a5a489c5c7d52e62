"""The smoke tests of a bundle as a developer runs them: loudly skipped, passed, and failed when they should."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Swift

BUNDLE = ROOT / "swift" / "Tests" / "Fixtures" / "bundle"
#: Runs the tests with these environment variables; the exit status and what they printed.
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def run(swift: Swift) -> Run:
    swift("build", "--build-tests")

    def tests(**variables: str) -> tuple[int, str]:
        plain = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("MODELPARITY_BUNDLE", "MODELPARITY_ECHO"))
        }
        done = subprocess.run(
            swift.command("test", "--skip-build", "--filter", "BundleTests"),
            capture_output=True,
            text=True,
            timeout=1200,
            env=plain | variables,
            cwd=ROOT,
        )
        return done.returncode, done.stdout + done.stderr

    return tests


def test_they_pass_on_a_bundle(run: Run) -> None:
    code, text = run(MODELPARITY_BUNDLE=str(BUNDLE))
    assert code == 0, text
    assert "with 4 test cases passed" in text


@pytest.mark.skipif((ROOT / "build" / "bundle").exists(), reason="there is a bundle at its default place")
def test_they_are_skipped_loudly_without_one(run: Run) -> None:
    code, text = run()
    assert code == 0, text
    assert (
        'skipped: "no golden bundle: modelparity golden bundle FAMILY --models coreml --to build/bundle'
        in text
    )


def test_they_fail_where_a_bundle_is_named_that_is_none(run: Run, tmp_path: Path) -> None:
    code, text = run(MODELPARITY_BUNDLE=str(tmp_path))
    assert code != 0
    assert "no bundle, or damaged" in text


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="there models answer for themselves")
def test_they_fail_on_wrong_models(run: Run) -> None:
    code, text = run(MODELPARITY_BUNDLE=str(BUNDLE), MODELPARITY_ECHO_FLOORS="30")
    assert code != 0
    for name in ("blstm", "dnn", "key", "mixed"):
        assert f"wrong, expected rounding: paths/{name}.pkl run by stand-in (cpuOnly), against {name}" in text
    assert "is off by 30 times what rounding can explain" in text
