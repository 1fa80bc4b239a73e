"""How fast, in how much memory and how safely corpora are scanned and searched.

    python -m benchmarks scan [--sizes 10000 100000] [--parts lines pubmed search unique peers kill]
                              [--records-a-file 100000] [--packed] [--folder DIR] [--corpus DIR]

lines    JSON lines as OpenAlex has them, on all processors: records a second, memory, growth
pubmed   PubMed's XML in gzip, the same
search   the index over as many records: seconds, megabytes, milliseconds a query
unique   duplicates among as many records
peers    the same files read by pandas, by a plain Dask bag, and by the tagger alone
kill     a scan whose workers are killed, then one that is killed itself and gone on with: the same
         digest as one that was left alone, and what it cost

Records are generated with the lengths of fields that OpenAlex and PubMed have. Seconds are by the
clock, processor is the time of all processors together, memory that of all processes together,
looked at twenty times a second; growth is that of the processor's time. Ten million take 40 GB in
--folder, or are read from --corpus, a folder of JSON lines that is left as it is.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.scan.measuring import Measured, deduplicated, killed, peers, scanned, searched
from benchmarks.scan.records import write_lines, write_pubmed

__all__ = ["main"]

PARTS = ("lines", "pubmed", "search", "unique", "peers", "kill")
_HEAD = (
    "part            records    files    GB  seconds  processor  records/s  MB memory  candidates"
    "  growth\n"
)


def main(argv: list[str]) -> int:
    """Print a table for each part that is asked for; 1 when a killed scan gave another result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scan", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--records-a-file", type=int, default=100_000)
    parser.add_argument("--packed", action="store_true", help="JSON lines in gzip, too")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--corpus", type=Path, default=None)
    parser.add_argument("--litstudy", type=Path, default=None, help="a Python that has litstudy")
    options = parser.parse_args(argv)
    fine = True
    with tempfile.TemporaryDirectory(prefix="scan-", dir=options.folder) as folder:
        for part in options.parts:
            fine = _part(part, options, Path(folder)) and fine
    return 0 if fine else 1


def _part(part: str, options: argparse.Namespace, folder: Path) -> bool:
    before: Measured | None = None
    taken: tuple[int, float] | None = None
    sys.stdout.write(f"\n{_HEAD if part in ('lines', 'pubmed') else part + chr(10)}")
    sys.stdout.flush()
    for size in options.sizes if options.corpus is None else [0]:
        output = folder / "output"
        corpus = options.corpus or _written(part, size, options, folder / "corpus")
        if part in ("lines", "pubmed"):
            found = scanned(corpus, output, options.workers)
            _say(part, found, before)
            before = found
        elif part == "search":
            searched(folder, size)
        elif part == "unique":
            taken = deduplicated(folder, size, taken)
        elif part == "peers":
            peers(corpus, output, options.litstudy)
        elif not killed(corpus, folder):
            return False
        shutil.rmtree(folder / "corpus", ignore_errors=True)
        shutil.rmtree(output, ignore_errors=True)
    return True


def _written(part: str, size: int, options: argparse.Namespace, corpus: Path) -> Path:
    """The folder ``corpus`` with ``size`` generated records, where ``part`` reads any."""
    each = min(options.records_a_file, max(1, size // 2))
    if part == "pubmed":
        write_pubmed(corpus, size, each=min(each, 30_000))  # as NLM cuts its files
    elif part not in ("search", "unique"):
        write_lines(corpus, size, each=each, packed=options.packed)
    return corpus


def _say(part: str, found: Measured, before: Measured | None) -> None:
    growth = ""
    if before is not None:
        times = math.log(found.processor / before.processor)
        growth = f"{times / math.log(found.records / before.records):.2f}"
    sys.stdout.write(
        f"{part:12s} {found.records:10,d} {found.files:8,d} {found.bytes / 1e9:5.2f} "
        f"{found.seconds:8.1f} {found.processor:10.1f} {found.records / found.seconds:10,.0f} "
        f"{found.memory:10,.0f} {found.candidates:11,d} {growth:>7s}\n"
    )
    sys.stdout.flush()
