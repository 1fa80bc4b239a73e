"""Python's cycle collector, kept from searching records while they are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collection_paused"]


@contextmanager
def collection_paused(*, settle: bool = False) -> Iterator[None]:
    """Pause the cycle collector.

    Records are many small objects without a cycle among them; the collector would go through all
    that are there again and again, which takes a third of the time of a load. With ``settle`` all
    objects then count as old ones, which it seldom looks at: otherwise its first step afterwards
    would be to go through every record that was made.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if settle and gc.get_freeze_count() == 0:  # what somebody else froze is to stay so
            gc.freeze()
            gc.unfreeze()  # gives all that was frozen to the oldest generation
        gc.enable()
