"""A refresh beside the app: one at a time, started by a reader, with progress and a way to stop."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.limits import limit

if TYPE_CHECKING:
    from ipt_evidence.living.updating import Enrichment, Update

__all__ = ["KINDS", "REFRESH_VARIABLE", "Refresh", "allowed"]

REFRESH_VARIABLE = "IPT_EVIDENCE_REFRESH"
"""``on``: readers may start a refresh and decide on candidates. Off unless it is set.

``run`` sets it where the server listens on this machine alone.
"""
KINDS = ("enrich", "update")
HOUR = 3600.0  # seconds
MOST_AN_HOUR = limit("IPT_EVIDENCE_SEARCHES")
MOST_OF_ONE = limit("IPT_EVIDENCE_SEARCHES_OF_ONE")  # an hour, for one reader


def allowed(folder: Path) -> bool:
    """Whether readers may refresh ``folder``: it is switched on, and the folder can be written."""
    return os.environ.get(REFRESH_VARIABLE, "off") == "on" and os.access(folder, os.W_OK)


@dataclass(slots=True)
class Refresh:
    """The state of the refresh of this process. Read by many, changed by its thread.

    ``outcome`` is ``done``, ``partly`` (a service was silent, or the reader stopped it) or
    ``failed`` (no service answered); ``lines`` say more, or ``error`` why it could not begin.
    """

    kind: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    lines: list[str] = field(default_factory=list)
    error: str = ""
    outcome: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: deque[tuple[float, str | None]] = field(default_factory=deque)

    @property
    def running(self) -> bool:
        """Whether a refresh is going on."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and the answer to its last question is still awaited."""
        return self.running and self._stop.is_set()

    def start(
        self, kind: str, folder: Path, since: str | None = None, reader: str | None = None
    ) -> bool:
        """Begin a refresh of ``kind``; False when one is going on already.

        ``since`` is the day (ISO; empty for all years) from which an update looks. For one
        ``reader`` and for all there is a limit an hour; ``error`` then says so, and it is False.
        """
        with self._lock:
            if self.running or kind not in KINDS or not self._may_begin(reader):
                return False
            self.kind, self.step, self.done, self.total = kind, "starting", 0, 0
            self.lines, self.error, self.outcome = [], "", ""
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._run, args=(kind, folder, since), daemon=True
            )
            self._thread.start()
            return True

    def _may_begin(self, reader: str | None) -> bool:
        now = time.monotonic()
        while self._begun and now - self._begun[0][0] > HOUR:
            self._begun.popleft()
        own = sum(one == reader is not None for _, one in self._begun)
        if len(self._begun) >= MOST_AN_HOUR or own >= MOST_OF_ONE:
            minutes = 1 + int((HOUR - (now - self._begun[0][0])) / 60)
            self.lines, self.outcome = [], ""
            self.error = (
                f"The services were asked {len(self._begun)} times in this hour, {own} of them "
                f"from this page. Please try again in {minutes} minutes"
            )
            return False
        self._begun.append((now, reader))
        return True

    def cancel(self) -> None:
        """Ask it to stop before its next question."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Return when it has ended, or after ``seconds``."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, kind: str, folder: Path, since: str | None) -> None:
        try:
            result = _work(kind, folder, since, self._stop.is_set, self._note)
        except EvidenceError as error:
            self.error = str(error)
            return
        partly = result.cancelled or any(one.failed for one in result.health.values())
        self.outcome = "failed" if result.failed else "partly" if partly else "done"
        self.lines = result.lines()

    def _note(self, step: str, done: int, total: int) -> None:
        self.step, self.done, self.total = step, done, total


def _work(
    kind: str,
    folder: Path,
    since: str | None,
    stopped: Callable[[], bool],
    progress: Callable[[str, int, int], None],
) -> Enrichment | Update:
    from ipt_evidence.living.runs import one_run
    from ipt_evidence.living.updating import enrich, update
    from ipt_evidence.services.client import Client
    from ipt_evidence.services.settings import Settings

    base = EvidenceBase.load(folder)
    with one_run(folder), Client(Settings.from_environment(), cancelled=stopped) as client:
        if kind == "enrich":
            return enrich(base, client, citing=True, progress=progress)
        return update(base, client, since=since, progress=progress)
