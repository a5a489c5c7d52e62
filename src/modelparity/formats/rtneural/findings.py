"""What is to be said of a file, gathered while it is read."""

from __future__ import annotations

from ...errors import ArtefactError
from ..finding import Finding


class Stop(Exception):
    """This layer, or this file, is not readable any further; the report says why."""


class Report:
    """Gathers findings while a file is read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, kind: str, level: str, where: str, what: str, **more: object) -> None:
        """Note a finding; each is noted once."""
        found = Finding(kind, level, where, what, **more)  # type: ignore[arg-type]
        if found not in self.findings:
            self.findings.append(found)

    def fail(self, kind: str, where: str, what: str, **more: object) -> Stop:
        """Note what RTNeural does not survive; for ``raise``."""
        self.add(kind, "fails", where, what, **more)
        return Stop()

    @property
    def failure(self) -> Finding | None:
        """The first finding that keeps the file from being read."""
        return next((one for one in self.findings if one.level == "fails"), None)

    def refuse(self, file: str) -> None:
        """Raise `ArtefactError` for the first finding that keeps the file from being read, if there is one."""
        if (first := self.failure) is not None:
            place = f"{first.where} ({first.layer})" if first.layer else first.where
            raise ArtefactError(
                f"{first.what} [{first.kind}]",
                where=f"{file}, {place}",
                found=first.found,
                expected=first.expected,
                fix=first.fix,
            )
