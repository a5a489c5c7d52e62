"""The JSON text: parsed strictly, as RTNeural's own parser does, with the JSON path in every refusal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ...errors import ArtefactError
from .findings import Report

#: A text of this size parses to some gigabytes of numbers; no network that a plug-in runs is as large.
MAX_BYTES = 1 << 28

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|-?(?:NaN|Infinity)|[^][{},:"\s]+', re.DOTALL)

#: What may be left of a number or a word where a text was cut.
_CUT = re.compile(r"[-+.0-9eE]*|t(ru?)?|f(a(ls?)?)?|n(ul?)?")


class _Refused(ValueError):
    """A constant that JSON does not have."""


def parse(data: bytes, file: str, report: Report) -> dict[str, Any]:
    """The object that the text is. Raises `ArtefactError` naming the JSON path of what is wrong.

    Text behind the object is a finding, for RTNeural stops reading there.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArtefactError("not UTF-8, as JSON must be", where=f"{file}, byte {error.start}") from None
    start = len(text) - len(text.lstrip(" \t\r\n"))
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            twice.append("")
        return made

    try:
        made, end = json.JSONDecoder(object_pairs_hook=unique, parse_constant=_refuse).raw_decode(text, start)
    except _Refused as error:
        raise _constant(text, file, str(error)) from None
    except json.JSONDecodeError as error:
        raise _broken(text, file, error) from None
    except RecursionError:
        raise ArtefactError("nested too deeply for any model", where=file) from None
    except ValueError as error:  # a whole number of thousands of digits
        raise ArtefactError(f"a number is not readable: {error}", where=file) from None
    if twice:
        raise _duplicate(text, file)
    if text[end:].strip(" \t\r\n"):
        report.add(
            "trailing-text",
            "silent",
            "$",
            "RTNeural does not read what stands behind the model's object",
            found=repr(text[end:].strip()[:40]),
            expected="one object and nothing else",
            fix="remove it, or see whether two files were joined",
        )
    if isinstance(made, dict) and "layers" not in made and any("weight" in key for key in made):
        raise ArtefactError(
            "a PyTorch state_dict, as RTNeural's torch_helpers load it: weights without layers",
            where=file,
            expected='an object with "in_shape" and "layers"',
            fix="convert the module itself, which says what they do",
        )
    if not isinstance(made, dict):
        raise ArtefactError(
            "not a model",
            where=f"{file}, $",
            found=_kind(made),
            expected='an object with "in_shape" and "layers"',
        )
    return made


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises `ArtefactError` if it is too large or not readable."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size > MAX_BYTES:
            raise ArtefactError(
                "too large for an RTNeural model, or no file",
                where=path,
                found=f"{size:,} bytes",
                expected=f"at most {MAX_BYTES:,}",
            )
        return path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"not readable: {error.strerror}", where=path) from error


def path_at(text: str, position: int) -> str:
    """The JSON path of what stands at a position of a text that is well formed up to there."""
    stack: list[list[Any]] = []  # [opening bracket, key or index, a key may come]
    for token in _TOKEN.finditer(text):
        if token.start() >= position:
            break
        piece = token.group()
        if piece in "[{":
            stack.append([piece, 0 if piece == "[" else None, piece == "{"])
        elif piece in "]}" and stack:
            stack.pop()
        elif piece == "," and stack:
            top = stack[-1]
            if top[0] == "[":
                top[1] += 1
            else:
                top[1:] = [None, True]
        elif piece == ":" and stack:
            stack[-1][2] = False
        elif piece[0] == '"' and stack and stack[-1][2]:
            stack[-1][1] = piece[1:-1]
    steps = [f"[{step}]" if opening == "[" else f".{step}" for opening, step, _ in stack if step is not None]
    return "$" + "".join(steps)


def _refuse(name: str) -> Any:
    raise _Refused(name)


def _constant(text: str, file: str, name: str) -> ArtefactError:
    at = next((t.start() for t in _TOKEN.finditer(text) if t.group() == name), 0)
    return ArtefactError(
        f"{name} is no JSON, and RTNeural's parser refuses it",
        where=f"{file}, {path_at(text, at)}",
        found=name,
        expected="a finite number",
        fix="a weight went to NaN or overflowed in training or export",
    )


def _broken(text: str, file: str, error: json.JSONDecodeError) -> ArtefactError:
    position = min(error.pos, len(text))
    ended = _CUT.fullmatch(text[position:].strip()) is not None or error.msg.startswith("Unterminated string")
    what = "the file ends too early" if ended else f"not JSON: {error.msg}"
    rest = text[position : position + 24].split("\n")[0]
    return ArtefactError(
        what,
        where=f"{file}, {path_at(text, position)}, line {error.lineno} column {error.colno}",
        found="the end of the text" if ended else repr(rest),
        fix="export it again, and see that the file is closed before it is copied" if ended else None,
    )


def _duplicate(text: str, file: str) -> ArtefactError:
    seen: list[set[str] | None] = []
    expect_key = False
    for token in _TOKEN.finditer(text):
        piece = token.group()
        if piece in "[{":
            seen.append(set() if piece == "{" else None)
            expect_key = piece == "{"
        elif piece in "]}":
            seen.pop()
            expect_key = False
        elif piece == ",":
            expect_key = bool(seen) and seen[-1] is not None
        elif expect_key and piece[0] == '"':
            keys, expect_key = seen[-1], False
            key = json.loads(piece)
            assert keys is not None
            if key in keys:
                at = path_at(text, token.start()).removesuffix(f".{piece[1:-1]}")
                return ArtefactError(
                    f"the key {key!r} stands twice in one object",
                    where=f"{file}, {at}.{key}",
                    found="two values, of which RTNeural takes the last",
                    expected="each key once",
                )
            keys.add(key)
    return ArtefactError("a key stands twice in one object", where=file)


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
