"""Clocks, pauses and asking again: the only code that waits.

A `Clock` is handed in, so that a test that is told to wait an hour does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from urllib3.exceptions import InvalidHeader
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from ipt_evidence.citations.enrichment.faults import RateLimited

__all__ = ["Clock", "Pace", "PatientRetry"]

AGAIN = (429, 500, 502, 503, 504)
BACKOFF_FACTOR = 0.5  # 0, 1, 2, 4 seconds ...
JITTER = 0.5  # and up to half a second at random, so that many clients do not knock as one


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only go forward, a way to wait, and today's date."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    today: Callable[[], date] = date.today


class Pace:
    """Keeps questions to one service apart: at most ``rate`` a second."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._gap = 1.0 / rate
        self._clock = clock
        self._next = 0.0

    @property
    def gap(self) -> float:
        """Seconds between two questions."""
        return self._gap

    def wait(self) -> None:
        """Return when the next question may be asked."""
        now = self._clock.now()
        if now < self._next:
            self._clock.sleep(self._next - now)
            now = self._next
        self._next = now + self._gap

    def learn(self, limit: str | None, interval: str | None) -> None:
        """Slow down to what ``X-Rate-Limit-Limit`` and ``-Interval`` announce; never speed up."""
        try:
            rate = float(limit or "") / float((interval or "").rstrip("s"))
        except (ValueError, ZeroDivisionError):
            return
        if rate > 0:
            self._gap = max(self._gap, 1.0 / rate)


class PatientRetry(Retry):
    """urllib3's Retry, which waits by a `Clock` and not longer than ``longest`` for anybody.

    ``Retry-After`` is respected, in seconds or as a date; without it pauses double, with jitter.
    """

    clock: Clock = Clock()
    longest: float = 120.0
    service: str = ""
    counted: Callable[[], None] = staticmethod(lambda: None)

    @classmethod
    def build(
        cls,
        attempts: int,
        *,
        clock: Clock,
        longest: float,
        service: str,
        counted: Callable[[], None],
    ) -> PatientRetry:
        """As many as ``attempts`` tries in all; ``counted`` is called at each further one."""
        retry = cls(
            total=attempts - 1,
            status_forcelist=AGAIN,
            allowed_methods=frozenset({"GET"}),
            backoff_factor=BACKOFF_FACTOR,
            backoff_jitter=JITTER,
            backoff_max=longest,
            retry_after_max=10**9,  # what is too long is for `sleep` to say
            raise_on_status=False,
            redirect=0,
        )
        return retry._like(clock, longest, service, counted)

    def _like(
        self, clock: Clock, longest: float, service: str, counted: Callable[[], None]
    ) -> Self:
        self.clock, self.longest, self.service = clock, longest, service
        self.counted = counted
        return self

    def new(self, **kw: Any) -> Self:
        """The copy that urllib3 makes at each try keeps our clock."""
        copy = super().new(**kw)
        return copy._like(self.clock, self.longest, self.service, self.counted)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait before the next try, as the reply asks for or as the backoff says."""
        self.counted()
        asked = self._asked_for(response)
        if asked and asked > self.longest:
            raise RateLimited(
                f"{self.service} asks to wait {asked:,.0f} seconds. Try again later; what was "
                "answered so far is kept"
            )
        pause = asked or self.get_backoff_time()
        if pause > 0:
            self.clock.sleep(pause)

    def _asked_for(self, response: BaseHTTPResponse | None) -> float | None:
        if response is None:
            return None
        try:
            return self.get_retry_after(response)
        except InvalidHeader:  # neither seconds nor a date: as if it were not there
            return None
