"""Python's cycle collector, kept from searching records while they are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collection_paused"]


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause the cycle collector.

    Records are many small objects without a cycle among them; the collector would go through all
    that are there again and again, which takes a third of the time of a load.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
