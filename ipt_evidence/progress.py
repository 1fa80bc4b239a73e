"""How far a long computation is: reported by what computes, heard by who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["listening", "report"]

Listener = Callable[[float], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report(share: float) -> None:
    """Report that ``share`` of the present computation, from 0 to 1, is done.

    Nothing happens where nobody listens. What a listener raises ends the computation and reaches
    its caller.
    """
    listener = _listener.get()
    if listener is not None:
        listener(share)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have ``listener`` called with every share reported in this thread while the context lasts."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
