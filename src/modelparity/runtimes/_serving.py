"""The loop of a child process: requests of its parent, answered one after another until its input ends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ModelparityError
from ..graph import Array
from ._messages import receive, send

#: Seconds between looks whether the parent lives.
LOOK = 1.0
#: A message, and arrays by name.
Answer = tuple[dict[str, Any], Mapping[str, Array]]


def serve(answer: Callable[[Mapping[str, Any], dict[str, Array]], Answer]) -> None:
    """Answer until the input ends. An error of this package crosses with all that it says, any other by its name.

    What libraries print goes to standard error: standard output carries messages only. Who interrupts the parent
    leaves it to the parent what becomes of this process.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_no_core()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    while True:
        try:
            message, arrays = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            send(out, *answer(message, arrays))
        except ModelparityError as error:
            about = {name: str(value) for name, value in error.details().items() if value is not None}
            send(out, {"error": {"kind": type(error).__name__, **about}})
        except BrokenPipeError:  # the parent has gone
            return
        except Exception as error:
            send(out, {"error": {"kind": "RuntimeFailure", "what": f"{type(error).__name__}: {error}"}})


def _end_with(parent: int) -> None:
    """End once the parent has gone without a word, though a request is still worked on."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)


def _leave_no_core() -> None:
    """A crash is told by its signal; gigabytes of memory on disk would tell nobody more."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
