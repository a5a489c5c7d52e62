"""A protobuf message that knows which of its fields were read, so that nothing present is passed over in silence."""

from __future__ import annotations

from typing import Any

from ....errors import ArtefactError


class Fields:
    """Fields of a message as attributes: numbers and strings as they are, lists as tuples, messages as `Fields`."""

    def __init__(self, message: Any, where: str) -> None:
        self._message, self._where = message, where
        self._read: set[str] = set()
        self._done: set[str] = set()
        self._inner: dict[str, list[Fields]] = {}

    @property
    def message(self) -> Any:
        """The message itself; whoever takes it has read it all."""
        self._done.update(field.name for field in self._message.DESCRIPTOR.fields)
        return self._message

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._message, name)
        self._read.add(name)
        if hasattr(value, "ListFields"):
            return self._inner.setdefault(name, [Fields(value, self._where)])[0]
        if hasattr(value, "extend"):
            if value and hasattr(value[0], "ListFields"):
                return self._inner.setdefault(name, [Fields(v, self._where) for v in value])
            return tuple(value)
        return value

    def has(self, name: str) -> bool:
        """Whether a message field is present; asking does not read it."""
        return bool(self._message.HasField(name))

    def which(self, oneof: str) -> str:
        """The member of a oneof that is present, or ""."""
        name: str | None = self._message.WhichOneof(oneof)
        if name:
            self._read.add(name)
        return name or ""

    def choice(self, name: str) -> str:
        """An enumeration's value by its name; `ArtefactError` for a number that has none."""
        number = getattr(self, name)
        values = self._message.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number
        if number not in values:
            known = ", ".join(f"{n} ({v.name})" for n, v in sorted(values.items()))
            raise ArtefactError(f"unknown {name}", where=self._where, found=number, expected=known)
        text: str = values[number].name
        return text

    def by_name(self, name: str) -> Any:
        """As the attribute of that name; an enumeration's value by its name."""
        enum = self._message.DESCRIPTOR.fields_by_name[name].enum_type
        return getattr(self, name) if enum is None else self.choice(name)

    def filled(self) -> dict[str, Any]:
        """The fields that are present."""
        return {field.name: value for field, value in self._message.ListFields()}

    def numbers(self, name: str, count: int, default: int = 1, *, least: int = 1) -> tuple[int, ...]:
        """A repeated number with ``count`` entries, all ``default`` if there is none; `ArtefactError` otherwise."""
        found = tuple(getattr(self, name)) or (default,) * count
        if len(found) != count or min(found) < least or max(found) >= 1 << 31:
            expected = f"{count} numbers of at least {least}"
            raise ArtefactError(f"{name} is not valid", where=self._where, found=found, expected=expected)
        return found

    def ignore(self, *names: str) -> None:
        """Fields that the definition of the layer says take no part."""
        self._done.update(names)

    def unread(self) -> list[str]:
        """Fields that are present but that nobody looked at, as dotted names."""
        left = []
        for field, value in self._message.ListFields():
            if field.name in self._done:
                continue
            if field.name not in self._read:
                left.append(field.name)
            elif field.name in self._inner:
                for inner in self._inner[field.name]:
                    left += [f"{field.name}.{name}" for name in inner.unread()]
            elif hasattr(value, "ListFields") and value.ListFields():
                left.append(field.name)
        return left
