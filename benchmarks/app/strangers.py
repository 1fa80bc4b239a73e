"""Half an hour of many readers, and strangers who upload at once, do not read, or leave.

Neither changes files. Memory is that of the server; the load client runs on the same machine.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.app.load import SEED, reader
from benchmarks.app.server import Server
from benchmarks.app.visitor import Visitor

__all__ = ["Soaked", "Strangers", "soak", "strangers"]

SAMPLE = 15.0  # seconds between two looks at the memory
WARM = 0.2  # share of the time in which caches fill
UPLOADS = 50
SILENT = 20
LEAVING = 20
RECORDS = 40
THINK = 0.5
REST = 3.0  # seconds in which what a kind of stranger left behind ends
LOOK = 0.5  # seconds between looks at a calculation, about as a page does
MULTIVERSE = "condition=depression"
GOSH = "condition=depression&panel=gosh&size=1000000"
_UPLOAD = "".join(
    f"TY  - JOUR\nTI  - Interpersonal psychotherapy for depression, report {{}} of trial {number}\n"
    f"AU  - Elm, A\nPY  - 2016\nJO  - Journal of Trials\nER  - \n\n"
    for number in range(RECORDS)
)


@dataclass(frozen=True, slots=True)
class Soaked:
    """Seconds of each run; memory in MB after the warm-up and at the end (medians)."""

    times: list[float]
    before: float
    after: float

    @property
    def growth(self) -> float:
        """Share by which memory grew after the warm-up."""
        return self.after / self.before - 1.0


@dataclass(frozen=True, slots=True)
class Strangers:
    """Median seconds of a reader's filter change: alone, and beside each kind of stranger."""

    alone: float
    beside: dict[str, float]
    computing: dict[str, float]  # calculations under way on average, beside those that compute
    uploads: list[float]  # seconds until each of the uploads was there
    memory: float  # MB at the end


async def soak(server: Server, sessions: int, minutes: float) -> Soaked:
    """Let ``sessions`` readers change filters, thinking 3 s between two clicks."""
    memory: list[tuple[float, float]] = []
    start = time.perf_counter()
    end = start + 60 * minutes

    async def watch() -> None:
        while time.perf_counter() < end:
            memory.append((time.perf_counter() - start, server.memory()))
            await asyncio.sleep(min(SAMPLE, 6 * minutes))

    async with AsyncExitStack() as stack:
        visitors = [
            await stack.enter_async_context(Visitor(server.stream)) for _ in range(sessions)
        ]
        for visitor in visitors:
            await visitor.go("condition")
        readers = [
            reader(visitor, 3.0, end, random.Random(SEED + number))
            for number, visitor in enumerate(visitors)
        ]
        parts, _ = await asyncio.gather(asyncio.gather(*readers), watch())
    warm = [size for when, size in memory if when > WARM * 60 * minutes]
    quarter = max(1, len(warm) // 4)
    return Soaked(
        [one for part in parts for one in part],
        statistics.median(warm[:quarter]),
        statistics.median(warm[-quarter:]),
    )


async def strangers(server: Server, seconds: float) -> Strangers:
    """Measure one reader alone, then beside jobs, uploads, silent clients and leaving ones."""
    beside: dict[str, float] = {}
    computing: dict[str, float] = {}
    async with Visitor(server.stream) as visitor:
        await visitor.go("condition")
        alone = await _median(visitor, seconds)
        for name, asked in (
            ("a multiverse of another reader", (MULTIVERSE,)),
            ("a GOSH of another reader", (GOSH,)),
            ("a multiverse and a GOSH of two others", (MULTIVERSE, GOSH)),
        ):
            computed: list[float] = []
            work = asyncio.gather(
                _count(server, seconds, computed),
                *(_calculate(server, seconds, query, place) for place, query in enumerate(asked)),
            )
            beside[name] = await _beside(visitor, seconds, work)
            computing[name] = statistics.fmean(computed)
        uploads: list[float] = []
        many = asyncio.gather(*(_upload(server, number, uploads) for number in range(UPLOADS)))
        beside[f"{UPLOADS} uploads at once"] = await _beside(visitor, seconds, many)
        silent = asyncio.gather(*(_silent(server, seconds) for _ in range(SILENT)))
        beside[f"{SILENT} clients that never read"] = await _beside(visitor, seconds, silent)
        leaving = asyncio.gather(*(_leaving(server) for _ in range(LEAVING)))
        beside[f"{LEAVING} clients that leave in a run"] = await _beside(visitor, seconds, leaving)
    return Strangers(alone, beside, computing, uploads, server.memory())


async def _median(visitor: Visitor, seconds: float) -> float:
    rng = random.Random(SEED)
    return statistics.median(await reader(visitor, THINK, time.perf_counter() + seconds, rng))


async def _beside(visitor: Visitor, seconds: float, others: asyncio.Future | asyncio.Task) -> float:
    task = asyncio.ensure_future(others)
    median = await _median(visitor, seconds)
    await task
    await asyncio.sleep(REST)
    return median


async def _calculate(server: Server, seconds: float, query: str, place: int) -> None:
    """Ask for one calculation after the other, as an address lets anybody do.

    Each is under another correlation, so that none is in the cache.
    """
    start, number = time.perf_counter(), 0
    async with Visitor(server.stream) as visitor:
        while time.perf_counter() < start + seconds:
            number += 1
            rho = f"0.{5 + place}{len(query):02d}{number:03d}"
            await visitor.go("robustness", f"{query}&rho={rho}")
            while visitor.waiting and time.perf_counter() < start + seconds:
                await asyncio.sleep(LOOK)
                await visitor.run()


async def _count(server: Server, seconds: float, computing: list[float]) -> None:
    """Note once a second how many calculations are under way."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        computing.append(await asyncio.to_thread(server.computing))
        await asyncio.sleep(1.0)


async def _upload(server: Server, number: int, seconds: list[float]) -> None:
    async with Visitor(server.stream) as visitor:
        await visitor.go("import")
        visit = await visitor.set("pasted", string_value=_UPLOAD.replace("{}", str(number)))
        seconds.append(visit.seconds)


async def _silent(server: Server, seconds: float) -> None:
    async with Visitor(server.stream) as visitor:
        await visitor.ask()
        await asyncio.sleep(seconds)


async def _leaving(server: Server) -> None:
    async with Visitor(server.stream) as visitor:
        visitor.page, visitor.query = "robustness", "condition=anxiety"
        await visitor.ask()
        await asyncio.sleep(0.1)
