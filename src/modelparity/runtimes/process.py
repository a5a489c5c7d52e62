"""A child process that runs somebody else's engine: what it does to itself, it does to nobody else.

Some engines abort the process on a model they do not like, and some never return. A `Child` is started when it
is first asked, serves one request after another, and is ended and started anew once it has failed.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from .. import errors
from ..errors import ModelparityError, RuntimeFailure
from ..graph import Array
from ._messages import Garbage, receive, send

__all__ = ["Child"]

#: Seconds that a child which has closed its output gets to end.
ENDING = 5.0
#: Bytes of what it wrote to standard error that an error shows.
SAID = 2000


class Child:
    """``command`` run as a child; ``label`` names it in errors, ``limit`` is the time of a request in seconds."""

    def __init__(self, command: Sequence[str], *, label: str, limit: float) -> None:
        self.command, self.label, self.limit = list(command), label, limit
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: BinaryIO | None = None
        self._talking = threading.Lock()  # one question at a time, or threads take each other's answers

    def call(
        self, message: Mapping[str, Any], arrays: Mapping[str, Array] | None = None, *, where: object = None
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The child's answer: a message, and arrays by name.

        Raises `RuntimeFailure` if it dies (naming the signal), does not answer in time or answers nonsense, and
        whatever error of this package it reports. Threads follow one another; waiting is not part of the limit.
        """
        with self._talking:
            answer = self._asked(message, arrays, where)
        if "error" in answer[0]:
            raise _reported(answer[0]["error"], where)
        return answer

    def _asked(
        self, message: Mapping[str, Any], arrays: Mapping[str, Array] | None, where: object
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        process = self._started()
        got: list[tuple[dict[str, Any], dict[str, Array]] | Exception] = []

        def exchange() -> None:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                send(process.stdin, message, arrays)  # type: ignore[arg-type]
                got.append(receive(process.stdout))  # type: ignore[arg-type]
            except Exception as error:  # told apart below; a thread would swallow it
                got.append(error)

        thread = threading.Thread(target=exchange, daemon=True)
        thread.start()
        try:
            thread.join(self.limit)
        except BaseException:  # interrupted: the next question must not get this one's answer
            self._ended()
            raise
        if not got:
            said = self._ended()
            raise self._failure(f"did not answer within {self.limit:g} seconds and was ended", where, said)
        answer = got[0]
        if isinstance(answer, Exception):
            raise self._broken(answer, where) from answer
        return answer

    def close(self) -> None:
        """End the child, if there is one."""
        self._ended()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._ended()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child
        try:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            raise RuntimeFailure(
                f"{self.label} does not start", found=error.strerror, expected=self.command[0]
            ) from error
        return self._process

    def _broken(self, error: Exception, where: object) -> ModelparityError:
        if isinstance(error, Garbage):
            said = self._ended()
            return self._failure(f"answered with what is no message: {error.args[0][:60]!r}", where, said)
        if not isinstance(error, OSError | EOFError):
            self._ended()
            return self._failure(f"could not be asked: {error}", where, "")
        process = self._process
        if process is None:
            return self._failure("was closed while it was asked", where, "")
        try:
            code = process.wait(ENDING)
        except subprocess.TimeoutExpired:
            return self._failure("closed its output and did not end", where, self._ended())
        return self._failure(_death(code), where, self._ended())

    def _failure(self, what: str, where: object, said: str) -> RuntimeFailure:
        return RuntimeFailure(
            f"{self.label} {what}",
            where=where,
            found=said or None,
            fix="other cases go on in a new process; this one needs another model, or another compute unit",
        )

    def _ended(self) -> str:
        """End the process and return the last that it wrote to standard error."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what was not flushed has no reader any more
                        stream.close()
        file, self._errors = self._errors, None
        if file is None:
            return ""
        with file:
            file.seek(max(0, file.seek(0, 2) - SAID))
            return file.read().decode(errors="replace").strip()

    def __del__(self, finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not finalizing():  # then modules are gone, and the child ends by itself as its input does
            self._ended()


def _death(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code} instead of answering"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"


def _reported(error: Any, where: object) -> ModelparityError:
    """An error that the child met and survived, as the class of this package that it names."""
    kind = getattr(errors, str(error.get("kind")), RuntimeFailure)
    known = isinstance(kind, type) and issubclass(kind, ModelparityError)
    place = error.get("where")
    return (kind if known else RuntimeFailure)(
        str(error.get("what")),
        where=where if place is None else place if where is None else f"{where}: {place}",
        found=error.get("found"),
        expected=error.get("expected"),
        fix=error.get("fix"),
    )
