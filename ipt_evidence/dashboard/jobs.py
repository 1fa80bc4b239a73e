"""Work that takes seconds, done beside the pages: with its progress, and to be broken off.

A job runs in a thread of its own; NumPy lets other threads run meanwhile, and no more than two jobs
compute at once, so other readers' pages stay quick. A result that is ready serves all sessions.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from ipt_evidence.errors import EvidenceError

__all__ = ["Cancelled", "Job", "finished", "start"]

AT_ONCE = 2
KEPT = 6  # results; a GOSH of a million subsets of twenty trials takes some 50 MB

Work = Callable[[Callable[[float], None]], Any]


class Cancelled(EvidenceError):
    """Raised inside a job whose reader broke it off."""


class Job:
    """One piece of work under way, for one session."""

    def __init__(self, key: Hashable, work: Work) -> None:
        """Start ``work(report)`` in a thread; it calls ``report`` with the share done, 0 to 1."""
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
        """Break off at the next report."""
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
            with _slots:
                self._report(0.0)
                _keep(self.key, self._work(self._report))
        except EvidenceError as err:
            # Shown by the page; anything else ends in the server's log, and the page says so.
            self.error = err


_slots = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_results: OrderedDict[Hashable, Any] = OrderedDict()


def _keep(key: Hashable, result: object) -> None:
    with _lock:
        _results[key] = result
        _results.move_to_end(key)
        while len(_results) > KEPT:
            _results.popitem(last=False)


def finished(key: Hashable) -> Any | None:
    """The result kept under ``key``, None when there is none."""
    with _lock:
        if key in _results:
            _results.move_to_end(key)
        return _results.get(key)


def start(key: Hashable, work: Work) -> Job:
    """Begin a job; its result will be found by ``finished(key)``."""
    return Job(key, work)
