"""A refresh beside the app: one at a time, started by a reader, with progress and a way to stop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["KINDS", "REFRESH_VARIABLE", "Refresh", "allowed"]

REFRESH_VARIABLE = "IPT_EVIDENCE_REFRESH"
"""``on``: readers may start a refresh and decide on candidates. Off unless it is set.

``run`` sets it where the server listens on this machine alone.
"""
KINDS = ("enrich", "update")


def allowed(folder: Path) -> bool:
    """Whether readers may refresh ``folder``: it is switched on, and the folder can be written."""
    return os.environ.get(REFRESH_VARIABLE, "off") == "on" and os.access(folder, os.W_OK)


@dataclass(slots=True)
class Refresh:
    """The state of the refresh of this process. Read by many, changed by its thread."""

    kind: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    lines: list[str] = field(default_factory=list)
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> bool:
        """Whether a refresh is going on."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and the answer to its last question is still awaited."""
        return self.running and self._stop.is_set()

    def start(self, kind: str, folder: Path) -> bool:
        """Begin a refresh of ``kind``; False when one is going on already."""
        with self._lock:
            if self.running or kind not in KINDS:
                return False
            self.kind, self.step, self.done, self.total = kind, "starting", 0, 0
            self.lines, self.error = [], ""
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, args=(kind, folder), daemon=True)
            self._thread.start()
            return True

    def cancel(self) -> None:
        """Ask it to stop before its next question."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Return when it has ended, or after ``seconds``."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, kind: str, folder: Path) -> None:
        try:
            self.lines = _work(kind, folder, self._stop.is_set, self._note)
        except EvidenceError as error:
            self.error = str(error)

    def _note(self, step: str, done: int, total: int) -> None:
        self.step, self.done, self.total = step, done, total


def _work(
    kind: str, folder: Path, stopped: Callable[[], bool], progress: Callable[[str, int, int], None]
) -> list[str]:
    from ipt_evidence.living.updating import enrich, update
    from ipt_evidence.services.client import Client
    from ipt_evidence.services.settings import Settings

    base = EvidenceBase.load(folder)
    with Client(Settings.from_environment(), cancelled=stopped) as client:
        if kind == "enrich":
            return enrich(base, client, citing=True, progress=progress).lines()
        return update(base, client, progress=progress).lines()
