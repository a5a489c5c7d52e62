"""A performance as words: REMI of miditok, with the vocabulary of 316 that the networks were trained on.

The original's lock is miditok 3.0.6, where time signatures are off. From 3.1 they are on unless switched off, which
gives 389 words and other sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError, InputError, Unavailable
from modelparity.graph import Array

from .notes import read

#: How many words there are, and in the newer vocabulary that the networks do not know.
WORDS, NEWER = 316, 389
#: Words that stand for no music, by their numbers.
PAD, BOS, EOS, MASK = 0, 1, 2, 3


def vocabulary() -> tuple[str, ...]:
    """The 316 words, each at its number: ``Bar_None``, ``Pitch_60``, ``Duration_1.0.8`` and so on.

    Raises `Unavailable` without miditok, or with a version of it that makes others.
    """
    known = _tokenizer().vocab
    return tuple(sorted(known, key=known.__getitem__))


def tokens(path: Path, longest: int | None = None) -> Array:
    """The numbers (token,) int64 of the words of a MIDI file's first track that has notes, ``longest`` at most.

    Times are rounded to eighths of a beat, bars have four beats. No word is put around them, and the pedal is not
    told. Raises `InputError` for a file that `notes.read` refuses, and `Unavailable` as `vocabulary`.
    """
    if longest is not None and longest < 1:
        raise InputError("no length", found=longest, expected="1 or more, or None for all tokens")
    tokenizer = _tokenizer()
    read(path)  # what is damaged, empty or endless is told here, by name
    try:
        found = tokenizer(_score(path))
    except RuntimeError as error:  # symusic is stricter than mido
        raise InputError("a damaged MIDI file", where=path, found=str(error)[:200]) from error
    ids = np.array(found[0].ids if found else (), np.int64)
    if not any(word.startswith("Pitch") for word in words(ids)):
        raise InputError(
            "no note of a piano", where=path, expected="pitches from 21 to 109 in the first track"
        )
    return ids[:longest]


def words(ids: Sequence[int] | Array) -> tuple[str, ...]:
    """The words of a sequence. Raises as `check`, and `Unavailable` as `vocabulary`."""
    known = vocabulary()
    return tuple(known[one] for one in check(ids))


def check(ids: Sequence[int] | Array, where: object = None) -> Array:
    """``ids`` as an array of whole numbers. Raises `InputError` naming the first that is no word of the 316."""
    found = np.asarray(ids)
    if not np.issubdtype(found.dtype, np.integer):
        raise InputError("tokens are whole numbers", where=where, found=found.dtype)
    outside = np.argwhere((found < 0) | (found >= WORDS))
    if len(outside):
        place = tuple(map(int, outside[0]))
        one = int(found[place])
        newer = WORDS <= one < NEWER
        raise InputError(
            f"token {one} is no word of the {WORDS}"
            + (f": it is of the {NEWER} that miditok 3.1 makes with time signatures" if newer else ""),
            where=where,
            found=f"place {', '.join(map(str, place))}",
            fix="write tokens by `tokens`, or by miditok with use_time_signatures=False" if newer else None,
        )
    return found


def check_vocabulary(known: Sequence[str], where: object = None) -> None:
    """Raise `ArtefactError` unless ``known`` are the 316 words in their order."""
    own = vocabulary()
    if len(known) == NEWER:
        raise ArtefactError(
            f"the vocabulary of {NEWER} words that miditok makes of its own accord",
            where=where,
            expected=f"{WORDS} words",
            fix="make tokens with use_time_signatures=False",
        )
    if len(known) != WORDS:
        raise ArtefactError(
            "another vocabulary", where=where, found=f"{len(known)} words", expected=f"{WORDS}"
        )
    for number, (one, expected) in enumerate(zip(known, own, strict=True)):
        if one != expected:
            raise ArtefactError(f"word {number} is another one", where=where, found=one, expected=expected)


def _score(path: Path) -> Any:
    import symusic

    return symusic.Score.from_midi(path.read_bytes())


@cache
def _tokenizer() -> Any:
    if find_spec("miditok") is None:
        raise Unavailable("miditok is not installed: pip install 'modelparity[performance]'")
    import miditok

    settings = miditok.TokenizerConfig(
        pitch_range=(21, 109),
        num_velocities=32,
        use_tempos=True,
        num_tempos=32,
        tempo_range=(40, 250),
        use_time_signatures=False,
        special_tokens=["PAD", "BOS", "EOS", "MASK"],
    )
    tokenizer = miditok.REMI(settings)
    if len(tokenizer) != WORDS:
        raise Unavailable(
            "this version of miditok makes another vocabulary",
            found=f"{len(tokenizer)} words",
            expected=f"{WORDS}",
            fix="install miditok 3.1",
        )
    return tokenizer
