"""Damage that follows the lines it reaches: atheris, which drives libFuzzer, over one surface."""

from __future__ import annotations

import inspect
import random
import sys
import tempfile
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from benchmarks.fuzz.damage import MOST_BYTES, mutated

if TYPE_CHECKING:
    from benchmarks.fuzz import Found

__all__ = ["explore"]

_OF_OURS = 0.5  # share of inputs that `mutated` makes; libFuzzer's own changes make the others


def explore(found: Found, cases: int, minutes: float) -> int:
    """Take ``cases`` inputs; each kind of fault is printed once. Ends the process."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed. Install it with: pip install 'ipt-evidence[fuzz]'")
        return 2
    corpus = Path(tempfile.mkdtemp(prefix="ipt-evidence-corpus-"))
    samples = found.surface.samples()
    for number, data in enumerate(samples):
        (corpus / str(number)).write_bytes(data)
        found.take(data, f"sample-{number}")  # what is imported late is instrumented as well

    def take(data: bytes) -> None:
        found.take(data, f"coverage-{len(found.kinds) + 1}")

    def changed(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < _OF_OURS:
            return mutated(data, chance.choice(samples), chance)[:most]
        return bytes(atheris.Mutate(data, len(data)))

    _instrument(atheris)
    flags = [
        f"-atheris_runs={cases}",
        f"-max_len={MOST_BYTES}",
        "-rss_limit_mb=4000",
        "-verbosity=0",
    ]
    flags.append(f"-max_total_time={60 * minutes:.0f}")
    atheris.Setup(["fuzz", *flags, str(corpus)], take, custom_mutator=changed)
    atheris.Fuzz()
    return int(bool(found.kinds))


def _instrument(atheris: Any) -> None:
    """Have every function of the package report the branches that it takes."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("ipt_evidence"):
            continue
        for thing in list(vars(module).values()):
            own = getattr(thing, "__module__", "") == name
            for one in vars(thing).values() if own and inspect.isclass(thing) else (thing,):
                function = getattr(one, "__wrapped__", one)  # below a cache
                if isinstance(function, FunctionType) and function.__module__ == name:
                    atheris.instrument_func(function)
