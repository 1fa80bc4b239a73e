"""Work that takes seconds, done beside the pages: with its progress, and to be broken off.

A job runs in a thread of its own; NumPy lets other threads run meanwhile, and no more than two jobs
compute at once, so other readers' pages stay quick. One reader has one of the two at most, and
several sessions from one address have both only while nobody else waits. Further jobs wait in a
queue, which is bounded, for all and for each: who finds it full is told. What a job computes goes
into the cache of results, where all sessions find it. Uploads are read in a queue of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from ipt_evidence import progress
from ipt_evidence.errors import EvidenceError
from ipt_evidence.limits import limit

__all__ = ["Busy", "Cancelled", "Job", "counts", "upload"]

AT_ONCE = limit("IPT_EVIDENCE_CALCULATIONS")
MOST_WAITING = limit("IPT_EVIDENCE_CALCULATIONS_WAITING")
MOST_OF_ONE = limit("IPT_EVIDENCE_CALCULATIONS_OF_ONE")  # on several pages of one session
UPLOADS_AT_ONCE = limit("IPT_EVIDENCE_UPLOADS")
MOST_UPLOADS_WAITING = limit("IPT_EVIDENCE_UPLOADS_WAITING")
LOOK = 0.2  # seconds between looks whether a waiting job is still wanted


class Cancelled(EvidenceError):
    """Raised inside a job whose reader broke it off or went away."""


class Busy(EvidenceError):
    """Raised for a job that finds the queue full."""


class Job:
    """One piece of work under way, for one session."""

    def __init__(
        self,
        key: Hashable,
        work: Callable[[], object],
        *,
        reader: Hashable = None,
        visitor: Hashable = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Start ``work()`` in a thread.

        ``key`` tells which work it is, ``reader`` for which session, ``visitor`` from which
        address; a job ends at the next report of
        progress once ``wanted()`` is false.
        """
        self.key, self.reader, self.visitor = key, reader, visitor
        self.share = 0.0
        self.ahead = 0
        self.error: EvidenceError | None = None
        self._stop = threading.Event()
        self._work, self._wanted = work, wanted
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
        self.check()
        self.share = share

    def check(self) -> None:
        """Raise `Cancelled` when nobody waits for the result any more."""
        if self._stop.is_set() or not self._wanted():
            raise Cancelled("broken off by the reader")

    def _run(self) -> None:
        try:
            with _queue.turn(self, MOST_WAITING), progress.listening(self._report):
                self._report(0.0)
                self._work()
        except EvidenceError as err:
            # Shown by the page; anything else ends in the server's log, and the page says so.
            self.error = err


class _Upload:
    """Files of one reader that are to be read in the thread of the page."""

    def __init__(
        self,
        reader: Hashable,
        visitor: Hashable,
        wanted: Callable[[], bool],
        told: Callable[[int], object],
    ) -> None:
        self.reader, self.visitor = reader, visitor
        self.ahead = 0
        self._wanted, self._told = wanted, told

    def check(self) -> None:
        """Tell the reader how many come first; raise `Cancelled` when nobody waits any more."""
        if not self._wanted():
            raise Cancelled("the page was left")
        if self.ahead:
            self._told(self.ahead)


class _Queue:
    """Who computes, and who waits in the order in which they came."""

    def __init__(self, at_once: int, what: str) -> None:
        self._at_once, self._what = at_once, what
        self._computing: list[Job | _Upload] = []
        self._waiting: list[Job | _Upload] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, job: Job | _Upload, most_waiting: int) -> Iterator[None]:
        """Wait for a place, keep it while the context lasts."""
        with self._changed:
            own = [one for one in self._waiting if one.reader == job.reader is not None]
            if len(own) >= MOST_OF_ONE:
                raise Busy(
                    f"{MOST_OF_ONE} {self._what} of yours are waiting. Please wait for one of them"
                )
            if len(self._waiting) >= most_waiting:
                raise Busy(
                    f"{most_waiting} {self._what} of other readers are waiting. Please try again "
                    "in a minute"
                )
            self._waiting.append(job)
            try:
                while self._next() is not job:
                    job.ahead = self._waiting.index(job)
                    job.check()
                    self._changed.wait(LOOK)
                self._computing.append(job)
            finally:
                self._waiting.remove(job)
                self._changed.notify_all()
            job.ahead = 0
        try:
            yield
        finally:
            with self._changed:
                self._computing.remove(job)
                self._changed.notify_all()

    def counts(self) -> tuple[int, int]:
        """How many compute, and how many wait."""
        with self._changed:
            return len(self._computing), len(self._waiting)

    def _next(self) -> Job | _Upload | None:
        """The first whose reader computes nothing yet, while there is a place.

        One from an address for which nothing is computed goes before.
        """
        if len(self._computing) >= self._at_once:
            return None
        busy = {job.reader for job in self._computing} - {None}
        there = {job.visitor for job in self._computing} - {None}
        free = [job for job in self._waiting if job.reader not in busy]
        return next((job for job in free if job.visitor not in there), free[0] if free else None)


_queue = _Queue(AT_ONCE, "calculations")
_uploads = _Queue(UPLOADS_AT_ONCE, "uploads")


def counts() -> tuple[int, int]:
    """How many jobs compute, and how many wait, for all readers together."""
    return _queue.counts()


@contextmanager
def upload(
    reader: Hashable,
    visitor: Hashable,
    wanted: Callable[[], bool],
    told: Callable[[int], object],
) -> Iterator[None]:
    """Wait for a turn to read an upload, keep it while the context lasts.

    ``told`` hears again and again how many uploads come first. Raises `Busy` when too many wait.
    """
    with _uploads.turn(_Upload(reader, visitor, wanted, told), MOST_UPLOADS_WAITING):
        yield
