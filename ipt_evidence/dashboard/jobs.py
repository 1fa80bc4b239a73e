"""Work that takes seconds, done beside the pages: with its progress, and to be broken off.

A job runs in a thread of its own; NumPy lets other threads run meanwhile, and no more than two jobs
compute at once, so other readers' pages stay quick. What a job computes goes into the cache of
results, where all sessions find it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from ipt_evidence import progress
from ipt_evidence.errors import EvidenceError

__all__ = ["Cancelled", "Job"]

AT_ONCE = 2


class Cancelled(EvidenceError):
    """Raised inside a job whose reader broke it off."""


class Job:
    """One piece of work under way, for one session."""

    def __init__(self, key: Hashable, work: Callable[[], object]) -> None:
        """Start ``work()`` in a thread; ``key`` tells which work it is."""
        self.key = key
        self.share = 0.0
        self.error: EvidenceError | None = None
        self._stop = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """True until the work has ended, in whatever way."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """True when the reader broke it off."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Break off at the next report of progress."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Give the work a moment: what is quick is ready without a progress bar."""
        self._thread.join(seconds)

    def _report(self, share: float) -> None:
        if self._stop.is_set():
            raise Cancelled("broken off by the reader")
        self.share = share

    def _run(self) -> None:
        try:
            with _slots, progress.listening(self._report):
                self._report(0.0)
                self._work()
        except EvidenceError as err:
            # Shown by the page; anything else ends in the server's log, and the page says so.
            self.error = err


_slots = threading.BoundedSemaphore(AT_ONCE)
