"""Child processes that abort, hang, or talk nonsense, and what the parent makes of it."""

from __future__ import annotations

import signal
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from modelparity.errors import InputError, RuntimeFailure
from modelparity.runtimes.process import Child

#: What every stand-in can do: read a request and answer it.
PROLOGUE = """
import os, signal, sys, time
from modelparity.runtimes._messages import pack, receive
def requests():
    while True:
        try:
            yield receive(sys.stdin.buffer)
        except EOFError:
            return
def answer(message, arrays=None):
    sys.stdout.buffer.write(pack(message, arrays or {}))
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def child(tmp_path):
    made = []

    def start(body, limit=30.0):
        script = tmp_path / f"child{len(made)}.py"
        script.write_text(PROLOGUE + textwrap.dedent(body))
        made.append(Child([sys.executable, str(script)], label="The stand-in", limit=limit))
        return made[-1]

    yield start
    for one in made:
        one.close()


ECHO = """
for message, arrays in requests():
    answer({"pid": os.getpid(), **message}, {k: a * 2 for k, a in arrays.items()})
"""


def test_arrays_come_back_and_the_process_is_kept(child):
    one = child(ECHO)
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    first, arrays = one.call({"do": "double"}, {"x": x, "n": np.array([3], np.int32)})
    second, _ = one.call({"do": "again"})
    np.testing.assert_array_equal(arrays["x"], 2 * x)
    assert arrays["n"].tolist() == [6]
    assert first["do"] == "double"
    assert first["pid"] == second["pid"]


def test_more_than_a_pipe_holds_goes_both_ways(child):
    x = np.ones(3_000_000, np.float32)
    _, arrays = child(ECHO).call({}, {"x": x})
    assert arrays["x"].shape == x.shape
    assert arrays["x"].sum() == 2 * x.size


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("next(requests()); os.abort()", "SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGSEGV); time.sleep(60)", "SIGSEGV"),
        ("next(requests()); os.kill(os.getpid(), signal.SIGKILL); time.sleep(60)", "SIGKILL"),
    ],
)
def test_a_signal_is_named(child, body, name):
    with pytest.raises(RuntimeFailure, match=f"was killed by {name}") as error:
        child(body).call({}, where="net.mlpackage")
    assert "net.mlpackage" in str(error.value)


def test_what_it_said_before_it_died_is_shown(child):
    one = child("next(requests()); print('peephole kernel: assertion failed', file=sys.stderr); os.abort()")
    with pytest.raises(RuntimeFailure, match="peephole kernel: assertion failed"):
        one.call({})


def test_an_exit_is_told_with_its_code(child):
    with pytest.raises(RuntimeFailure, match="exit code 7 instead of answering"):
        child("next(requests()); sys.exit(7)").call({})


@pytest.mark.parametrize("body", ["time.sleep(600)", "next(requests()); time.sleep(600)", "while True: pass"])
def test_one_that_hangs_is_ended(child, body):
    one = child(body, limit=1.0)
    started = time.monotonic()
    with pytest.raises(RuntimeFailure, match="did not answer within 1 seconds and was ended"):
        one.call({}, {"x": np.ones(1_000_000, np.float32)})
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "body",
    [
        "next(requests()); print('hello from a library', flush=True); time.sleep(600)",
        "next(requests()); sys.stdout.buffer.write(bytes(range(256)) * 50); sys.stdout.flush(); time.sleep(600)",
        "next(requests()); sys.stdout.buffer.write(b'MPc1' + b'\\xff' * 40); sys.stdout.flush(); time.sleep(600)",
        "next(requests()); sys.stdout.buffer.write(pack({'a': 1}, {})[:-3]); sys.stdout.flush()",
        "next(requests()); sys.stdout.buffer.write(pack({}, {}).replace(b'{}', b'[]')); sys.stdout.flush()",
    ],
)
def test_garbage_is_called_so(child, body):
    with pytest.raises(RuntimeFailure, match="answered with what is no message"):
        child(body).call({})


def test_a_library_that_prints_is_quoted(child):
    with pytest.raises(RuntimeFailure, match="hello from a library"):
        child("next(requests()); print('hello from a library', flush=True); time.sleep(600)").call({})


def test_the_next_request_gets_a_new_process(child):
    one = child(
        """
        for message, arrays in requests():
            if message["do"] == "die":
                os.abort()
            answer({"pid": os.getpid()})
        """
    )
    before = one.call({"do": "live"})[0]["pid"]
    with pytest.raises(RuntimeFailure, match="SIGABRT"):
        one.call({"do": "die"})
    assert one.call({"do": "live"})[0]["pid"] != before


def test_an_error_that_the_child_survived_keeps_its_class(child):
    one = child(
        """
        for message, arrays in requests():
            answer({"error": {"kind": message["kind"], "what": "wrong shape"}})
        """
    )
    with pytest.raises(InputError, match="wrong shape"):
        one.call({"kind": "InputError"})
    for unknown in ("OSError", "annotations", "no such thing"):
        with pytest.raises(RuntimeFailure, match="wrong shape"):
            one.call({"kind": unknown})


def test_a_program_that_is_not_there():
    with pytest.raises(RuntimeFailure, match="does not start"):
        Child(["/no/such/program"], label="Core ML", limit=1).call({})


def test_closing_ends_it(child):
    one = child(ECHO)
    one.call({})
    process = one._process
    one.close()
    assert process.poll() is not None


def test_threads_get_their_own_answers(child):
    one, wrong = child(ECHO), []

    def work(number):
        for turn in range(30):
            told, arrays = one.call({"from": [number, turn]}, {"x": np.full(number + 1, turn)})
            if told["from"] != [number, turn] or arrays["x"].tolist() != [2 * turn] * (number + 1):
                wrong.append(told)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_after_an_interruption_nobody_gets_the_answer_that_was_awaited(child):
    slowly = """
    for message, arrays in requests():
        time.sleep(message["seconds"])
        answer({"echo": message["seconds"]})
    """
    one = child(slowly)
    assert one.call({"seconds": 0})[0] == {"echo": 0}

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            one.call({"seconds": 1})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert one.call({"seconds": 0.5})[0] == {"echo": 0.5}


def test_closed_while_it_is_asked(child):
    one = child("for message, arrays in requests(): time.sleep(60)")
    threading.Timer(0.5, one.close).start()
    with pytest.raises(RuntimeFailure, match=r"was closed while it was asked|was killed by SIGKILL"):
        one.call({"do": "wait"})
