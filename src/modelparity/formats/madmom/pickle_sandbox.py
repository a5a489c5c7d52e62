"""A pickle machine that can build data and nothing else.

It imports nothing, calls nothing of the file's choosing and sets no attributes: a global is a pair of names,
an instance is a `Record` that holds its state, and the four functions that numpy's and Python's own pickles
need are replaced by checked ones. So a hostile file has nothing to execute with; it is refused as well, by
name, before its first opcode is interpreted.
"""

from __future__ import annotations

from typing import Any

from ...errors import ArtefactError, UnsafePickleError
from . import allowed_globals as names, arrays
from .allowed_globals import Global, allowed
from .arrays import Shell, kind_of
from .opcode_screening import screen
from .opcodes import MAX_BYTES, Token, tokens
from .pickled_instance import Record

TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
PLAIN = {
    "INT",
    "BININT",
    "BININT1",
    "BININT2",
    "LONG",
    "LONG1",
    "LONG4",
    "FLOAT",
    "BINFLOAT",
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
    "BINBYTES",
    "SHORT_BINBYTES",
    "BINBYTES8",
}


def load(data: bytes) -> Any:
    """The object in a pickle, as inert data. Raises `UnsafePickleError` or `ArtefactError`."""
    if len(data) > MAX_BYTES:
        raise ArtefactError(
            "too large for a madmom model", found=f"{len(data)} bytes", expected=f"at most {MAX_BYTES}"
        )
    screen(data)
    machine = Machine(len(data))
    for token in tokens(data):
        try:
            machine.step(token)
        except (IndexError, KeyError) as error:
            raise ArtefactError(
                f"damaged pickle: {token.name} at byte {token.at} finds nothing to work on ({error})"
            ) from None
    return machine.result()


class Machine:
    """The stack, the memo, and one method a kind of opcode."""

    def __init__(self, budget: int) -> None:
        #: Bytes that arrays may still take: a small file cannot make large ones by using its bytes twice.
        self.budget = 2 * budget
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.stopped = False

    def result(self) -> Any:
        """The one value that is left at STOP."""
        if not self.stopped or len(self.stack) != 1 or self.marks:
            raise ArtefactError(
                "damaged pickle: it does not end in one object", found=f"{len(self.stack)} objects"
            )
        return self.stack[0]

    def step(self, token: Token) -> None:
        """Interpret one opcode."""
        name, value = token.name, token.value
        if name in PLAIN:
            self.stack.append(value)
        elif name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[int(value)])
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[int(value)] = self.stack[-1]
        elif name in TUPLES:
            self._tuple(TUPLES[name])
        else:
            method = getattr(self, f"op_{name.lower()}", None)
            if method is None:
                raise UnsafePickleError(f"opcode {name} is refused", found=f"at byte {token.at}")
            method(token)

    def _to_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def op_proto(self, token: Token) -> None:
        """Protocol 0 to 5; a larger number is of a future that nobody can read."""
        if token.value > 5:
            raise ArtefactError("unknown pickle protocol", found=token.value, expected="at most 5")

    def op_frame(self, token: Token) -> None:
        """A hint about buffering."""

    def op_stop(self, token: Token) -> None:
        """The end."""
        self.stopped = True

    def op_mark(self, token: Token) -> None:
        """Begin a group."""
        self.marks.append(self.stack)
        self.stack = []

    def op_pop(self, token: Token) -> None:
        """Drop the top, or the group that has nothing in it."""
        if self.stack:
            self.stack.pop()
        else:
            self._to_mark()

    def op_pop_mark(self, token: Token) -> None:
        """Drop a group."""
        self._to_mark()

    def op_dup(self, token: Token) -> None:
        """The top once more."""
        self.stack.append(self.stack[-1])

    def op_memoize(self, token: Token) -> None:
        """Remember the top under the next number."""
        self.memo[len(self.memo)] = self.stack[-1]

    def op_empty_list(self, token: Token) -> None:
        """A list to be filled."""
        self.stack.append([])

    def op_empty_dict(self, token: Token) -> None:
        """A dict to be filled."""
        self.stack.append({})

    def op_tuple(self, token: Token) -> None:
        """A group as a tuple."""
        items = tuple(self._to_mark())
        self.stack.append(items)

    def _tuple(self, size: int) -> None:
        if len(self.stack) < size:
            raise IndexError("stack too short")
        items = tuple(self.stack[-size:])
        del self.stack[-size:]
        self.stack.append(items)

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise ArtefactError(
                "arrays that together hold more bytes than the file: it uses its bytes more than once"
            )

    def op_list(self, token: Token) -> None:
        """A group as a list."""
        items = self._to_mark()
        self.stack.append(items)

    def op_dict(self, token: Token) -> None:
        """A group of keys and values as a dict."""
        items = self._to_mark()
        self.stack.append({})
        self._set_items(items)

    def op_append(self, token: Token) -> None:
        """One more item."""
        item = self.stack.pop()
        self._top(list, "a list").append(item)

    def op_appends(self, token: Token) -> None:
        """A group of more items."""
        items = self._to_mark()
        self._top(list, "a list").extend(items)

    def op_setitem(self, token: Token) -> None:
        """One key and value."""
        value, key = self.stack.pop(), self.stack.pop()
        self._set_items([key, value])

    def op_setitems(self, token: Token) -> None:
        """A group of keys and values."""
        self._set_items(self._to_mark())

    def _set_items(self, items: list[Any]) -> None:
        target = self._top(dict, "a dict")
        if len(items) % 2:
            raise ArtefactError("damaged pickle: a key has no value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):
                raise ArtefactError("a key is not text", found=kind_of(key), expected="an attribute's name")
            target[key] = value

    def _top(self, kind: type, said: str) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ArtefactError(
                "damaged pickle: items for something else", found=kind_of(self.stack[-1]), expected=said
            )
        return self.stack[-1]

    def op_global(self, token: Token) -> None:
        """A class or function by name: checked, and kept as the name that it is."""
        module, name = token.value
        self.stack.append(allowed(module, name, token.at))

    def op_stack_global(self, token: Token) -> None:
        """As GLOBAL, with the names on the stack."""
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise UnsafePickleError(
                "a global's name is not text", found=f"{kind_of(module)}, {kind_of(name)}"
            )
        self.stack.append(allowed(module, name, token.at))

    def op_newobj(self, token: Token) -> None:
        """An empty instance of one of madmom's classes."""
        args, cls = self.stack.pop(), self.stack.pop()
        if args != ():
            raise UnsafePickleError("an instance is made with arguments", found=kind_of(cls))
        self.stack.append(self._instance(cls))

    def _instance(self, cls: Any) -> Record:
        if not isinstance(cls, Global) or cls not in names.CLASSES:
            raise UnsafePickleError("an instance of what is no class of madmom's", found=kind_of(cls))
        return Record(cls)

    def op_reduce(self, token: Token) -> None:
        """One of the four known calls, by checked functions of our own."""
        args, function = self.stack.pop(), self.stack.pop()
        if type(args) is not tuple or not isinstance(function, Global):
            raise UnsafePickleError("a call of what is no function", found=kind_of(function))
        if function in names.RECONSTRUCT:
            result: Any = arrays.new_array(args)
        elif function == names.DTYPE:
            result = arrays.new_dtype(args)
        elif function in names.SCALAR:
            result = arrays.scalar(args)
        elif function == names.ENCODE:
            result = arrays.encode(args)
            self._spend(len(result))
        elif function in names.RECONSTRUCTOR:
            if (
                len(args) != 3
                or not isinstance(args[1], Global)
                or args[1] not in names.OBJECT
                or args[2] is not None
            ):
                raise UnsafePickleError(
                    "an instance is rebuilt on a base that no model has", found=kind_of(args)
                )
            result = self._instance(args[0])
        else:
            raise UnsafePickleError(
                f"this pickle calls {function}, which no madmom model does; nothing was executed",
                found=str(function),
            )
        self.stack.append(result)

    def op_build(self, token: Token) -> None:
        """Give an instance its state: kept as data, never set as attributes, and only once."""
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, Shell):
            if target.kind == "dtype":
                arrays.set_dtype(target, state)
            else:
                self._spend(arrays.set_array(target, state))
        elif isinstance(target, Record):
            if type(state) is not dict or target.state is not None:
                raise UnsafePickleError(
                    f"{target.cls} gets a state that it never has",
                    found=kind_of(state),
                    expected="attributes, once",
                )
            target.state = dict(state)
        else:
            raise UnsafePickleError("a state is given to what has none", found=kind_of(target))
