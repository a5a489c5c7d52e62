"""A program of somebody's that turns a sound file into a file of values: run in a folder of its own, and bounded.

No shell reads its arguments. It has a time limit, what it prints is kept up to a few lines, what it writes may not
outgrow a bound, and whatever it starts ends with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ..errors import InputError, RuntimeFailure

#: Places in arguments: the sound, the file that is to be written, the folder of what declares the program.
PLACES = ("{audio}", "{out}", "{here}")
#: Bytes that it may write into its folder; of what it prints, so many are kept.
MOST, SAID = 1 << 32, 2000
#: Seconds: between two looks at it, and what readers of its output get once it has ended.
LOOK, ENDING = 0.05, 2.0


def filled(arguments: Sequence[str], *, audio: Path, out: Path, here: Path) -> list[str]:
    """The arguments with places filled; a program that is named with a slash is found from ``here``."""
    values = dict(zip(PLACES, map(str, (audio, out, here)), strict=True))
    made = []
    for argument in arguments:
        for place, value in values.items():
            argument = argument.replace(place, value)
        made.append(argument)
    if "/" in made[0] and not os.path.isabs(made[0]):
        made[0] = str(here / made[0])
    return made


def run(arguments: Sequence[str], *, out: Path, folder: Path, seconds: float, where: object) -> None:
    """Run a program in ``folder`` until it has written ``out``.

    Raises `RuntimeFailure` if it ends with another code than 0, takes longer than ``seconds``, or writes more than
    `MOST` bytes or no file; `InputError` if it does not start.
    """
    try:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(folder)},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise InputError(
            "the program does not start",
            where=where,
            found=f"{arguments[0]}: {error.strerror if isinstance(error, OSError) else error}",
            fix="a name is looked up in PATH, a path with a slash beside the file that declares it",
        ) from error
    assert process.stdout is not None
    tail = _Tail(process.stdout)
    why = None
    try:
        why = _watched(process, folder, seconds)
    finally:
        _end(process)
        tail.thread.join(ENDING)
    code = process.returncode
    if why is None and code:
        why = f"ended with exit code {code}" if code > 0 else f"was killed by signal {-code}"
    if why is None and (out.is_symlink() or not out.is_file()):
        why = f"wrote no file {out.name}"
    if why is not None:
        raise RuntimeFailure(
            f"the program {why}",
            where=where,
            found=tail.text or "nothing was printed",
            fix=f"run it by hand: {' '.join(arguments)[:300]}",
        )


def _watched(process: subprocess.Popen[bytes], folder: Path, seconds: float) -> str | None:
    """Wait for it; why it was not left to its end, if it was not."""
    end = time.monotonic() + seconds
    pause = 0.002
    while process.poll() is None:
        if time.monotonic() > end:
            return f"did not end within {seconds:g} seconds"
        if _size(folder) > MOST:
            return f"wrote more than {MOST} bytes"
        time.sleep(pause)
        pause = min(2 * pause, LOOK)
    return f"wrote more than {MOST} bytes" if _size(folder) > MOST else None


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_size
    return total


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started and that stayed in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Tail:
    """The last that a program prints; all of it is read, so that it never waits for a reader."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self.thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self.thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            while block := os.read(stream.fileno(), 1 << 16):
                self._kept = (self._kept + block)[-SAID:]

    @property
    def text(self) -> str:
        """As text, whatever bytes it printed."""
        return self._kept.decode(errors="replace").strip()
