"""ARCHITECTURE.md: what it names is there, and the answer to "where is it?" is the file that the question names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
ANSWERS = re.findall(r"^\| ([^|]*\?) \| `([^`]*)` \|$", PAGE, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`((?:src/|tests/|docs/)?[\w/]+(?:/|\.py|\.md))`", PAGE)))


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
def test_a_question_names_the_file_that_answers_it(question: str, answer: str) -> None:
    path = ROOT / answer
    assert path.is_file()
    words = path.stem.removeprefix("test_").split("_")
    missing = [word for word in words if word not in question.lower()]
    assert not missing, f"{answer}: the question does not say {', '.join(missing)}"


def test_there_are_questions() -> None:
    assert len(ANSWERS) >= 21


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_there(name: str) -> None:
    homes = (ROOT, ROOT / "tests", *(ROOT / "src" / "modelparity" / room for room in ("", "formats")))
    assert any((home / name).exists() for home in homes), f"{name} is not there any more"


def test_the_rooms_stand_on_the_floors_that_the_house_test_declares() -> None:
    house = ast.parse((ROOT / "tests" / "test_house.py").read_text("utf-8"))
    (declared,) = (
        ast.literal_eval(node.value)
        for node in house.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS"
    )
    told: list[set[str]] = []
    for floor, rooms in re.findall(r"^\| (\d*) ?\| ([^|]*) \|", PAGE.split("## One call")[0], re.MULTILINE):
        if floor:
            assert int(floor) == len(told) + 1
            told.append(set())
        if told:  # behind the head of the table
            told[-1].update(re.findall(r"`(\w+)/?`", rooms))
    assert told == [set(rooms) for rooms in declared]
