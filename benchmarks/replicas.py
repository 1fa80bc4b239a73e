"""Three copies of the explorer behind nginx, many readers, and one copy killed.

    python -m benchmarks replicas [--sessions 100 200] [--killed 150] [--seconds 30] [--copies 3]

Runs nginx with `deploy/nginx.conf` (its ports changed, without TLS) before copies that it starts
itself; all of it on 127.0.0.1. The first table is the time of a filter change with three seconds of
thought. Then one copy is killed with SIGKILL: its readers must come back with the same page.
Exit code 1 when a goal is missed. The readers run on the same machine and take their share.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from websockets.exceptions import ConnectionClosed, InvalidStatus

from benchmarks.app import load
from benchmarks.app.server import HOST, ROOT, Server, running
from benchmarks.app.visitor import Visitor

__all__ = ["main"]

GOALS = {100: 0.060, 200: 0.120}  # seconds: 95th percentile of a filter change, by sessions
MEMORY_GOAL = 1.0  # MB a session
THINK = 3.0  # seconds
PATIENCE = 30.0  # seconds in which every reader must be back


def main(arguments: list[str]) -> int:
    """Print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks replicas", description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="*", default=[100, 200], metavar="N")
    parser.add_argument("--killed", type=int, default=150, metavar="N")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--copies", type=int, default=3)
    options = parser.parse_args(arguments)
    if shutil.which("nginx") is None:
        print("nginx is not installed (apt install nginx-light)")
        return 2
    print("load of the machine before: {:.2f} {:.2f} {:.2f}".format(*os.getloadavg()))
    with ExitStack() as stack:
        copies = [stack.enter_context(running()) for _ in range(options.copies)]
        port = stack.enter_context(proxy([copy.port for copy in copies]))
        for copy in copies:
            copy.wait_until_idle()
        missed = _times(port, copies, options.sessions, options.seconds)
        if options.killed:
            missed += _kill(port, copies, options.killed)
    print(f"missed: {', '.join(missed)}" if missed else "every goal is met")
    return int(bool(missed))


@contextmanager
def proxy(ports: Sequence[int]) -> Iterator[int]:
    """Run nginx with the project's recipe before these ports; gives its own port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)  # nginx's workers run as another user
        (place / "nginx.conf").write_text(configuration(place, port, ports), encoding="utf-8")
        command = ["nginx", "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
        with subprocess.Popen(command) as process:
            try:
                _wait_for(port)
                yield port
            finally:
                process.terminate()


def configuration(folder: Path, port: int, ports: Sequence[int]) -> str:
    """`deploy/nginx.conf` for a test on one machine: other ports, no TLS, no traces outside."""
    recipe = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    recipe, tls = re.subn(r" *ssl_certificate.*\n", "", recipe)
    recipe, listens = re.subn(r"listen 443 ssl;", f"listen {HOST}:{port};", recipe)
    pattern = re.compile(r"( *server 127\.0\.0\.1:)\d+( .*\n)")
    first = pattern.search(recipe)
    if (tls, listens) != (2, 1) or first is None:
        raise ValueError("deploy/nginx.conf is not as this benchmark knows it")
    servers = "".join(f"{first[1]}{number}{first[2]}" for number in ports)
    start = first.start()
    recipe = recipe[:start] + servers + pattern.sub("", recipe[start:])
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\npid {folder}/nginx.pid;\nworker_processes 1;\n"
        "events { worker_connections 4096; }\n"
        f"http {{\naccess_log off;\n{folders}{recipe}}}\n"
    )


def _wait_for(port: int) -> None:
    end = time.perf_counter() + PATIENCE
    while True:
        try:
            with urlopen(f"http://{HOST}:{port}/_stcore/health", timeout=5):
                return
        except OSError:
            if time.perf_counter() > end:
                raise
            time.sleep(0.05)


def _visitor(port: int) -> Visitor:
    """A reader as a browser is one: the page first, whose answer brings the cookie."""
    with urlopen(f"http://{HOST}:{port}/", timeout=PATIENCE) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Visitor(f"ws://{HOST}:{port}/_stcore/stream", cookie=cookie)


def _times(
    port: int, copies: Sequence[Server], sessions: Sequence[int], seconds: float
) -> list[str]:
    print(
        f"\nA filter change over {len(copies)} copies, {THINK:g} s of thought, {seconds:g} s each"
    )
    print(f"{'sessions':>8}{'runs':>7}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'MB':>8}")
    missed, memory = [], {0: sum(copy.memory() for copy in copies)}
    for number in sessions:
        times = asyncio.run(_crowd(port, number, seconds))
        memory[number] = sum(copy.memory() for copy in copies)
        p50, p95, p99 = (1000 * load.percentile(times, percent) for percent in (50, 95, 99))
        goal = GOALS.get(number)
        words = f"   (goal p95 < {1000 * goal:.0f} ms)" if goal else ""
        print(
            f"{number:>8}{len(times):>7}{p50:>8.0f}{p95:>8.0f}{p99:>8.0f}{memory[number]:>8.0f}{words}"
        )
        missed += [f"{number} sessions"] if goal and p95 >= 1000 * goal else []
    if len(memory) > 2:
        few, *_, many = sorted(memory)[1:]
        each = (memory[many] - memory[few]) / (many - few)
        print(f"memory a further session {each:.2f} MB (goal < {MEMORY_GOAL:g})")
        missed += ["memory"] if each >= MEMORY_GOAL else []
    return missed


async def _crowd(port: int, number: int, seconds: float) -> list[float]:
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(_visitor(port)) for _ in range(number)]
        for visitor in visitors:
            await visitor.go("condition")
        await _warm(port)
        end = time.perf_counter() + seconds
        return await load.readers(visitors, THINK, end)


async def _warm(port: int) -> None:
    """Ask each copy for each comparison once: the first answer is computed, all others are kept."""
    for _ in range(12):  # a cookie decides for a copy: twelve reach all three almost surely
        async with _visitor(port) as visitor:
            await visitor.go("condition")
            for name in load.COMPARISONS:
                await visitor.set("comparison", string_array_value=[name])


@dataclass(frozen=True, slots=True)
class Return:
    """How one reader came through the end of a copy."""

    cut_off: bool
    seconds: float  # from the cut until the page stood again
    same: bool  # the same address and the same heading as before


def _kill(port: int, copies: Sequence[Server], number: int) -> list[str]:
    seen = asyncio.run(_through_a_kill(port, copies[0].pid, number))
    back = [one.seconds for one in seen if one.cut_off]
    same = sum(one.same for one in seen)
    print(
        f"\n{number} readers, one of {len(copies)} copies killed: {len(back)} were cut off, "
        f"{same} have the same page as before"
    )
    if back:
        print(f"back after {statistics.median(back):.2f} s (median), {max(back):.2f} s (last)")
    return [] if back and same == number else ["same page after a kill"]


async def _through_a_kill(port: int, pid: int, number: int) -> list[Return]:
    rng = random.Random(load.SEED)
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(_visitor(port)) for _ in range(number)]
        for visitor in visitors:
            await visitor.go("condition")
            await visitor.set("comparison", string_array_value=[rng.choice(load.COMPARISONS)])
        os.kill(pid, signal.SIGKILL)
        return await asyncio.gather(*(_come_back(visitor, stack) for visitor in visitors))


async def _come_back(visitor: Visitor, stack: AsyncExitStack) -> Return:
    """Run the page again; when the connection is cut, connect again as a browser does."""
    before, page, query = visitor.heading, visitor.page, visitor.query
    start = time.perf_counter()
    try:
        await visitor.run()
        return Return(cut_off=False, seconds=0.0, same=visitor.heading == before)
    except ConnectionClosed:
        pass
    fresh = Visitor(visitor.stream, cookie=visitor.cookie)
    while True:
        try:
            await stack.enter_async_context(fresh)
            break
        except (OSError, InvalidStatus):
            if time.perf_counter() - start > PATIENCE:
                raise
            await asyncio.sleep(0.5)
    await fresh.go(page, query)
    same = fresh.heading == before and fresh.query == query
    return Return(cut_off=True, seconds=time.perf_counter() - start, same=same)
