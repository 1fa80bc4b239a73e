"""How fast bibliographies are loaded, beside the libraries that others would use.

    python -m benchmarks load [--records 100000] [--formats bibtex ris nbib] [--seed 20240501]

All read the same seeded files (`bibliographies`). Each measurement is a process of its own: records
per second of process time, so that a busy machine disturbs it little, and the peak of its memory.
Libraries that are not installed are left out; bibtexparser with its own LaTeX decoding gets 300.
``streamed`` writes Parquet part by part: its memory should not grow with the file. The goals stand
behind the figures that they are about; "x PEER" is the rate in that library's.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bibliographies import FORMATS, bibliography

__all__ = ["main"]

_FEW = 300
_PEERS = {
    "bibtex": ("bibtexparser", "bibtexparser with LaTeX", "pybtex"),
    "ris": ("rispy",),
    "nbib": ("nbib",),
}

_GOALS = {
    "bibtex": "goal: 15,000 records/s, parsed and LaTeX-decoded",
    "ris": "goal: at least as fast as rispy in the same run",
    "nbib": "goal: 3 times as fast as nbib",
}
_PEAK_GOAL = "goal: peak below 600 MB for 100,000 records"
_GROWTH_GOAL = 2_000


def _whole(path: Path) -> int:
    from ipt_evidence.citations.loading import load_citations

    return len(load_citations(path).citations)


def _streamed(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ipt_evidence.citations.loading import iter_citations

    count, writer = 0, None
    with tempfile.TemporaryFile() as file:
        for part in iter_citations(path):
            flat = part.citations.assign(
                raw=[json.dumps(raw, ensure_ascii=False) for raw in part.citations["raw"]],
                authors=[json.dumps(people) for people in part.citations["authors"]],
                keywords=["; ".join(words) for words in part.citations["keywords"]],
                registry_ids=["; ".join(ids) for ids in part.citations["registry_ids"]],
            )
            if writer is None:
                schema = pa.Schema.from_pandas(flat, preserve_index=False)
                writer = pq.ParquetWriter(file, schema)
            writer.write_table(pa.Table.from_pandas(flat, schema=schema, preserve_index=False))
            count += len(flat)
        if writer is not None:
            writer.close()
    return count


def _bibtexparser(path: Path, *, decode: bool = False) -> int:
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware

    middleware = [LatexDecodingMiddleware()] if decode else []
    text = path.read_text(encoding="utf-8")
    return len(parse_string(text, append_middleware=middleware).entries)


def _pybtex(path: Path) -> int:
    from pybtex.database import parse_file

    return len(parse_file(str(path), bib_format="bibtex").entries)


def _rispy(path: Path) -> int:
    import rispy

    with path.open(encoding="utf-8") as file:
        return len(rispy.load(file))


def _nbib(path: Path) -> int:
    import nbib

    return len(nbib.read(path.read_text(encoding="utf-8")))


_READERS: dict[str, Callable[[Path], int]] = {
    "load_citations": _whole,
    "streamed": _streamed,
    "bibtexparser": _bibtexparser,
    "bibtexparser with LaTeX": lambda path: _bibtexparser(path, decode=True),
    "pybtex": _pybtex,
    "rispy": _rispy,
    "nbib": _nbib,
}


def _measure_here(reader: str, path: Path, warm: Path) -> dict[str, float]:
    """In this process: records, records per second, peak memory (MB) above that at the start."""
    with contextlib.redirect_stdout(io.StringIO()):
        _READERS[reader](warm)  # imports and compiled expressions are not what is measured
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        start = time.process_time()
        count = _READERS[reader](path)
        seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"count": count, "rate": count / seconds, "peak": peak, "growth": peak - before}


def _measure(reader: str, path: Path, warm: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks", "load", "--one", reader, str(path), str(warm)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _write(path: Path, format_name: str, records: int, seed: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(bibliography(format_name, records, seed))
    return path


def _table(format_name: str, records: int, seed: int, folder: Path) -> None:
    suffix = FORMATS[format_name][0]
    path = _write(folder / f"all{suffix}", format_name, records, seed)
    half = _write(folder / f"half{suffix}", format_name, records // 2, seed)
    few = _write(folder / f"few{suffix}", format_name, min(_FEW, records), seed)
    print(f"\n{format_name}: {records:,} records, {path.stat().st_size / 1e6:.0f} MB, seed {seed}")
    print(f"  {_GOALS[format_name]}; {_PEAK_GOAL}")
    own = _measure("load_citations", path, few)
    _print_row("load_citations", own, records)
    streamed, less = _measure("streamed", path, few), _measure("streamed", half, few)
    growth = (streamed["peak"] - less["peak"]) * 1e6 / (records - records // 2)
    note = f"{growth:+,.0f} bytes a record from half to all (goal: below {_GROWTH_GOAL:,})"
    _print_row("streamed", streamed, records, note)
    for reader in _PEERS[format_name]:
        if not importlib.util.find_spec(reader.split()[0]):
            print(f"  {reader:26}  not installed")
            continue
        slow = reader.endswith("LaTeX")
        found = _measure(reader, few if slow else path, few)
        note = f"load_citations: x {own['rate'] / found['rate']:.2f}"
        _print_row(reader, found, min(_FEW, records) if slow else records, note)


def _print_row(reader: str, found: dict[str, float], wanted: int, note: str = "") -> None:
    if found["count"] != wanted:
        note = f"{found['count']:,.0f} of {wanted:,} arrived   {note}"
    rate, peak = f"{found['rate']:9,.0f} records/s", f"peak {found['peak']:6,.0f} MB"
    print(f"  {reader:26} {rate}, {peak}   {note}".rstrip(), flush=True)


def main(argv: list[str]) -> int:
    """Print the rates; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--records", "--entries", type=int, default=100_000)
    parser.add_argument("--formats", nargs="+", choices=sorted(FORMATS), default=list(FORMATS))
    parser.add_argument("--seed", type=int, default=20240501)
    parser.add_argument(
        "--one", nargs=3, metavar=("READER", "FILE", "WARM"), help=argparse.SUPPRESS
    )
    options = parser.parse_args(argv)
    if options.one:
        reader, path, warm = options.one
        print(json.dumps(_measure_here(reader, Path(path), Path(warm))))
        return 0
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"{load:.1f} processes were busy on {cores} cores at the start", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for format_name in options.formats:
            _table(format_name, options.records, options.seed, Path(folder))
    return 0
