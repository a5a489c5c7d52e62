"""Run files of coremltools' own tests with predictions by the engine.

    python tests/conformance/coreml/apple.py iOS14/test_activation.py [options of pytest]

Files are named by the end of their path. The options that this needs (plugin, root, no settings of this project)
are added.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent


def home() -> Path:
    """The folder of the coremltools package."""
    found = importlib.util.find_spec("coremltools")
    if found is None or found.origin is None:
        raise SystemExit("coremltools is not installed: pip install 'modelparity[coreml]'")
    return Path(found.origin).parent


def files() -> list[Path]:
    """Every test file that counts."""
    mil = home() / "converters/mil/mil/ops/tests"
    network = home() / "test/neural_network/test_numpy_nn_layers.py"
    return [*sorted(mil.glob("iOS*/test_*.py")), network]


def expanded(argument: str) -> str:
    """The path of a test file (and what follows after ::) if the argument names one, else the argument."""
    name, *rest = argument.split("::")
    matching = [str(path) for path in files() if path.as_posix().endswith(f"/{name}")]
    return "::".join([matching[0], *rest]) if len(matching) == 1 else argument


def command(arguments: Sequence[str]) -> list[str]:
    """The command line that runs pytest with these arguments."""
    options = ["-c", str(HERE / "apple.ini"), f"--rootdir={home().parent}", "-p", "coreml_patch"]
    return [sys.executable, "-m", "pytest", *options, *map(expanded, arguments)]


def environment() -> dict[str, str]:
    """The environment of such a run: the plugin is found here, and one thread a process."""
    path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    # numpy's vectorised argsort leaves equal elements in no order; the tests expect the plain one's.
    plain = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 AVX512_SKX"}
    # With float32 programs too: float16 ones are held to half a unit, absolutely, and 5%.
    precise = {"INCLUDE_MIL_FP32_UNIT_TESTS": "1"}
    quiet = {"TQDM_DISABLE": "1"}
    return {
        **threads,
        **plain,
        **precise,
        **quiet,
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "ignore",
    }


if __name__ == "__main__":
    raise SystemExit(subprocess.run(command(sys.argv[1:]), env=environment()).returncode)
