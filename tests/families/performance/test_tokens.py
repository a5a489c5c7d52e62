"""Tokens against those of the locked miditok; the newer vocabulary, and files without a word, told apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import ArtefactError, InputError
from modelparity_families.performance.symbolic import tokens

pytest.importorskip("miditok")
Load = Callable[[str], Any]


def test_the_vocabulary_is_the_one_that_networks_know(recorded: Load) -> None:
    told = recorded("midi").told
    assert list(tokens.vocabulary()) == told["vocabulary"]
    assert (told["vocab_size"], told["newer_miditok_3.1.0_vocab_size"]) == (tokens.WORDS, tokens.NEWER)
    assert (told["pad_token_id"], told["mask_token_id"]) == (tokens.PAD, tokens.MASK)
    tokens.check_vocabulary(told["vocabulary"])


@pytest.mark.parametrize("number", range(3))
def test_tokens_are_those_of_the_original(number: int, recorded: Load, tmp_path: Path) -> None:
    own = recorded("midi").arrays
    path = tmp_path / "a.mid"
    path.write_bytes(own[f"midi_{number}"].tobytes())
    expected = own[f"tokens_{number}"]
    np.testing.assert_array_equal(tokens.tokens(path), expected)
    np.testing.assert_array_equal(tokens.tokens(path, longest=9), expected[:9])
    assert tokens.words(expected)[:2] == ("Bar_None", "Position_0")
    with pytest.raises(InputError, match=r"(?s)is no word of the 316: it is of the 389.*place 1.*use_time"):
        tokens.check(own[f"tokens_newer_{number}"])


def test_other_vocabularies_are_told_apart() -> None:
    known = tokens.vocabulary()
    with pytest.raises(ArtefactError, match="389 words that miditok makes of its own accord"):
        tokens.check_vocabulary([*known, *("more",) * 73])
    with pytest.raises(ArtefactError, match="another vocabulary"):
        tokens.check_vocabulary(known[:-1])
    with pytest.raises(ArtefactError, match="word 5 is another one"):
        tokens.check_vocabulary([*known[:5], known[6], known[5], *known[7:]])
    with pytest.raises(InputError, match="token -1 is no word"):
        tokens.check([[4, 190], [4, -1]])
    with pytest.raises(InputError, match="whole numbers"):
        tokens.check([4.0])


def test_files_without_a_word_are_named(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    made = mido.MidiFile()
    struck = mido.Message("note_on", note=12, velocity=64), mido.Message("note_off", note=12, time=480)
    made.tracks.append(mido.MidiTrack(struck))
    made.save(tmp_path / "low.mid")
    with pytest.raises(InputError, match=r"(?s)low\.mid.*no note of a piano"):
        tokens.tokens(tmp_path / "low.mid")
    (tmp_path / "text.mid").write_text("no music")
    with pytest.raises(InputError, match=r"text\.mid"):
        tokens.tokens(tmp_path / "text.mid")
    with pytest.raises(InputError, match="no length"):
        tokens.tokens(tmp_path / "low.mid", longest=0)
