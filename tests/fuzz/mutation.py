"""Ways to spoil anything: bytes, numbers, texts, JSON. Every choice comes from the generator that is passed in."""

from __future__ import annotations

import json
import struct
from random import Random
from typing import Any

#: Numbers at which something tips over.
INTEGERS = (
    0,
    1,
    -1,
    2,
    3,
    7,
    127,
    128,
    255,
    256,
    -128,
    1 << 15,
    1 << 16,
    1 << 20,
    (1 << 31) - 1,
    -(1 << 31),
    1 << 31,
    1 << 32,
    1 << 33,
    1 << 40,
    (1 << 53) + 1,
    1 << 62,
    (1 << 63) - 1,
    -(1 << 63),
    (1 << 63),
    (1 << 64) - 1,
)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 3.4e38, -3.4e38, 1e300, float("nan"), float("inf"), -float("inf"))
TEXTS = (
    "",
    "x",
    "0",
    " ",
    "\0",
    "a/b",
    "../../x",
    "/etc/hostname",
    "\n\x1b[2J",
    "é" * 9,
    "n" * 5000,
    "%s%n",
    "{x}",
    "@model_path/../../x",
    "None",
    "__class__",
)


def integer(rng: Random, value: int, low: int, high: int) -> int:
    """Another integer from ``low`` to ``high``: near the old one, or one at which something tips over."""
    how = rng.randrange(4)
    if how == 0:
        value += rng.choice((-2, -1, 1, 2))
    elif how == 1:
        value = rng.choice((value * 2, -value, value // 2, value ^ 1 << rng.randrange(64)))
    else:
        value = rng.choice(INTEGERS) if how == 2 else rng.randrange(10)
    return value if low <= value <= high else rng.choice([n for n in INTEGERS if low <= n <= high])


def number(rng: Random, value: float) -> float:
    """Another float."""
    return rng.choice((rng.choice(FLOATS), -value, value + 1, rng.uniform(-3, 3)))


def text(rng: Random, value: str, others: list[str]) -> str:
    """Another text: odd, spoilt, or that of somebody else."""
    how = rng.randrange(4)
    if how < 2 and others:
        return rng.choice(others)
    if how == 2 and value:
        place = rng.randrange(len(value))
        return value[:place] + rng.choice(("", value[place] * 2, "_", "Ω", value)) + value[place + 1 :]
    return rng.choice(TEXTS)


def data(rng: Random, value: bytes, other: bytes = b"") -> bytes:
    """Bytes with one to four changes: flipped, overwritten, cut out, doubled, truncated, or from another file."""
    spoilt = bytearray(value)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place, how = rng.randrange(len(spoilt) + 1), rng.randrange(8)
        length = min(rng.choice((1, 1, 2, 4, 8, 64)), len(spoilt) - place)
        if how == 0 and place < len(spoilt):
            spoilt[place] ^= 1 << rng.randrange(8)
        elif how == 1:
            spoilt[place : place + length] = rng.randbytes(length)
        elif how == 2:
            word = struct.pack("<Q", rng.choice(INTEGERS) % (1 << 64))
            spoilt[place : place + length] = word[:length]
        elif how == 3:
            del spoilt[place : place + length]
        elif how == 4:
            spoilt[place:place] = spoilt[place : place + length] * rng.choice((1, 2, 9))
        elif how == 5:
            start = rng.randrange(len(other) + 1)
            spoilt[place : place + length] = other[start : start + length]
        elif how == 6:
            spoilt[place : place + length] = rng.choice((b"\0", b"\xff", b"\x80")) * length
        elif rng.randrange(4) == 0:
            del spoilt[place:]
    return bytes(spoilt)


def tree(rng: Random, value: Any) -> Any:
    """A JSON value with a change somewhere in it."""
    if rng.randrange(3) == 0 or not isinstance(value, dict | list) or not value:
        odd = (
            None,
            True,
            [],
            {},
            1e400,
            {"": []},
            [[[[]]]],
            "",
            "../..",
            1 << 80,
            -1,
            text(rng, str(value), []),
        )
        return rng.choice(odd)
    if isinstance(value, list):
        place = rng.randrange(len(value))
        return [*value[:place], tree(rng, value[place]), *value[place + 1 :]]
    key, how = rng.choice(list(value)), rng.randrange(4)
    if how == 0:
        return {name: item for name, item in value.items() if name != key}
    if how == 1:
        return {(text(rng, name, list(value)) if name == key else name): item for name, item in value.items()}
    return {**value, key: tree(rng, value[key])}


def document(rng: Random, value: bytes) -> bytes:
    """The bytes of a JSON document with a change in its tree, or in its bytes."""
    if rng.randrange(4) == 0:
        return data(rng, value, value)
    return json.dumps(tree(rng, json.loads(value))).encode("utf-8", "replace")
