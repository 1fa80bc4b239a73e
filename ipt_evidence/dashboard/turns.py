"""Readers are served in turn: a page is made whole before the next one begins.

Streamlit makes each reader's page in a thread, and Python runs one thread at a time. Fifty threads
that change places all the time finish together, late, and the thread that sends what is ready
waits among them. One after another, readers are answered sooner.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Turns", "turns"]


class Turns:
    """First come, first served; who takes longer than ``patience`` seconds lets the next begin."""

    def __init__(self, patience: float = 0.1) -> None:
        """Nobody waits yet."""
        self._patience = patience
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._since = 0.0
        self._own = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait behind the one whose turn it is."""
        return max(0, len(self._queue) - 1)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and keep it while the context lasts."""
        self._own.turn = mine = threading.Event()
        with self._lock:
            self._queue.append(mine)
            if len(self._queue) == 1:
                self._call_first()
        while not mine.wait(self._patience):
            with self._lock:
                if time.monotonic() - self._since > self._patience:
                    self._next()
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """End this thread's turn before its context ends: what follows only waits."""
        mine = getattr(self._own, "turn", None)
        with self._lock:
            if mine is not None and self._queue and self._queue[0] is mine:
                self._next()

    def _next(self) -> None:
        self._queue.popleft()
        if self._queue:
            self._call_first()

    def _call_first(self) -> None:
        self._since = time.monotonic()
        self._queue[0].set()


turns = Turns()
"""Of the pages of this server."""
