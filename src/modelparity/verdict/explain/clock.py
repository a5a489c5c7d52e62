"""How much time is left: of the clock on the wall, and of what this thread itself may work."""

from __future__ import annotations

import time


class Clock:
    """``seconds`` on the wall in all.

    A busy machine takes longer for the same work; what is found should not depend on that as long as there is time.
    """

    def __init__(self, seconds: float) -> None:
        self.started = time.monotonic()
        self._until = self.started + seconds
        self._worked = time.thread_time()
        self._most = self._worked + seconds

    def work(self, seconds: float) -> None:
        """From now on this thread works no more than so many seconds, where fewer are not left anyway."""
        self._most = min(self._most, time.thread_time() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return min(self._until - time.monotonic(), self._most - time.thread_time())

    @property
    def worked(self) -> float:
        """Seconds that this thread has worked since."""
        return time.thread_time() - self._worked

    @property
    def took(self) -> float:
        """Seconds on the wall since."""
        return round(time.monotonic() - self.started, 3)
