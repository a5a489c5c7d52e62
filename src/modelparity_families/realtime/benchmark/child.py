"""Run in a process of its own: the models of one runtime, one after another; its figures are printed as JSON."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path

#: Calls before the first that counts.
WARM = 200


def main() -> None:
    """``child.py RUNTIME FRAMES MODEL...``"""
    import numpy as np

    from modelparity_families.realtime.benchmark.contenders import ready
    from modelparity_families.realtime.stack import stack

    runtime, frames, *names = sys.argv[1:]
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        # What a runtime needs for itself, whatever it runs, is there before the first model.
        kept, found = [], {}
        for name in ("GroovePredictor", "EmotionRecognizer"):
            kept.append(ready(name, runtime, Path(folder)))
            for _ in range(WARM):
                kept[-1](np.zeros((1, stack(name).input), np.float32))
        for name in names:
            x = rng.standard_normal((64, 1, stack(name).input), dtype=np.float32)
            before = resident()
            call = ready(name, runtime, Path(folder))
            for index in range(WARM):
                call(x[index % 64])
            after = resident()
            gc.disable()
            seconds = np.empty(int(frames))
            for index in range(int(frames)):
                frame = x[index % 64]
                start = time.perf_counter()
                call(frame)
                seconds[index] = time.perf_counter() - start
            gc.enable()
            found[name] = {"seconds": seconds.tolist(), "resident": max(0, after - before)}
            kept.append(call)
    json.dump(found, sys.stdout)


def resident() -> int:
    """Bytes of this process in memory; the largest so far where the present number is not to be had."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed goes back first
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    main()
