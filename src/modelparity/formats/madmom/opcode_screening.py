"""A pickle is refused by its opcodes alone, before any of them is interpreted."""

from __future__ import annotations

from ...errors import UnsafePickleError
from .allowed_globals import allowed
from .opcodes import tokens

#: Opcodes that reach outside the pickle, or that no madmom model was ever written with.
REFUSED = {
    "PERSID": "a persistent id",
    "BINPERSID": "a persistent id",
    "EXT1": "the extension registry",
    "EXT2": "the extension registry",
    "EXT4": "the extension registry",
    "OBJ": "an instance made by calling a class",
    "NEWOBJ_EX": "an instance made with keyword arguments",
    "NEXT_BUFFER": "a buffer outside the file",
    "READONLY_BUFFER": "a buffer outside the file",
    "BYTEARRAY8": "a byte array",
    "EMPTY_SET": "a set",
    "ADDITEMS": "a set",
    "FROZENSET": "a set",
}


def screen(data: bytes) -> None:
    """Raise `UnsafePickleError` for the first opcode that no model needs, `ArtefactError` for a damaged pickle.

    Names that STACK_GLOBAL takes from the stack are not known yet; the machine checks them when it meets them.
    """
    for token in tokens(data):
        if token.name in ("GLOBAL", "INST"):
            module, name = token.value
            allowed(module, name, token.at)
        if token.name == "INST":
            raise UnsafePickleError("this pickle makes an instance by a call", found=".".join(token.value))
        if token.name in REFUSED:
            raise UnsafePickleError(
                f"this pickle uses {REFUSED[token.name]}; nothing of it was executed",
                found=f"opcode {token.name} at byte {token.at}",
                expected="what madmom's models are written with",
            )
