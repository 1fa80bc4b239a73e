"""Time that passes only when somebody waits."""

from __future__ import annotations

from datetime import date

from ipt_evidence.services.connection import Clock

TODAY = date(2026, 3, 1)


class FakeTime:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, sleep=self.sleep, today=lambda: TODAY)
