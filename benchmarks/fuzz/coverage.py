"""Damage that follows the lines it reaches: atheris, which drives libFuzzer, over one surface."""

from __future__ import annotations

import inspect
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

from benchmarks.fuzz.damage import MOST_BYTES, mutated
from benchmarks.fuzz.surfaces import Surface

__all__ = ["explore"]

_OF_OURS = 0.5  # share of inputs that `mutated` makes; libFuzzer's own changes make the others


def explore(
    surface: Surface, cases: int, fault_of: Callable[[Surface, bytes], str], keep: Path | None
) -> int:
    """Take ``cases`` inputs; each kind of fault is printed once. Ends the process."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed. Install it with: pip install 'ipt-evidence[fuzz]'")
        return 2
    corpus = Path(tempfile.mkdtemp(prefix="ipt-evidence-corpus-"))
    found = surface.samples()
    for number, data in enumerate(found):
        (corpus / str(number)).write_bytes(data)
    kinds: Counter[str] = Counter()

    def take(data: bytes) -> None:
        if fault := fault_of(surface, data):
            kind = fault.strip().splitlines()[-1][:120]
            kinds[kind] += 1
            if kinds[kind] == 1:
                print(f"{surface.name}: {fault}", flush=True)
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{surface.name}-coverage-{len(kinds)}").write_bytes(data)

    def changed(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < _OF_OURS:
            return mutated(data, chance.choice(found), chance)[:most]
        return bytes(atheris.Mutate(data, len(data)))

    _instrument(atheris)
    flags = [f"-atheris_runs={cases}", f"-max_len={MOST_BYTES}", "-rss_limit_mb=4000"]
    atheris.Setup(["fuzz", *flags, str(corpus)], take, custom_mutator=changed)
    atheris.Fuzz()
    return int(bool(kinds))


def _instrument(atheris: Any) -> None:
    """Have every function of the package report the branches that it takes."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("ipt_evidence"):
            continue
        for thing in list(vars(module).values()):
            own = getattr(thing, "__module__", "") == name
            for function in vars(thing).values() if own and inspect.isclass(thing) else (thing,):
                if isinstance(function, FunctionType) and function.__module__ == name:
                    atheris.instrument_func(function)
