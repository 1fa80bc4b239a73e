"""How fast the explorer is, for one reader in real Chromium and for a hundred at once.

    python -m benchmarks app [--repeats 20] [--sessions 1 10 50 100 200] [--seconds 12]
                             [--minutes 30] [--only PART ...]

Three parts by default. ``screen``: Chromium, from a click to what stands on the screen (needs
Chromium and playwright). ``pages``: processor time and bytes of one run of each page. ``load``:
many sessions that change filters on the Condition page, with the pause of a reader or without any.

Two more when they are named. ``strangers``: a reader beside a multiverse, a GOSH and both of
others, fifty uploads at once, clients that never read and clients that leave in a run; a
calculation must not make the pages later by more than 100 ms at the median. ``soak``: fifty readers
for ``--minutes``; memory must not grow.

Only a server that this command starts itself, on 127.0.0.1, is asked. Exit code 1 when a goal is
missed. Processor time is hardly disturbed by what else the machine does; waiting times are. The
load client runs on the same machine and takes its share.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics

from benchmarks.app import load
from benchmarks.app import strangers as others
from benchmarks.app.server import Server, running

__all__ = ["main"]

PARTS = ("screen", "pages", "load")
FURTHER = ("strangers", "soak")
GOALS = {
    "overview": 3.0,
    "page": 0.6,
    "filter": 0.15,
    "cpu": 0.015,
    "memory": 2.0,
    "later": 0.1,
    "growth": 0.05,
}
LOADS = (
    (1, 0.5, None),
    (10, 0.0, None),
    (50, 0.0, 0.5),
    (50, 3.0, None),
    (100, 3.0, 0.1),
    (200, 3.0, None),
)
"""Sessions, seconds of thought between two clicks, goal for the 95th percentile in seconds."""


def main(arguments: list[str]) -> int:
    """Print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks app", description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--sessions", type=int, nargs="+", choices=range(1, 201), metavar="N")
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--only", choices=(*PARTS, *FURTHER), nargs="+", default=PARTS)
    parser.add_argument("--minutes", type=float, default=30.0, help="of the soak")
    options = parser.parse_args(arguments)
    print("load of the machine before: {:.2f} {:.2f} {:.2f}".format(*os.getloadavg()))
    missed: list[str] = []
    with running() as server:
        print(f"server answers its health check   {server.started:6.2f} s")
        if "screen" in options.only:
            missed += _screen(server, options.repeats)
        if "pages" in options.only:
            missed += _pages(server, options.repeats)
    if "load" in options.only:
        with running() as server:
            missed += _load(server, options.sessions, options.seconds)
    if "strangers" in options.only:
        with running() as server:
            missed += _strangers(server, options.seconds)
    if "soak" in options.only:
        with running() as server:
            missed += _soak(server, (options.sessions or [50])[0], options.minutes)
    print(f"missed: {', '.join(missed)}" if missed else "every goal is met")
    return int(bool(missed))


def _screen(server: Server, repeats: int) -> list[str]:
    from benchmarks.app.browser import look

    seen = look(server, repeats)
    print(f"first complete Overview, cold     {seen.first:6.2f} s   (goal < {GOALS['overview']} s)")
    print(f"complete Overview, next browsers  {seen.again:6.2f} s")
    missed = ["first Overview"] if seen.first >= GOALS["overview"] else []
    for name, times in (("filter", seen.filters), ("page", seen.pages)):
        median = statistics.median(times)
        print(
            f"{name:<6} change   median {1000 * median:5.0f} ms   95th percentile "
            f"{1000 * load.percentile(times, 95):5.0f} ms   ({len(times)} times, "
            f"goal < {1000 * GOALS[name]:.0f} ms at the median)"
        )
        missed += [f"{name} change"] if median >= GOALS[name] else []
    return missed


def _pages(server: Server, repeats: int) -> list[str]:
    server.wait_until_idle()
    print(f"\nOne session, {repeats} runs of each page (goal: {1000 * GOALS['cpu']:.0f} ms of CPU)")
    print(f"{'page':<28}{'CPU ms':>8}{'median ms':>11}{'kB a run':>10}{'first ms':>10}")
    missed = []
    for run in asyncio.run(load.each_page(server, repeats)):
        print(
            f"{run.name:<28}{1000 * run.cpu:8.1f}{1000 * run.median:11.0f}{run.size / 1000:10.1f}"
            f"{1000 * run.first:10.0f}"
        )
        missed += [f"CPU of {run.name}"] if run.cpu > GOALS["cpu"] else []
    return missed


def _load(server: Server, sessions: list[int] | None, seconds: float) -> list[str]:
    server.wait_until_idle()
    print(f"\nSessions that change filters on the Condition page, {seconds:g} s each line")
    print(
        f"{'sessions':>8}{'think s':>9}{'runs':>7}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}"
        f"{'CPU ms a run':>14}"
        f"{'CPU %':>7}{'memory MB':>11}"
    )
    missed, memory = [], {}
    for number, think, goal in LOADS:
        if sessions and number not in sessions:
            continue
        seen = asyncio.run(load.crowd(server, number, think, seconds))
        memory[number] = seen.memory
        p50, p95 = statistics.median(seen.times), load.percentile(seen.times, 95)
        print(
            f"{number:>8}{think:>9g}{len(seen.times):>7}{1000 * p50:>8.0f}"
            f"{1000 * p95:>8.0f}{1000 * load.percentile(seen.times, 99):>8.0f}"
            f"{1000 * seen.cpu / len(seen.times):>14.1f}"
            f"{100 * seen.cpu / seconds:>7.0f}{seen.memory:>11.0f}"
            + (f"   (goal p95 < {1000 * goal:.0f} ms)" if goal else "")
        )
        if goal and p95 >= goal:
            missed.append(f"{number} sessions")
    if len(memory) > 1:
        few, many = min(memory), max(memory)
        each = (memory[many] - memory[few]) / (many - few)
        print(f"memory a further session {each:.2f} MB (goal < {GOALS['memory']:g})")
        missed += ["memory"] if each >= GOALS["memory"] else []
    return missed


def _strangers(server: Server, seconds: float) -> list[str]:
    server.wait_until_idle()
    seen = asyncio.run(others.strangers(server, seconds))
    print(f"\nA reader's filter change, {seconds:g} s each line")
    print("(goal: beside a calculation 100 ms later at the median)")
    print(f"{'alone':<44}{1000 * seen.alone:>6.0f} ms")
    missed = []
    for name, median in seen.beside.items():
        computing = seen.computing.get(name)
        under_way = "" if computing is None else f"   ({computing:.1f} calculations under way)"
        print(f"{'beside ' + name:<44}{1000 * median:>6.0f} ms{under_way}")
        late = computing is not None and median - seen.alone > GOALS["later"]
        missed += [f"beside {name}"] if late else []
    print(
        f"{len(seen.uploads)} uploads: median {statistics.median(seen.uploads):.1f} s, "
        f"last {max(seen.uploads):.1f} s; memory {seen.memory:.0f} MB"
    )
    return missed


def _soak(server: Server, sessions: int, minutes: float) -> list[str]:
    server.wait_until_idle()
    seen = asyncio.run(others.soak(server, sessions, minutes))
    tail = [1000 * load.percentile(seen.times, percent) for percent in (50, 95, 99)]
    print(
        f"\n{sessions} sessions for {minutes:g} minutes: {len(seen.times):,} runs, "
        f"p50 {tail[0]:.0f}, p95 {tail[1]:.0f}, p99 {tail[2]:.0f} ms; memory {seen.before:.0f} to "
        f"{seen.after:.0f} MB, {100 * seen.growth:+.1f} % (goal < {100 * GOALS['growth']:.0f} %)"
    )
    return ["growth"] if seen.growth >= GOALS["growth"] else []
