"""Two decoded results are compared item by item; what rounding decides may go either way, and is named."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity.stages import Events, Label, Segments


def test_equal_events_agree():
    found = Events().compare([0.5, 1.0], np.array([0.5, 1.0]))
    assert found.agree
    assert str(found) == "2 events, equal"


def test_what_is_missing_and_what_is_beyond_are_named():
    found = Events().compare([0.5, 1.5], np.array([0.5, 1.0]))
    assert not found.agree
    assert (found.missing, found.beyond) == (("1 s",), ("1.5 s",))
    assert str(found) == "1 of 2 events missing (1 s); 1 that the reference has not (1.5 s)"


def test_what_is_a_frame_late_throughout_is_said_so():
    found = Events().compare([0.51, 1.01, 2.0], np.array([0.5, 1.0, 2.0]))
    assert str(found).endswith("; each of them 0.01 s later")
    assert "earlier" in str(Events().compare([0.4, 0.9], np.array([0.5, 1.0])))
    assert Events().compare([0.51, 1.02], np.array([0.5, 1.0])).later is None
    assert Events().compare([[0.6, 1], [1.1, 3]], np.array([[0.5, 1.0], [1.0, 2.0]])).later is None


def test_other_columns_are_equal_or_the_event_is_another():
    want = np.array([[0.5, 60.0], [0.5, 64.0]])
    assert Events(word="notes").compare(want[::-1], want).agree
    found = Events(word="notes").compare([[0.5, 60.0], [0.5, 65.0]], want)
    assert (found.missing, found.beyond) == (("0.5 s 64",), ("0.5 s 65",))


def test_an_event_that_is_there_twice_is_needed_twice():
    assert Events().compare([0.5], np.array([0.5, 0.5])).missing == ("0.5 s",)


def test_frames_apart_are_apart_unless_a_tolerance_says_otherwise():
    assert not Events().compare([0.51], np.array([0.5])).agree
    assert Events(tolerance=0.01).compare([0.51], np.array([0.5])).agree


@pytest.mark.parametrize("theirs", [[0.5], [0.5, 0.9]])
def test_what_some_runs_miss_may_go_either_way(theirs):
    want = np.array([0.5, 0.9])
    found = Events().compare(theirs, want, runs=[want, np.array([0.5])])
    assert found.agree
    assert found.either == ("0.9 s",)
    assert "may go either way" in str(found)
    assert not Events().compare([0.9], want, runs=[want, np.array([0.5])]).agree


def test_segments_and_labels():
    want = [(0.0, 1.0, "C:maj"), (1.0, 2.0, "N")]
    assert Segments().compare([("0.0", "1.0", "C:maj"), (1.0, 2.0, "N")], want).agree
    found = Segments().compare([(0.0, 1.0, "C:min"), (1.0, 2.0, "N")], want)
    assert (found.missing, found.beyond) == (("0-1 s C:maj",), ("0-1 s C:min",))
    assert Label().compare(np.array(["A minor"]), "A minor").agree
    assert not Label().compare("A major", "A minor").agree
    assert Label().compare("A major", "A minor", runs=["A major", "A minor"]).agree


def test_what_is_no_result_is_refused():
    with pytest.raises(InputError, match="times, or rows that begin with a time"):
        Events().read(np.array(["a"]))
    with pytest.raises(InputError, match="rows of start, end and label"):
        Segments().read([(0.0, 1.0)])
