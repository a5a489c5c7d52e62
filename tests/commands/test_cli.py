"""The front of the command line: version, help, usage errors, errors without tracebacks."""

from __future__ import annotations

import subprocess
import sys

import pytest

import modelparity as package

COMMANDS = ("check", "convert", "fetch", "golden", "inspect", "list")


def test_version(modelparity):
    assert modelparity("--version").out == f"modelparity {package.__version__}\n"


def test_help_names_every_command_and_the_exit_codes(modelparity):
    done = modelparity("--help")
    assert done.code == 0
    for name in COMMANDS:
        assert name in done.out
    assert "exit codes" in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(modelparity, command):
    done = modelparity(command, "--help")
    assert done.code == 0
    assert f"modelparity {command}" in done.out


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["check"], ["check", "only-one"], ["inspect"], ["list", "--odd"]]
)
def test_wrong_usage_is_2(modelparity, arguments):
    assert modelparity(*arguments).code == 2


def test_an_error_is_printed_without_a_traceback(modelparity):
    done = modelparity("inspect", "nowhere.pkl")
    assert done.code == 2
    assert done.err.startswith("modelparity inspect: nowhere.pkl: no such file")
    assert "Traceback" not in done.err
    assert done.out == ""


def test_help_loads_no_engine():
    heavy = {"numpy", "torch", "onnx", "rich"}
    code = f"import sys, modelparity.cli as c; c.parser(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m modelparity.cli --help | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("usage: modelparity")
    assert "Traceback" not in done.stderr
