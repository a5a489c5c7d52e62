"""What a wrong candidate looks like in the terminal: the verdict, no traceback, and a row in the table."""

from __future__ import annotations

import pytest


@pytest.fixture
def bent(toy, monkeypatch):
    monkeypatch.setenv("TOY_BENT", "1")
    return toy


def test_the_text_says_what_where_and_what_next(bent):
    result = bent("-k", "bent")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(
        [
            "*toy/bad/bent[[]engine-noise]*",
            "wrong, expected rounding: bent run by engine*, against its reference",
            "*what *output 'y' is off by * times what rounding can explain",
            "*where *y[[]*",
            "*got *",
            "*want *",
            "*inputs *recipe noise, seed 0*",
            "*next *",
            "toy/bad/bent*wrong*1 of 1 FAILED",
            "0 passed, 1 failed, 0 skipped;*",
            "FAILED *toy/bad/bent[[]engine-noise]*",
        ]
    )


def test_no_traceback_through_the_library(bent):
    text = bent("-k", "bent").stdout.str()
    assert "Traceback" not in text
    assert "modelparity/plugin" not in text


def test_an_unknown_runtime_is_a_failure_in_words(toy, monkeypatch):
    monkeypatch.setenv("TOY_RUNTIME", "1")
    result = toy("-k", "odd and noise and not small")
    result.assert_outcomes(failed=1, deselected=6)
    result.stdout.fnmatch_lines(["InputError: unknown runtime 'no_such_runtime'*"])
    assert "Traceback" not in result.stdout.str()
