"""Protobuf messages spoilt field by field: numbers, names, types, and what stands where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import mutation

#: The way to a message below another: (field, index or key or None) at each step.
Way = tuple[tuple[str, Any], ...]
RANGES = {
    1: None,
    2: None,
    3: (-(1 << 63), (1 << 63) - 1),
    4: (0, (1 << 64) - 1),
    5: (-(1 << 31), (1 << 31) - 1),
    6: (0, (1 << 64) - 1),
    7: (0, (1 << 32) - 1),
    13: (0, (1 << 32) - 1),
    14: (-(1 << 31), (1 << 31) - 1),
    15: (-(1 << 31), (1 << 31) - 1),
    16: (-(1 << 63), (1 << 63) - 1),
    17: (-(1 << 31), (1 << 31) - 1),
    18: (-(1 << 63), (1 << 63) - 1),
}
BOOL, STRING, MESSAGE, BYTES, ENUM = 8, 9, 11, 12, 14


def is_map(field: Any) -> bool:
    """Whether a field is a map."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def ways(message: Any, here: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Every message of a tree with the way to it."""
    yield here, message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if is_map(field):
            if field.message_type.fields_by_name["value"].message_type is not None:
                for key in sorted(value):
                    yield from ways(value[key], (*here, (field.name, key)))
        elif hasattr(value, "extend"):
            for index, item in enumerate(value):
                yield from ways(item, (*here, (field.name, index)))
        else:
            yield from ways(value, (*here, (field.name, None)))


def at(message: Any, way: Way) -> Any:
    """The message at the end of a way, or None if an earlier change took it away."""
    for name, place in way:
        value = getattr(message, name)
        if place is None:
            message = value
        elif isinstance(place, int) and hasattr(value, "extend"):
            if place >= len(value):
                return None
            message = value[place]
        elif place in value:
            message = value[place]
        else:
            return None
    return message


class Pool:
    """What the good files hold: messages by type and texts by field, to be put where they do not belong."""

    def __init__(self, messages: Iterable[Any], texts: Iterable[str] = ()) -> None:
        self.messages: dict[str, list[Any]] = defaultdict(list)
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for message in messages:
            for _, one in ways(message):
                self.messages[one.DESCRIPTOR.full_name].append(one)
                for field, value in one.ListFields():
                    if field.type == STRING and not is_map(field):
                        names = value if hasattr(value, "extend") else [value]
                        found[field.name].update(dict.fromkeys(map(str, names)))
        found["type"].update(dict.fromkeys(texts))
        self.texts = {name: list(values) for name, values in found.items()}


class Spoiler:
    """Changes messages. ``sites`` are the ways into a good one, by type, so that rare types are met as often."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def spoil(self, rng: Random, message: Any, sites: dict[str, list[Way]]) -> None:
        """Change one to four places below a message."""
        kinds = list(sites)
        for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
            one = at(message, rng.choice(sites[rng.choice(kinds)]))
            if one is not None and one.DESCRIPTOR.fields:
                self.change(rng, one)

    def change(self, rng: Random, message: Any) -> None:
        """Change a field of a message: as a rule one that is there."""
        present = [field for field, _ in message.ListFields()]
        known = message.DESCRIPTOR.fields
        field = rng.choice(present if present and rng.random() < 0.8 else known)
        if rng.random() < 0.1:
            message.ClearField(field.name)
            return
        value = getattr(message, field.name)
        if is_map(field):
            self._map(rng, field, value)
        elif hasattr(value, "extend"):
            self._list(rng, message, field, value)
        elif field.type == MESSAGE:
            self._message(rng, value, field.message_type)
        else:
            setattr(message, field.name, self._scalar(rng, field, value))

    def _message(self, rng: Random, message: Any, kind: Any) -> None:
        """Another message of the type in its place, or an empty one."""
        others = self.pool.messages.get(kind.full_name)
        if others and rng.random() < 0.8:
            message.CopyFrom(rng.choice(others))
        else:
            message.Clear()
            message.SetInParent()

    def _scalar(self, rng: Random, field: Any, value: Any) -> Any:
        if field.type == BOOL:
            return not value
        if field.type == STRING:
            made = mutation.text(rng, value, self.pool.texts.get(field.name, []))
            return made.encode("utf-8", "replace").decode()
        if field.type == BYTES:
            return mutation.data(rng, value, bytes(range(256)))
        if field.type == ENUM and rng.random() < 0.7:
            return rng.choice(field.enum_type.values).number
        span = RANGES[field.type]
        return mutation.number(rng, value) if span is None else mutation.integer(rng, value, *span)

    def _list(self, rng: Random, message: Any, field: Any, values: Any) -> None:
        """A list with an entry dropped, doubled, moved, changed, taken from elsewhere; or many."""
        how, kind = rng.randrange(7), field.message_type
        place = rng.randrange(len(values)) if values else 0
        items = list(values)
        if how == 0 and items:
            del items[place]
        elif how == 1 and items:
            items.insert(rng.randrange(len(items) + 1), items[place])
        elif how == 2 and items:
            other = rng.randrange(len(items))
            items[place], items[other] = items[other], items[place]
        elif how == 3:
            items = items[:place] if rng.randrange(2) else items * rng.choice((2, 3, 40))
        elif kind is not None:
            others = self.pool.messages.get(kind.full_name)
            items.insert(place, rng.choice(others) if others else getattr(message, field.name).add())
        elif items:
            items[place] = self._scalar(rng, field, items[place])
        else:
            items = [self._scalar(rng, field, _zero(field))]
        copies = [
            type(one).FromString(one.SerializeToString(deterministic=True)) if kind else one
            for one in items[:4000]
        ]
        message.ClearField(field.name)
        getattr(message, field.name).extend(copies)

    def _map(self, rng: Random, field: Any, values: Any) -> None:
        """A map with a key dropped, renamed or added, or a value from elsewhere."""
        kind = field.message_type.fields_by_name["value"]
        keys = sorted(values)
        key = rng.choice(keys) if keys else ""
        how = rng.randrange(3)
        if kind.message_type is None or not keys:
            values.clear()
        elif how == 0:
            del values[key]
        elif how == 1:
            names = list(self.pool.texts.get("name", []))
            other = mutation.text(rng, str(key), [*map(str, keys), *names]) if isinstance(key, str) else 7
            moved = kind.message_type._concrete_class.FromString(values[key].SerializeToString())
            if rng.randrange(2):
                del values[key]
            values[other.encode("utf-8", "replace").decode() if isinstance(other, str) else other].CopyFrom(
                moved
            )
        else:
            self._message(rng, values[key], kind.message_type)


def _zero(field: Any) -> Any:
    return {STRING: "", BYTES: b"", BOOL: False}.get(field.type, 0)
