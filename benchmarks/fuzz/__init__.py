"""Whatever arrives, it is answered, or refused with a message that says what to do.

    python -m benchmarks fuzz [--cases N] [--minutes N] [--only SURFACE ...] [--seed N]
                              [--samples FOLDER ...] [--keep FOLDER] [--coverage]

Samples of each surface (readers, the printed-list parser, the tagger, addresses, the REST
interface, the command line, tables of one's own, Metapsy databases, evidence bases) are damaged at
random and given to it. Counted as a fault are any exception but the package's own errors, a
refusal that does not name the file, records that are lost, more than two seconds of processor time
per 100 kB, and a process that grows by more than 1 GB. Faults are printed with their seed;
``--keep`` writes the bytes of each to a file. ``--samples`` adds bibliographies of one's own.

``--coverage`` lets atheris choose the damage by the lines of the program that it reaches (extra
``fuzz`` of pyproject.toml): it learns which bytes matter, and is slower for each case.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from benchmarks.fuzz.damage import mutated
from benchmarks.fuzz.surfaces import SURFACES, Surface, samples
from ipt_evidence.errors import EvidenceError

__all__ = ["Found", "case", "fault_of", "main"]

SECONDS_PER_BYTE = 2 / 100_000
ALLOWED = 2.0  # seconds of processor time for any input, however small
MOST_GROWTH = 1_000_000_000  # bytes; caches of the readers take some 100 MB


@dataclass
class Found:
    """Faults of a surface by their kind; the first of each is printed, and written to ``keep``."""

    surface: Surface
    keep: Path | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def take(self, data: bytes, name: str) -> None:
        """Give ``data`` to the surface; ``name`` tells it from other inputs."""
        fault = fault_of(self.surface, data)
        if not fault:
            return
        kind = _kind(fault)
        self.kinds[kind] += 1
        if self.kinds[kind] > 1:
            return
        print(f"{self.surface.name}, {name}: {fault}", flush=True)
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / f"{self.surface.name}-{name}").write_bytes(data)


class _Hangs(BaseException):
    """Raised in the middle of what takes too long; no `except Exception` stops it."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def end(_: int, __: FrameType | None) -> None:
        raise _Hangs

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fault_of(surface: Surface, data: bytes) -> str:
    """What is wrong with how ``surface`` takes ``data``; empty when nothing is."""
    try:
        with _within(ALLOWED + SECONDS_PER_BYTE * len(data)):
            surface.take(data)
    except EvidenceError as error:
        said = str(error)
        if surface.said not in said or not said.strip():
            return f"a refusal that does not name the file: {said}"
        said.encode("utf-8", "strict")
    except _Hangs:
        return f"hangs at {len(data):,} bytes\n{traceback.format_exc()}"
    except Exception:  # noqa: BLE001 - what this looks for
        return traceback.format_exc()
    return ""


def case(surface: Surface, seed: int) -> bytes:
    """The damaged sample of this number."""
    chance = random.Random(f"{surface.name}-{seed}")
    found = surface.samples()
    return mutated(chance.choice(found), chance.choice(found), chance)


def _kind(fault: str) -> str:
    """Where a fault happened, by which equal ones are counted together."""
    lines = fault.strip().splitlines()
    places = [line.strip() for line in lines if line.lstrip().startswith("File ")]
    return " | ".join([*places[-1:], lines[-1][:120]]) if places else fault[:200]


def _explore(found: Found, cases: range, until: float) -> int:
    """Take these cases until the time is over; how many were taken."""
    done = 0
    for seed in cases:
        if time.monotonic() > until:
            break
        found.take(case(found.surface, seed), f"seed-{seed}")
        done += 1
    return done


def main(argv: list[str]) -> int:
    """Damage and take until the cases or the time are over; returns 1 when anything was found."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", type=int, default=20_000, help="of all surfaces together")
    parser.add_argument("--minutes", type=float, default=24 * 60.0)
    parser.add_argument("--only", nargs="+", choices=sorted(SURFACES), default=list(SURFACES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--samples", nargs="*", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--keep", type=Path, help="folder for the bytes of each fault")
    parser.add_argument("--coverage", action="store_true", help="let atheris choose the damage")
    options = parser.parse_args(argv)
    SURFACES["bibliography"].samples().extend(samples(options.samples))
    if options.coverage:
        from benchmarks.fuzz.coverage import explore

        return explore(
            Found(SURFACES[options.only[0]], options.keep), options.cases, options.minutes
        )
    until = time.monotonic() + 60 * options.minutes
    shares = sum(SURFACES[name].share for name in options.only)
    total, faults = 0, 0
    before = _memory()
    print(f"{'surface':<16}{'cases':>12}{'CPU s':>9}{'ms a case':>11}{'kinds of fault':>16}")
    for name in options.only:
        surface = SURFACES[name]
        count = max(1, options.cases * surface.share // shares)
        start = time.process_time()
        found = Found(surface, options.keep)
        done = _explore(found, range(options.seed, options.seed + count), until)
        seconds = time.process_time() - start
        print(
            f"{name:<16}{done:>12,}{seconds:>9.0f}{1000 * seconds / max(done, 1):>11.2f}"
            f"{len(found.kinds):>16}",
            flush=True,
        )
        total, faults = total + done, faults + len(found.kinds)
    grown = _memory() - before
    print(f"{total:,} cases, {faults} kinds of fault; memory grew by {grown / 1e6:,.0f} MB")
    return int(faults > 0 or grown > MOST_GROWTH)


def _memory() -> int:
    """The most memory that this process has had, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
