"""Results that cost time, kept for all sessions.

Lighter than Streamlit's cache: a run of a page asks it some thirty times, and an answer must cost
microseconds. What is kept is shared, so whoever gets it only reads it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

__all__ = ["Memory"]

T = TypeVar("T")


class Memory:
    """The ``size`` results that were asked for last, by key; safe for several threads."""

    def __init__(self, size: int) -> None:
        """Keep at most ``size`` results."""
        self._size = size
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def recall(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result kept under ``key``, made by ``make`` when there is none.

        Two threads may both make it when they ask at the same moment; both then get what was kept
        first, so that a result stays the same object as long as it is kept.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            kept = self._kept.setdefault(key, made)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return kept  # type: ignore[return-value]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
