"""``modelparity FAMILY VERB``: what families add to the command line, and what is said where that goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FAMILY = """
from modelparity.errors import InputError
from modelparity.family import Command, Family


def arguments(parser):
    parser.add_argument("--loud", action="store_true")


def run(args):
    if args.loud:
        raise InputError("too loud", fix="be quiet")
    print("hello")
    return 1


class Own(Family):
    name = "{name}"

    def commands(self):
        return (Command("greet", "say hello", arguments, run, "exit codes: 1 always"),)


FAMILY = Own()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package with a family that brings a command."""
    home = tmp_path / "site"
    home.mkdir()
    monkeypatch.syspath_prepend(str(home))

    def install(family: str, code: str = FAMILY) -> None:
        module = f"{family}_package"
        (home / f"{module}.py").write_text(code.format(name=family))
        info = home / f"{module}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {family}-package\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[modelparity.families]\n{family} = {module}:FAMILY\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


def test_a_familys_command_runs_and_gives_the_exit_code(modelparity, package):
    package("polite")
    done = modelparity("polite", "greet")
    assert (done.code, done.out) == (1, "hello\n")


def test_its_errors_are_printed_with_the_command(modelparity, package):
    package("polite")
    done = modelparity("polite", "greet", "--loud")
    assert done.code == 2
    assert done.err == "modelparity polite greet: too loud\n  next:     be quiet\n"


def test_help_names_families_with_their_verbs(modelparity, package):
    package("polite")
    assert "commands of the family polite: greet" in modelparity("--help").out
    done = modelparity("polite", "--help")
    assert done.code == 0
    assert "say hello" in done.out
    assert "exit codes: 1 always" in modelparity("polite", "greet", "--help").out


def test_realtime_trains_measures_and_exports(modelparity):
    assert "commands of the family realtime: train, export, bench" in " ".join(
        modelparity("--help").out.split()
    )
    for verb in ("train", "export", "bench"):
        assert f"modelparity realtime {verb}" in modelparity("realtime", verb, "--help").out


@pytest.mark.parametrize("verb", ["train", "export", "bench"])
def test_a_verb_in_the_place_of_its_family_is_told_where_it_is(modelparity, verb):
    done = modelparity(verb, "realtime")
    assert done.code == 2
    assert f"there is no command {verb!r}" in done.err
    assert f"expected: modelparity realtime {verb}" in done.err


def test_a_misspelt_command_is_told_what_is_near(modelparity):
    done = modelparity("realtme", "train")
    assert done.code == 2
    assert "one of realtime" in done.err
    assert "one of check" in modelparity("chekc").err


def test_a_family_without_commands_says_what_there_is(modelparity):
    done = modelparity("madmom")
    assert done.code == 2
    assert "modelparity list madmom" in done.err


def test_a_verb_that_is_none_is_2(modelparity):
    assert modelparity("realtime", "fly").code == 2
    assert modelparity("realtime").code == 2


def test_a_broken_package_stands_in_the_way_of_its_own_commands_only(modelparity, package):
    package("broken", "raise RuntimeError('no luck')")
    assert modelparity("--help").code == 0
    assert "family 'broken' of broken-package 1.5" in " ".join(modelparity("--help").out.split())
    assert modelparity("realtime", "--help").code == 0
    assert modelparity("check", "--help").code == 0
    done = modelparity("broken", "greet")
    assert done.code == 2
    assert "family 'broken' of broken-package 1.5" in done.err
    assert "RuntimeError: no luck" in done.err


def test_a_family_does_not_take_the_place_of_a_command(modelparity, package):
    package("check")
    said = " ".join(modelparity("--help").out.split())
    assert "left out: the commands of the family 'check'" in said
    assert "greet" not in said
    assert "greet" not in modelparity("check", "--help").out
