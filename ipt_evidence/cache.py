"""The one cache of results: a decorator keyed by function, first argument and further arguments.

For whatever follows from the data and a few choices: estimates, tables, figures, words. A page asks
for some thirty of them in a run, so an answer must cost microseconds.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from inspect import signature
from threading import Lock
from typing import Concatenate, Generic, ParamSpec, TypeVar

__all__ = ["Cached", "cached", "cached_large", "clear"]

Owner = TypeVar("Owner")
P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 1000  # results; a figure is the largest, at some 100 kB
LARGE = 6  # results of a function of `cached_large`; a million subsets take some 50 MB
BUDGET = 256 * 1024 * 1024  # bytes of all large results together

_results: OrderedDict[Hashable, object] = OrderedDict()
_sizes: dict[Hashable, int] = {}  # bytes of the large results
_owners: dict[int, weakref.ref[object]] = {}
_dead: deque[int] = deque()  # owners that are gone, whose results are still to be dropped
_lock = Lock()


class Cached(Generic[Owner, P, T]):
    """A function whose results are kept; see `cached`."""

    def __init__(
        self, function: Callable[Concatenate[Owner, P], T], *, large: bool = False
    ) -> None:
        """Keep the results of ``function``; of a ``large`` one only the last few."""
        self._function, self._large = function, large
        parameters = list(signature(function).parameters.values())
        self._rest = [(one.name, one.default) for one in parameters[1:]]
        update_wrapper(self, function)

    def __call__(self, owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Give the result that is kept, or compute it."""
        key = self._key(owner, args, kwargs)
        with _lock:
            _drop_dead()
            if key in _results:
                _results.move_to_end(key)
                return _results[key]  # type: ignore[return-value]
        made = self._function(owner, *args, **kwargs)
        with _lock:
            _own(owner)
            kept = _results.setdefault(key, made)
            _results.move_to_end(key)
            while len(_results) > LIMIT:
                _results.popitem(last=False)
            if self._large:
                self._limit(key, kept)
        return kept  # type: ignore[return-value]

    def _limit(self, key: Hashable, made: object) -> None:
        """Forget the oldest large results beyond their number and their bytes, never the newest."""
        _sizes[key] = _bytes(made)
        own = [key for key in _results if key[1] is self._function]  # type: ignore[index]
        for oldest in own[:-LARGE]:
            del _results[oldest]
        for gone in _sizes.keys() - _results.keys():
            del _sizes[gone]
        oldest_first = [one for one in _results if one in _sizes and one != key]
        while oldest_first and sum(_sizes.values()) > BUDGET:
            oldest = oldest_first.pop(0)
            del _results[oldest], _sizes[oldest]

    def holds(self, owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """True when the result of this call is kept."""
        with _lock:
            _drop_dead()
            return self._key(owner, args, kwargs) in _results

    def _key(self, owner: object, args: tuple[object, ...], more: dict[str, object]) -> Hashable:
        """The same for every way to write a call: in order, by name, or left at its default."""
        rest = self._rest[len(args) :]
        named = tuple(more.get(name, default) for name, default in rest)
        strange = more.keys() - {name for name, _ in rest}
        return (id(owner), self._function, args + named, *strange)


def cached(function: Callable[Concatenate[Owner, P], T]) -> Cached[Owner, P, T]:
    """Keep the results of ``function`` for as long as its first argument lives.

    The first argument is an object that is shared and never changed, such as an evidence base, a
    table or a figure; it is told apart by identity. The others are hashable and hold everything
    else that the function looks at. The `LIMIT` results used last are kept, for all functions
    together. A result is shared by everybody who asks: read it, do not change it. Two threads that
    ask at the same moment may both compute it; both get the one that was kept first.
    """
    return Cached(function)


def cached_large(function: Callable[Concatenate[Owner, P], T]) -> Cached[Owner, P, T]:
    """As `cached`, for results of tens of megabytes: of each such function the last `LARGE`.

    All large results together take at most `BUDGET` bytes, whatever addresses ask for.
    """
    return Cached(function, large=True)


def clear() -> None:
    """Forget every result."""
    with _lock:
        _results.clear()
        _sizes.clear()


def _bytes(value: object) -> int:
    """Bytes of the arrays in a result: in dataclasses, tuples, lists and dictionaries."""
    if (size := getattr(value, "nbytes", None)) is not None:
        return int(size)
    if is_dataclass(value):
        return sum(_bytes(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return sum(map(_bytes, value)) if isinstance(value, tuple | list) else 0


def _own(owner: object) -> None:
    """Have the results of ``owner`` forgotten with it: its address may be used again."""
    number = id(owner)
    if number not in _owners or _owners[number]() is not owner:
        _owners[number] = weakref.ref(owner)
        weakref.finalize(owner, _forget, number).atexit = False  # at the end all of it goes


def _forget(number: int) -> None:
    """Drop the results of an owner that is gone, at once or at the next question.

    A finaliser runs at any moment, also in the thread that holds the lock: what it must not do is
    to change the results under that thread's hands.
    """
    _dead.append(number)
    if _lock.acquire(blocking=False):
        try:
            _drop_dead()
        finally:
            _lock.release()


def _drop_dead() -> None:
    while _dead:
        number = _dead.popleft()
        _owners.pop(number, None)
        for key in [key for key in _results if key[0] == number]:  # type: ignore[index]
            del _results[key]
            _sizes.pop(key, None)
