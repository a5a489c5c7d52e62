"""Compile the bridge with Swift, once for each state of its sources and each toolchain."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from ...errors import RuntimeFailure, Unavailable
from ...files import replacing
from . import sources
from .finding import NO_SWIFT, PRODUCT, builds, file_name, swift

#: Seconds that a build may take.
LIMIT = 1800.0
#: Builds that are kept.
KEPT = 4
_STEP = re.compile(r"^\[(\d+)/(\d+)\] (.*)")
Advance = Callable[[str, int, int], None]


def toolchain() -> str:
    """What the Swift driver says of itself. Raises `Unavailable` if there is none, or none that works."""
    driver = swift()
    if driver is None:
        raise Unavailable(NO_SWIFT)
    try:
        done = subprocess.run(
            [driver, "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable("Swift does not answer", where=driver, found=str(error)) from error
    if done.returncode:
        raise Unavailable("Swift does not work", where=driver, found=done.stderr.strip()[-500:])
    return done.stdout.strip()


def build(advance: Advance = lambda what, done, total: None, *, folder: Path | None = None) -> Path:
    """The library built from ``folder`` (the sources of this package), from the cache if it stands there.

    Raises `Unavailable` without Swift, and `RuntimeFailure` with what the compiler said.
    """
    folder = folder or sources.root()
    made_by = hashlib.sha256(toolchain().encode()).hexdigest()[:8]
    target = builds() / f"{sources.digest(folder)}-{made_by}" / file_name()
    if target.is_file():
        target.touch()  # the newest is the one that is used
        return target
    scratch = builds() / f"work-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}-{made_by}"
    command = [
        str(swift()),
        "build",
        "--package-path",
        str(folder),
        "--scratch-path",
        str(scratch),
        "--configuration",
        "release",
        "--product",
        PRODUCT,
    ]
    _run(command, advance)
    made = scratch / "release" / file_name()
    if not made.is_file():
        raise RuntimeFailure("Swift built no library", where=made, fix=f"build by hand: {' '.join(command)}")
    with replacing(target, RuntimeFailure, folders=True) as draft:
        shutil.copy2(made, draft)
    target.touch()
    _clear(target.parent)
    return target


def _run(command: list[str], advance: Advance) -> None:
    environment = {**os.environ, "NO_COLOR": "1"}
    said: list[str] = []
    late = threading.Event()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None

        def end() -> None:  # the driver, and the compilers that it started
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        def expire() -> None:
            late.set()
            end()

        clock = threading.Timer(LIMIT, expire)
        clock.start()
        try:
            for line in process.stdout:
                said.append(line.rstrip())
                if step := _STEP.match(said[-1]):
                    advance(step[3], int(step[1]), int(step[2]))
            process.wait()
        except BaseException:
            end()
            raise
        finally:
            clock.cancel()
    if late.is_set():
        raise RuntimeFailure(
            f"the build did not end within {LIMIT:g} seconds",
            found="\n".join(said[-4:]) or None,
            fix=f"build by hand to see why: {' '.join(command)}",
        )
    if process.returncode:
        errors = [line for line in said if "error:" in line]
        raise RuntimeFailure(
            "the bridge does not compile",
            found="\n".join(dict.fromkeys(errors[:8] or said[-12:])),
            fix=f"build by hand to see all of it: {' '.join(command)}",
        )


def _clear(newest: Path) -> None:
    """Remove all but the newest builds; a process that uses one keeps it until it ends."""
    found = [path.parent for path in builds().glob(f"*/{file_name()}") if path.parent != newest]
    found = [path for path in found if re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}", path.name)]
    for path in sorted(found, key=lambda path: path.stat().st_mtime)[: -(KEPT - 1)]:
        shutil.rmtree(path, ignore_errors=True)
