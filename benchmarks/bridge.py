"""What the way through the bridge costs: above what the evaluator itself takes, and in copies of large tensors.

The model gives back what it is given, computed by a few lines of C in the stand-in, so that all time is the way's.
Small tensors: microseconds a call, through cffi (this package), through ctypes, through a process that is kept, and
through a process for each call. Large tensors, beside one copy of the same size into new memory: how many times the
time and the processor's time, and how much new memory, in tensors (counted in pages that the kernel had to bring, so
that it is the same on a busy machine). The stand-in copies what its evaluator answers once, and that is in them.
Best of interleaved rounds, one thread; Linux, Swift and a C compiler are needed.

Bringing new memory takes longer than filling it, several times so in pages of 4 KiB, much less in pages of 2 MiB.
numpy asks the kernel for large pages, C's ``malloc`` does not, and a kernel may do as asked (``madvise``), or give
large ones to all, or to none. So numpy is told not to ask: copies and calls are then measured on pages of one size
everywhere.

Run it with ``make bench`` or ``python benchmarks/bridge.py [--rounds N] [--megabytes N] [--json FILE]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy loads
os.environ["NUMPY_MADVISE_HUGEPAGE"] = "0"

import argparse
import ctypes
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from modelparity.errors import Unavailable
from modelparity.runtimes._messages import receive, send
from modelparity.runtimes.bridge import building, sources
from modelparity.runtimes.bridge.library import Library

SMALL = (1, 8)
#: Microseconds that a call may cost above its evaluator, and copies that a large tensor may be worth.
MOST_MICROSECONDS, MOST_COPIES = 50.0, 1.5
#: Gives back what it is given.
EVALUATOR = r"""
#include "modelparity.h"
#include <stdio.h>
#include <string.h>
static int32_t (*text)(mp_reply *, const char *), (*tensor)(mp_reply *, const mp_tensor *);
static void describe(void *context, const char *path, const char *function, mp_reply *reply) {
  text(reply, "{\"inputs\": [{\"name\": \"x\", \"type\": \"multiArray\", \"dtype\": \"float32\", \"shape\": [1, 8],"
              " \"flexible\": {\"kind\": \"ranges\", \"ranges\": [[1, -1], [8, 8]]}}],"
              " \"outputs\": [{\"name\": \"y\", \"type\": \"multiArray\", \"dtype\": \"float32\", \"shape\": []}]}");
}
static void predict(void *context, const char *path, const char *function, int64_t state, const mp_tensor *inputs,
                    int32_t count, mp_reply *reply) {
  mp_tensor output = inputs[0];
  output.name = "y";
  tensor(reply, &output);
}
static mp_evaluator evaluator = {0, describe, predict, 0};
const mp_evaluator *identity(void *reply_text, void *reply_tensor) {
  text = reply_text;
  tensor = reply_tensor;
  return &evaluator;
}
"""


class Tensor(ctypes.Structure):
    """``mp_tensor`` as ctypes declares it."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_int64),
        ("shape", ctypes.c_int64 * 8),
        ("strides", ctypes.c_int64 * 8),
        ("rank", ctypes.c_int32),
        ("dtype", ctypes.c_int32),
    )


class Ways:
    """One model of the stand-in, called in every way."""

    def __init__(self, folder: Path, built: Path) -> None:
        self.built, self.evaluator = built, folder / "evaluator.so"
        source = folder / "evaluator.c"
        source.write_text(EVALUATOR)
        include = f"-I{sources.header().parent}"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", include, str(source), "-o", str(self.evaluator)], check=True
        )
        self.file = folder / "net.mlmodel"
        self.file.write_bytes(b"the stand-in asks its evaluator")
        self.cache = folder / "cache"
        self.library = opened(built, self.evaluator)
        self.model = self.library.open(self.file, cache=self.cache)
        self._ctypes()
        self.process = self._process()

    def cffi(self, x: np.ndarray) -> np.ndarray:
        return self.model.run({"x": x})["y"]

    def _ctypes(self) -> None:
        lib = self.lib = ctypes.CDLL(str(self.built))
        self.handle = ctypes.c_void_p()
        options = json.dumps({"cache": str(self.cache)}).encode()
        assert lib.mp_model_open(str(self.file).encode(), options, ctypes.byref(self.handle)) == 0
        lib.mp_result_count.argtypes = lib.mp_result_free.argtypes = [ctypes.c_void_p]

    def ctypes(self, x: np.ndarray) -> np.ndarray:
        """As ctypes is usually used: a struct a call, the result copied out and freed."""
        given, found, result = Tensor(), Tensor(), ctypes.c_void_p()
        given.name, given.data, given.bytes = b"x", x.ctypes.data, x.nbytes
        given.shape[: x.ndim], given.strides[: x.ndim] = x.shape, [s // x.itemsize for s in x.strides]
        given.rank = x.ndim
        status = self.lib.mp_model_run(
            self.handle, ctypes.byref(given), 1, None, None, 0, ctypes.byref(result)
        )
        assert status == 0
        self.lib.mp_result_get(result, 0, ctypes.byref(found))
        data = (ctypes.c_char * found.bytes).from_address(found.data)
        y = np.frombuffer(data, np.float32).reshape(found.shape[: found.rank]).copy()
        self.lib.mp_result_free(result)
        return y

    def _process(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, __file__, "--serve", self.built, self.evaluator, self.file, self.cache]
        return subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def kept(self, x: np.ndarray) -> np.ndarray:
        """A process that is kept, as this package's runtimes have one."""
        return asked(self.process, x)

    def each(self, x: np.ndarray) -> np.ndarray:
        """A process for each call."""
        process = self._process()
        try:
            return asked(process, x)
        finally:
            ended(process)


def asked(process: subprocess.Popen[bytes], x: np.ndarray) -> np.ndarray:
    send(process.stdin, {}, {"x": x})
    return receive(process.stdout)[1]["y"]


def ended(process: subprocess.Popen[bytes]) -> None:
    process.stdin.close()
    process.wait()
    process.stdout.close()


def opened(built: Path, evaluator: Path) -> Library:
    """The library with the evaluator of C registered."""
    library = Library(built)
    made = ctypes.CDLL(str(evaluator)).identity
    made.restype = ctypes.c_void_p
    given = [
        ctypes.c_void_p(int(library.ffi.cast("intptr_t", getattr(library.lib, name))))
        for name in ("mp_reply_text", "mp_reply_tensor")
    ]
    pointer = library.ffi.cast("mp_evaluator *", made(*given))
    library.check(library.lib.mp_standin_register(pointer))
    return library


def serve(built: str, evaluator: str, file: str, cache: str) -> None:
    model = opened(Path(built), Path(evaluator)).open(file, cache=cache)
    while True:
        try:
            _, arrays = receive(sys.stdin.buffer)
        except EOFError:
            return
        send(sys.stdout.buffer, {}, model.run(arrays))


def best(calls: dict[str, Callable[[], object]], rounds: int, times: int) -> dict[str, float]:
    """Least seconds of one call of each, rounds interleaved."""
    found = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(times):
                call()
            found[name] = min(found[name], (time.perf_counter() - started) / times)
    return found


def inside(calls: dict[str, Callable[[], object]], rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Least seconds of this process's processor, and least bytes of memory that the kernel brought, of one call."""
    seconds, memory = dict.fromkeys(calls, float("inf")), dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            resident, started = faults(), time.process_time()
            call()
            seconds[name] = min(seconds[name], time.process_time() - started)
            memory[name] = min(memory[name], float((faults() - resident) * resource.getpagesize()))
    return seconds, memory


def faults() -> int:
    """Pages that were brought without reading a disk, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="timed rounds (default 20)")
    parser.add_argument("--megabytes", type=int, default=64, help="size of the large tensor (default 64)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--serve", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(*args.serve)
        return 0
    try:
        built = building.build()
    except Unavailable as error:
        print(f"!! the bridge is not measured: {error}", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        ways = Ways(Path(folder), built)
        figures = measured(ways, args.rounds, args.megabytes)
        ended(ways.process)
    shown(figures, args.megabytes)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def measured(ways: Ways, rounds: int, megabytes: int) -> dict[str, dict[str, float]]:
    x = np.arange(8, dtype=np.float32).reshape(SMALL)
    for way in (ways.cffi, ways.ctypes, ways.kept, ways.each):
        assert np.array_equal(way(x), x)
    small = best({"cffi": lambda: ways.cffi(x), "ctypes": lambda: ways.ctypes(x)}, 5 * rounds, 100)
    small |= best({"kept": lambda: ways.kept(x)}, rounds, 50)
    small |= best({"each": lambda: ways.each(x)}, 3, 1)
    large = np.ones((megabytes << 15, 8), np.float32)
    calls: dict[str, Callable[[], object]] = {
        "copy": large.copy,
        "cffi": lambda: ways.cffi(large),
        "ctypes": lambda: ways.ctypes(large),
        "kept": lambda: ways.kept(large),
    }
    big = best(calls, max(rounds, 3), 1)
    big |= best({"each": lambda: ways.each(large)}, 2, 1)
    calls.pop("kept")
    seconds, memory = inside(calls, max(rounds, 3))
    tensors = {name: bytes_ / large.nbytes for name, bytes_ in memory.items()}
    return {"small": small, "large": big, "processor": seconds, "tensors": tensors}


def shown(figures: dict[str, dict[str, float]], megabytes: int) -> None:
    words = {
        "cffi": "cffi, as here",
        "ctypes": "ctypes",
        "kept": "a process that is kept",
        "each": "a process for each call",
    }
    small, large, processor, tensors = (figures[key] for key in ("small", "large", "processor", "tensors"))
    print(f"{'':34}{'8 floats':>21}{f'{megabytes} MB, in copies':>32}")
    print(
        f"{'the way to the stand-in and back':34}{'us a call':>11}{'cffi = 1':>10}"
        f"{'time':>10}{'processor':>11}{'new memory':>12}"
    )
    for name, word in words.items():
        own = f"{processor[name] / processor['copy']:>11.2f}" if name in processor else f"{'-':>11}"
        new = f"{tensors[name]:>12.2f}" if name in tensors else f"{'-':>12}"
        print(
            f"{word:34}{1e6 * small[name]:>11.1f}{small[name] / small['cffi']:>10.2f}"
            f"{large[name] / large['copy']:>10.2f}{own}{new}"
        )
    print(f"targets for cffi: {MOST_MICROSECONDS:g} us above the evaluator, {MOST_COPIES:g} copies")


if __name__ == "__main__":
    sys.exit(main())
