"""One function over many items: processes of this machine, or the workers of a Dask cluster.

Both begin again what a lost worker had. There is no queue or scheduler of our own.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from ipt_evidence.corpora.files import ScaleError, missing_extra

__all__ = ["Lost", "over_all", "processes"]

RETRIES = 3
"""How often an item is begun again after its worker was lost."""


@dataclass(frozen=True, slots=True)
class Lost:
    """In the place of a result: why there is none."""

    reason: str


def processes(items: int, workers: int | None) -> int:
    """How many processes of this machine ``items`` get: ``workers``, or one a processor."""
    return min(workers or os.cpu_count() or 1, items)


def over_all(
    job: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    cluster: str | None = None,
    workers: int | None = None,
) -> Iterator[tuple[int, Any]]:
    """The position of each item and what ``job`` makes of it, in the order in which they end.

    ``job`` and the items must be picklable. What ``job`` raises is raised here, after which the
    rest is given up; where a worker was lost `RETRIES` times over, there is a `Lost`.
    """
    if cluster is not None:
        yield from _on_cluster(job, items, cluster)
    elif processes(len(items), workers) < 2:
        yield from enumerate(map(job, items))
    else:
        yield from _here(job, items, processes(len(items), workers))


def _here(
    job: Callable[[Any], Any], items: Sequence[Any], workers: int
) -> Iterator[tuple[int, Any]]:
    waiting, lost = dict(enumerate(items)), 0
    fresh = multiprocessing.get_context("spawn")  # a fork would copy the locks of threads
    while waiting and lost <= RETRIES:
        with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
            futures = {pool.submit(job, item): position for position, item in waiting.items()}
            try:
                for future in as_completed(futures):
                    result = future.result()
                    del waiting[futures[future]]
                    lost = 0
                    yield futures[future], result
            except BrokenProcessPool:
                lost += 1
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    why = f"its process was killed {RETRIES + 1} times, perhaps for want of memory"
    yield from ((position, Lost(why)) for position in waiting)


def _on_cluster(
    job: Callable[[Any], Any], items: Sequence[Any], address: str
) -> Iterator[tuple[int, Any]]:
    try:
        from distributed import Client, KilledWorker
        from distributed import as_completed as as_finished
    except ImportError:
        raise missing_extra("distributed") from None
    try:
        client = Client(address, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as err:
        raise ScaleError(f"{address}: no Dask scheduler answers ({err})") from err
    with client:
        begun = {
            client.submit(job, item, pure=False, retries=RETRIES): position
            for position, item in enumerate(items)
        }
        finished = as_finished(list(begun), loop=client.loop)  # type: ignore[no-untyped-call]
        for future in finished:
            try:
                yield begun[future], future.result()
            except KilledWorker as err:
                yield begun[future], Lost(str(err)[:500])
            future.release()
