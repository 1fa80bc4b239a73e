"""Points and words gathered while two records are compared."""

from __future__ import annotations

__all__ = ["Tally"]


class Tally:
    """Points and words gathered field by field."""

    def __init__(self) -> None:
        self.points = 0.0
        self.agree: list[str] = []
        self.differ: list[str] = []

    def add(self, points: float, words: str) -> None:
        """Add ``points``; ``words`` say what agrees, or differs where points are taken away."""
        self.points += points
        (self.agree if points >= 0 else self.differ).append(words)
