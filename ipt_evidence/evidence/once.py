"""What is worked out of an object once, for as long as that object lives.

For objects that are shared and never changed, such as the tables of a base: an index of their rows,
their cells as text. Anything that can be weakly referenced will do, hashable or not.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["once"]

T = TypeVar("T")

_kept: dict[tuple[int, str], tuple[weakref.ref[Any], Any]] = {}


def once(of: object, name: str, make: Callable[[], T]) -> T:
    """Give ``make()``, called for the first time that ``name`` is asked of this very object."""
    key = (id(of), name)
    kept = _kept.get(key)
    if kept is not None and kept[0]() is of:
        return kept[1]  # type: ignore[no-any-return]
    made = make()
    # An address may be used again after the object is gone, so it is forgotten with it.
    _kept[key] = (weakref.ref(of, lambda _: _kept.pop(key, None)), made)
    return made
