"""Programs as candidates: bounded in time, in what they print and write, and ended with all that they started."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from modelparity.errors import InputError, RuntimeFailure
from modelparity.exchange import program


@pytest.fixture
def python(tmp_path):
    """Run a program of Python that gets the path of its output, and return that path."""
    folder = tmp_path / "own"
    folder.mkdir()

    def run(code: str, seconds: float = 20) -> Path:
        out = folder / "out.txt"
        words = program.filled(
            [sys.executable, "-S", "-c", code, "{out}"], audio=tmp_path / "a.wav", out=out, here=tmp_path
        )
        program.run(words, out=out, folder=folder, seconds=seconds, where="net, candidate swift")
        return out

    return run


def test_what_it_writes_is_there(python):
    out = python("import os, sys; open(sys.argv[1], 'w').write(os.getcwd() + ' ' + os.environ['TMPDIR'])")
    assert out.read_text() == f"{out.parent} {out.parent}"


def test_arguments_are_no_shell_lines(tmp_path):
    words = program.filled(
        ["./front", "--in={audio}", "$(touch x); {out}", "{here}/a"],
        audio=Path("/a b.wav"),
        out=Path("/out"),
        here=tmp_path,
    )
    assert words == [str(tmp_path / "front"), "--in=/a b.wav", "$(touch x); /out", f"{tmp_path}/a"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; print('no such clip'); sys.exit(3)", "exit code 3"),
        ("pass", "wrote no file out.txt"),
        ("import os; os.kill(os.getpid(), 11)", "signal 11"),
        ("import os, sys; os.symlink('/etc/hostname', sys.argv[1])", "wrote no file"),
    ],
)
def test_what_went_wrong_is_said(python, code, told):
    with pytest.raises(RuntimeFailure, match=told) as caught:
        python(code)
    assert caught.value.where == "net, candidate swift"
    assert ("no such clip" in str(caught.value.found)) == (told == "exit code 3")


def test_it_has_so_much_time(python):
    before = time.monotonic()
    with pytest.raises(RuntimeFailure, match=r"within 0\.3 seconds"):
        python("import time; time.sleep(60)", seconds=0.3)
    assert time.monotonic() - before < 20


def test_what_it_started_ends_with_it(python, tmp_path):
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))"
    )
    number = int(python(code).read_text())
    for _ in range(100):
        state = Path(f"/proc/{number}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        os.kill(number, 9)
        pytest.fail("it runs still")


def test_what_it_prints_is_read_and_not_kept(python):
    python("import sys; sys.stdout.write('x' * 3_000_000); open(sys.argv[1], 'w').write('y')")
    with pytest.raises(RuntimeFailure) as caught:
        python("import sys; sys.stdout.write('x' * 3_000_000); sys.exit(1)")
    assert len(str(caught.value.found)) <= program.SAID


def test_what_it_writes_is_bounded(python, monkeypatch):
    monkeypatch.setattr(program, "MOST", 1000)
    with pytest.raises(RuntimeFailure, match="more than 1000 bytes"):
        python("import sys; open(sys.argv[1], 'w').write('x' * 5000)")


def test_a_program_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="does not start"):
        program.run(["no-such-program"], out=tmp_path / "a", folder=tmp_path, seconds=1, where="x")
