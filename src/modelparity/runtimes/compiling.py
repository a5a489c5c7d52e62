"""Compile a program of this package against a library's headers, once for each state of both."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..cache import cache
from ..errors import RuntimeFailure
from ..files import replacing

#: Seconds that a compiler may take.
LIMIT = 600.0
COMPILERS = ("c++", "g++", "clang++")


def compiler() -> str | None:
    """The C++ compiler: $CXX, or the first of the usual names."""
    wanted = os.environ.get("CXX")
    return next((path for name in ([wanted] if wanted else COMPILERS) if (path := shutil.which(name))), None)


def compiled(source: Path, *, headers: Iterable[Path], root: Path, flags: Sequence[str], label: str) -> Path:
    """The program made of ``source`` with ``root`` on the include path, from the cache if it stands there.

    Its name is a hash of the source, of ``headers`` (files below ``root``), of the flags and of the compiler, so that
    a change in any of them makes another program. Processes that compile at once both succeed; a program takes its
    name when it is whole. Raises `RuntimeFailure` with what the compiler said.
    """
    path = compiler()
    if path is None:
        raise RuntimeFailure(f"there is no C++ compiler for {label}", expected=", ".join(COMPILERS))
    digest = hashlib.sha256(repr((list(flags), path, _version(path))).encode())
    digest.update(source.read_bytes())
    for header in sorted(headers):
        digest.update(header.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(header.read_bytes()).digest())
    program = cache() / "compiled" / f"{source.stem}-{digest.hexdigest()[:24]}"
    if program.is_file():
        return program
    with replacing(program, RuntimeFailure, folders=True) as draft:
        _compile([path, *flags, f"-I{root}", str(source), "-o", str(draft)], label)
    return program


def _version(path: str) -> str:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=LIMIT)
    return done.stdout


def _compile(command: Sequence[str], label: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise RuntimeFailure(f"compiling for {label} took more than {LIMIT:g} seconds") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error" in line][:4]
        raise RuntimeFailure(
            f"the runner for {label} does not compile against this checkout",
            found="\n".join(errors) or done.stderr[-500:],
            fix=f"compile it by hand: {' '.join(command)}",
        )
