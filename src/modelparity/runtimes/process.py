"""A child process that runs somebody else's engine: what it does to itself, it does to nobody else.

Some engines abort the process on a model they do not like, and some never return. A `Child` is started when it
is first asked, serves one request after another, and is ended and started anew once it has failed. It ends with the
process that started it; a process that was forked off starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Self

from .. import errors
from ..errors import InputError, ModelparityError, RuntimeFailure
from ..graph import Array
from ._messages import Garbage, receive, send

__all__ = ["VARIABLE", "Child", "allowed", "surroundings"]

#: The environment variable with the seconds of a request, in place of what a runtime allows by itself.
VARIABLE = "MODELPARITY_TIME_LIMIT"
#: What to do about a child that died, where its runtime knows nothing better.
NEXT = "other cases go on in a new process; this one needs another model, or another compute unit"

#: Seconds that a child which has closed its output gets to end.
ENDING = 5.0
#: Bytes of what it wrote to standard error that an error shows.
SAID = 2000


def allowed(limit: float) -> float:
    """The seconds of a request: ``limit``, or what `VARIABLE` says. Raises `InputError` if that is no time."""
    if not (said := os.environ.get(VARIABLE)):
        return limit
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise InputError("no time limit", where=VARIABLE, found=repr(said), expected="seconds, such as 600")
    return seconds


def surroundings() -> dict[str, str]:
    """The environment for a process of Python that finds packages wherever this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(place) or os.getcwd() for place in sys.path)}


class Child:
    """``command`` run as a child; ``label`` names it in errors, ``limit`` is the time of a request in seconds.

    ``advice`` is what to do once it has died. `VARIABLE` wins over ``limit``.
    """

    def __init__(
        self, command: Sequence[str], *, label: str, limit: float, advice: str = NEXT, here: bool = False
    ) -> None:
        self.command, self.label, self.limit, self.advice = list(command), label, limit, advice
        self._here = here
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: BinaryIO | None = None
        self._owner = os.getpid()
        self._talking = threading.Lock()  # one question at a time, or threads take each other's answers
        _children.add(self)

    @classmethod
    def of(cls, module: str, *, label: str, limit: float, advice: str = NEXT) -> Self:
        """A module of Python as a child, which finds packages wherever this process does.

        What lies in the working folder is in nobody's way there, as it is not for ``modelparity`` itself.
        """
        return cls((sys.executable, "-P", "-m", module), label=label, limit=limit, advice=advice, here=True)

    def call(
        self,
        message: Mapping[str, Any],
        arrays: Mapping[str, Array] | None = None,
        *,
        where: object = None,
        limit: float | None = None,
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The child's answer: a message, and arrays by name; ``limit`` in place of the child's own.

        Raises `RuntimeFailure` if it dies (naming the signal), does not answer in time or answers nonsense, and
        whatever error of this package it reports. Threads follow one another; waiting is not part of the limit.
        """
        if self._owner != os.getpid():
            self._forked()
        with self._talking:
            answer = self._asked(message, arrays, where, allowed(self.limit if limit is None else limit))
        if "error" in answer[0]:
            raise _reported(answer[0]["error"], where)
        return answer

    def _asked(
        self, message: Mapping[str, Any], arrays: Mapping[str, Array] | None, where: object, limit: float
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
            thread.join(limit)
        except BaseException:  # interrupted: the next question must not get this one's answer
            self._ended()
            raise
        if not got:
            said = self._ended()
            raise self._failure(
                f"did not answer within {limit:g} seconds and was ended", where, said
            ).changed(fix=f"{VARIABLE}={10 * limit:g} gives it ten times as long; other cases go on")
        answer = got[0]
        if isinstance(answer, Exception):
            raise self._broken(answer, where) from answer
        return answer

    def close(self) -> None:
        """End the child, if there is one."""
        if self._owner != os.getpid():
            self._forked()
        self._ended()

    def _forked(self) -> None:
        """Leave the child to the process that this one was forked from, and begin without one."""
        self._process, self._errors = None, None
        self._owner, self._talking = os.getpid(), threading.Lock()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._ended()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child
        try:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=surroundings() if self._here else None,
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
            fix=self.advice,
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
        if not finalizing():  # then modules are gone, and all of them were ended before
            self.close()


#: Children that may run still.
_children: weakref.WeakSet[Child] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """One that is busy would outlive this process."""
    for child in list(_children):
        child.close()


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
    if where is not None and place is not None and str(where) not in str(place):
        place = f"{where}: {place}"
    return (kind if known else RuntimeFailure)(
        str(error.get("what")),
        where=where if place is None else place,
        found=error.get("found"),
        expected=error.get("expected"),
        fix=error.get("fix"),
    )
