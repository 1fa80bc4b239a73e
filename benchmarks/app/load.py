"""Many readers at once, and what one run of each page costs the server."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.app.server import Server
from benchmarks.app.visitor import Visit, Visitor

__all__ = ["SEED", "Crowd", "PageRuns", "crowd", "each_page", "percentile", "reader", "readers"]

SEED = 20240501
MOST_SESSIONS = 200  # enough to know; more would only measure this machine
PAGES = ("overview", "condition", "studies", "coverage", "claims", "learn", "import", "methods")
COMPARISONS = ("Control", "Medication", "Other psychotherapy", "Combined treatment")


@dataclass(frozen=True, slots=True)
class PageRuns:
    """Seconds of processor time and of waiting for a run, bytes of a run, seconds of the first."""

    name: str
    cpu: float
    median: float
    size: float
    first: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Seconds of each run, processor seconds of the server, and its memory in MB at the end."""

    times: list[float]
    cpu: float
    memory: float


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-percent * len(ordered) // 100) - 1)]


async def each_page(server: Server, repeats: int) -> list[PageRuns]:
    """Every page as it stands, run again and again; then filters that change its answer."""
    found = []
    async with Visitor(server.stream) as visitor:
        for page in PAGES:
            first = await visitor.go("" if page == PAGES[0] else page)
            found.append(await _runs(server, visitor, page, first, repeats))
        first = await visitor.go("condition")
        for name in COMPARISONS:  # what is asked again must be fast; the first time is `first`
            await visitor.set("comparison", string_array_value=[name])
        found.append(await _runs(server, visitor, "condition, filter", first, repeats, "filter"))
        first = await visitor.go("studies")
        found.append(await _runs(server, visitor, "studies, search", first, repeats, "search"))
    return found


async def _runs(
    server: Server, visitor: Visitor, name: str, first: Visit, repeats: int, act: str = ""
) -> PageRuns:
    await visitor.run()
    before, visits = server.cpu(), []
    for number in range(repeats):
        if act == "filter":
            chosen = COMPARISONS[number % len(COMPARISONS)]
            visits.append(await visitor.set("comparison", string_array_value=[chosen]))
        elif act == "search":
            words = ("depression", "bulimia", "weissman", "telephone")[number % 4]
            visits.append(await visitor.set("q", string_value=words))
        else:
            visits.append(await visitor.run())
    return PageRuns(
        name=name,
        cpu=(server.cpu() - before) / repeats,
        median=statistics.median(visit.seconds for visit in visits),
        size=statistics.fmean(visit.size for visit in visits),
        first=first.seconds,
    )


async def crowd(server: Server, sessions: int, think: float, seconds: float) -> Crowd:
    """Let ``sessions`` readers change filters for ``seconds``, thinking ``think`` s on average.

    Only the clicks are timed, after every session has opened its page. Without thought each
    session clicks as soon as the last answer has come.
    """
    if not 1 <= sessions <= MOST_SESSIONS:
        raise ValueError(f"{sessions} sessions: choose from 1 to {MOST_SESSIONS}")
    async with AsyncExitStack() as stack:
        visitors = [
            await stack.enter_async_context(Visitor(server.stream)) for _ in range(sessions)
        ]
        for visitor in visitors:
            await visitor.go("condition")
        for name in COMPARISONS:
            await visitors[0].set("comparison", string_array_value=[name])
        before = server.cpu()
        times = await readers(visitors, think, time.perf_counter() + seconds)
        return Crowd(times, server.cpu() - before, server.memory())


async def readers(visitors: Sequence[Visitor], think: float, end: float) -> list[float]:
    """Let everybody change filters until ``end``; seconds of each change."""
    parts = [
        reader(visitor, think, end, random.Random(SEED + number))
        for number, visitor in enumerate(visitors)
    ]
    return [moment for part in await asyncio.gather(*parts) for moment in part]


async def reader(visitor: Visitor, think: float, end: float, rng: random.Random) -> list[float]:
    """Change filters until ``end``, with pauses of ``think`` s on average; seconds of each run."""
    times: list[float] = []
    await asyncio.sleep(rng.uniform(0, think))  # readers do not click in step
    while time.perf_counter() < end:
        visit = await visitor.set("comparison", string_array_value=[rng.choice(COMPARISONS)])
        times.append(visit.seconds)
        await asyncio.sleep(rng.uniform(0.5, 1.5) * think)
    return times
