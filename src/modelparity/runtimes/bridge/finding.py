"""Which library is used: the one that an environment variable names, or the newest build of these sources."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from ...cache import cache
from ...errors import Unavailable
from . import sources

VARIABLE = "MODELPARITY_BRIDGE"
PRODUCT = "ModelParityBridge"
#: What to type where nothing is built.
LINE = "modelparity bridge build"


def file_name() -> str:
    """The library's file name on this system."""
    return f"lib{PRODUCT}.dylib" if sys.platform == "darwin" else f"lib{PRODUCT}.so"


def builds() -> Path:
    """The folder of builds: one folder for each state of the sources and each toolchain."""
    return cache() / "bridge"


def library() -> Path:
    """The library. Raises `Unavailable` saying what to do; whether it is one is for `library.Library` to see."""
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(os.path.expanduser(named))  # Path's own fails for a user that there is none of
        if not os.path.isfile(path):
            found = (
                "a folder" if os.path.isdir(path) else "no plain file" if os.path.exists(path) else "nothing"
            )
            raise Unavailable(
                f"{VARIABLE} names no file",
                where=named,
                found=found,
                expected=file_name(),
                fix=f"unset {VARIABLE} and type: {LINE}",
            )
        return path.absolute()
    made = sorted(builds().glob(f"{sources.digest(sources.root())}-*/{file_name()}"), key=_age)
    if made:
        return made[-1]
    if swift() is None:
        raise Unavailable(f"the bridge is not built, and {NO_SWIFT}; then type: {LINE}")
    stale = any(builds().glob(f"*/{file_name()}"))
    state = "was built from other sources" if stale else "is not built"
    raise Unavailable(f"the bridge {state}: {LINE}")


def absent() -> str | None:
    """Why there is nothing to call; None if there is."""
    if find_spec("cffi") is None:
        return "cffi is not installed: pip install 'modelparity[coreml]'"
    try:
        library()
    except Unavailable as error:
        place = f"{error.where}: " if error.where else ""
        return f"{place}{error.what}" + (f"; next: {error.fix}" if error.fix else "")
    return None


#: On a Mac Swift comes with the command line tools.
NO_SWIFT = (
    "Swift is not installed: xcode-select --install"
    if sys.platform == "darwin"
    else "Swift is not installed: see https://www.swift.org/install (6.0 or newer)"
)


def swift() -> str | None:
    """The Swift driver's path, if it is on PATH."""
    return shutil.which("swift")


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has just cleared it away
        return 0.0
