"""What was made of a text before, for texts that come again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Memo"]

Made = TypeVar("Made")

_MAX_TEXTS = 65_536
_MAX_LENGTH = 500


class Memo(dict[str, Made]):
    """Text → what ``make`` makes of it, one object wherever the text occurs again.

    It keeps no order as `functools.lru_cache` does, and forgets everything when it is full: to be
    asked a dozen times for each record, it has to be quick. Long texts are not kept.
    """

    def __init__(self, make: Callable[[str], Made], limit: int = _MAX_TEXTS) -> None:
        super().__init__()
        self._make = make
        self._limit = limit

    def __missing__(self, text: str) -> Made:
        made = self._make(text)
        if len(text) > _MAX_LENGTH:
            return made
        if len(self) >= self._limit:
            self.clear()
        self[text] = made
        return made
