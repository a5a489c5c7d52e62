"""A loaded dynamic library: its functions, what their statuses mean, and texts to and from C."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...errors import InputError, ModelparityError, RuntimeFailure, Unavailable
from .declaration import ffi
from .finding import LINE

#: What a status means; -4 and what is not listed is Core ML's own refusal.
STATUS: dict[int, type[ModelparityError]] = {-1: InputError, -2: Unavailable, -5: Unavailable}


class Calls:
    """The library at ``path``, loaded; ``lib`` has its functions. Raises `Unavailable` if it is none."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path, self.ffi = Path(path), ffi()
        try:
            self.lib = self.ffi.dlopen(str(self.path))
        except OSError as error:
            raise Unavailable(
                "this is no library that can be loaded", where=self.path, found=str(error), fix=LINE
            ) from error
        self._names: dict[str, Any] = {}

    def check(self, status: int) -> None:
        """Raises what a status that is not 0 means, with the library's own text."""
        if status == 0:
            return
        text = self.ffi.string(self.lib.mp_last_error()).decode(errors="replace")
        raise STATUS.get(status, RuntimeFailure)(text or f"failed without a text (status {status})")

    def text(self, call: Any, *arguments: Any) -> str:
        """What a call that hands out a text gives."""
        made = self.ffi.new("char **")
        self.check(call(*arguments, made))
        try:
            return str(self.ffi.string(made[0]).decode())
        finally:
            self.lib.mp_text_free(made[0])

    def name(self, text: str) -> Any:
        """``text`` as C has it, kept."""
        if text not in self._names:
            if "\0" in text:
                raise InputError("a name with a null character", found=repr(text)[:80], expected="a name")
            if len(self._names) > 1000:
                self._names.clear()
            self._names[text] = self.ffi.new("char[]", text.encode())
        return self._names[text]
