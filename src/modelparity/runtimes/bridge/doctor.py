"""What the bridge needs, whether it is here, and what to type if it is not."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from ...errors import ModelparityError
from . import finding, sources

#: Systems on which Apple's API is all there: states and functions of models.
WHOLE = 15


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``state`` is "ok", "note" (it works without), or "missing"."""

    state: str
    what: str
    told: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.state:8}{self.what:20}{self.told}" + (f"\n{'':28}type: {self.fix}" if self.fix else "")


def examine() -> list[Finding]:
    """Everything, in the order in which it is needed."""
    return [*_system(), *_swift(), *_python(), *_library()]


def _system() -> Iterator[Finding]:
    if platform.system() == "Darwin":
        found = platform.mac_ver()[0]
        if int(found.partition(".")[0] or 0) >= WHOLE:
            yield Finding("ok", "system", f"macOS {found} ({platform.machine()})")
        else:
            text = f"macOS {found}: states and functions of models need macOS {WHOLE}"
            yield Finding("note", "system", text)
        return
    name = f"{platform.system()} ({platform.machine()})"
    yield Finding("note", "system", f"{name}: a stand-in takes Core ML's place; Apple's runtime needs a Mac")


def _swift() -> Iterator[Finding]:
    from .building import toolchain

    on_mac = platform.system() == "Darwin"
    if on_mac and (tools := _tools()) is not None:
        yield tools
        if tools.state == "missing":
            return
    try:
        yield Finding("ok", "Swift", toolchain().splitlines()[0])
    except ModelparityError as error:
        needed = "missing" if finding.absent() else "note"
        fix = "xcode-select --install" if on_mac else "see https://www.swift.org/install (6.0 or newer)"
        yield Finding(needed, "Swift", _short(error), fix)
    try:
        yield Finding("ok", "sources", str(sources.root()))
    except ModelparityError as error:
        yield Finding("missing", "sources", _short(error), error.fix or "")


def _tools() -> Finding | None:
    """Xcode's command line tools: asked before Swift is, for without them a dialogue opens."""
    chooser = shutil.which("xcode-select")
    if chooser is None:
        return Finding("missing", "command line tools", "not installed", "xcode-select --install")
    done = subprocess.run([chooser, "--print-path"], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        return Finding("missing", "command line tools", "not installed", "xcode-select --install")
    return Finding("ok", "command line tools", done.stdout.strip())


def _python() -> Iterator[Finding]:
    uses = {
        "cffi": "calls the library",
        "coremltools": "reads Core ML files; its predict is the second opinion",
    }
    for name, use in uses.items():
        if find_spec(name) is None:
            yield Finding("missing", name, f"not installed ({use})", "pip install 'modelparity[coreml]'")
            continue
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            yield Finding("ok", name, "installed")


def _library() -> Iterator[Finding]:
    named = os.environ.get(finding.VARIABLE)
    try:
        path = finding.library()
    except ModelparityError as error:
        yield Finding("missing", "library", _short(error), error.fix or finding.LINE)
        return
    yield Finding("ok", "library", f"{path}" + (f" ({finding.VARIABLE})" if named else ""))
    if find_spec("cffi") is None:
        return
    from ..coreml import CoreML
    from ..standin import StandIn

    runtime = (CoreML if platform.system() == "Darwin" else StandIn)(limit=60.0)
    try:
        told = runtime.about()
    except ModelparityError as error:
        yield Finding("missing", "opening it", _short(error), finding.LINE)
        return
    finally:
        runtime.close()
    yield Finding("ok", "interface", f"version {told.get('interface')}, every function is there")
    yield Finding("ok", "runtime", f"{told['runtime']} ({told.get('system', 'system unknown')})")


def _short(error: ModelparityError) -> str:
    place = f"{error.where}: " if error.where is not None else ""
    found = f" (found {error.found})" if error.found is not None else ""
    return f"{place}{error.what}{found}"
