"""The protobuf classes of Core ML's model files, as coremltools ships them; imported only when a file needs them."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import ArtefactError, Unavailable

#: The newest specification version that the reader was written for (iOS 26, macOS 26).
NEWEST = 10
#: Messages up to this many bytes are copied to look for unknown fields; beyond, walking costs less than a copy.
SMALL = 1 << 22


def module(name: str) -> Any:
    """``coremltools.proto.<name>_pb2``. Raises `Unavailable` if coremltools is not installed.

    coremltools says on import which frameworks it was not tested with; nobody asked, so that is muted.
    """
    loaded = sys.modules.get(f"coremltools.proto.{name}_pb2")
    if loaded is not None:
        return loaded
    log = logging.getLogger("coremltools")
    level = log.level
    try:
        log.setLevel(logging.ERROR)
        with contextlib.redirect_stderr(io.StringIO()):
            return importlib.import_module(f"coremltools.proto.{name}_pb2")
    except ImportError as error:
        raise Unavailable(
            "coremltools, which has the protobuf classes of Core ML files, is not installed: "
            "pip install 'modelparity[coreml]'",
            found=str(error),
        ) from error
    finally:
        log.setLevel(level)


def parse(path: Path, data: Any) -> Any:
    """The ``Model`` message in these bytes. Raises `ArtefactError` if they are none, or from a newer version."""
    from google.protobuf.message import DecodeError

    model = module("Model").Model()
    try:
        model.ParseFromString(data)
    except (DecodeError, RecursionError) as error:
        raise ArtefactError(
            "not a Core ML model, or a truncated one",
            where=path,
            found=f"{len(data):,} bytes: {error or 'damaged protobuf'}",
            expected="a Model message of Core ML",
        ) from None
    if not 1 <= model.specificationVersion <= NEWEST:
        newer = model.specificationVersion > NEWEST
        raise ArtefactError(
            "the specification version is newer than this reader" if newer else "no specification version",
            where=path,
            found=model.specificationVersion,
            expected=f"1 to {NEWEST}",
            fix="update modelparity" if newer else None,
        )
    return model


def known_fields(message: Any, where: object) -> None:
    """Raises `ArtefactError` if this message or one below it has fields that its class does not know."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    size = message.ByteSize()
    if size <= SMALL:
        copy = type(message)()
        copy.CopyFrom(message)
        copy.DiscardUnknownFields()
        if copy.ByteSize() == size:
            return
    for path, one in _messages(message, ""):
        unknown = UnknownFieldSet(one)
        if len(unknown):
            raise ArtefactError(
                f"{type(one).__name__} has a field that is not known",
                where=f"{where}{path}",
                found=f"field number {unknown[0].field_number}",
                expected=", ".join(f.name for f in one.DESCRIPTOR.fields),
                fix="it may come from a newer Core ML: update coremltools and modelparity",
            )


def _messages(message: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A message and all below it, each with the way to it."""
    stack = [(path, message)]
    while stack:
        at, one = stack.pop()
        yield at, one
        for field, value in one.ListFields():
            if field.message_type is None:
                continue
            here = f"{at}/{field.name}"
            if field.message_type.GetOptions().map_entry:
                if field.message_type.fields_by_name["value"].message_type is not None:
                    stack.extend((f"{here}/{key}", item) for key, item in value.items())
            elif isinstance(value, type(one)) or hasattr(value, "ListFields"):
                stack.append((here, value))
            else:
                stack.extend((f"{here}/{index}", item) for index, item in enumerate(value))


def near(name: str, known: Any) -> str:
    """What a misspelt or unknown name may have meant."""
    known = sorted(known)
    found = difflib.get_close_matches(name, known, n=4) if len(name) < 200 and len(known) < 2000 else []
    return ", ".join(one[:80] for one in found or known[:12]) or "nothing"
