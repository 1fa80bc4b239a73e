"""``scan`` and ``search``: corpora of millions of records from the command line."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from ipt_evidence.citations.taxonomy import load_taxonomy
from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.corpora.duplicates import UNIQUE, Found, find_duplicates
from ipt_evidence.corpora.gathering import CANDIDATES
from ipt_evidence.corpora.running import Progress, Scan, scan
from ipt_evidence.corpora.searching import Filters, Hit, index_of, search
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.phrases import numbered

__all__ = ["scan_command", "search_command"]


@click.command("scan")
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the result; a scan that was stopped goes on when it is named again.",
)
@click.option("--cluster", metavar="ADDRESS", help="Scheduler of a Dask cluster, tcp://HOST:PORT.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes here; as many as processors otherwise."
)
@click.option(
    "--unique", is_flag=True, help="Find doubles among the candidates, too: unique.parquet."
)
@json_option
@data_option
def scan_command(
    sources: tuple[str, ...],
    output: Path,
    cluster: str | None,
    workers: int | None,
    unique: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Find the records about IPT in corpora of any size: OpenAlex, PubMed, Crossref, own exports.

    A SOURCE is a file, a folder, or an address that fsspec opens (s3://, https://). Candidates are
    written to candidates.parquet in the folder of --output. Needs the extra `scale`.
    """
    taxonomy = load_taxonomy((data or default_data_folder()) / "taxonomy.toml")
    found = scan(sources, output, taxonomy, cluster=cluster, workers=workers, say=_teller())
    left = None
    if unique:
        left = find_duplicates(output / CANDIDATES, output, cluster=cluster, workers=workers)
    if as_json:
        echo_json(_document(found, left))
    else:
        _report(found, output, left)
    if found.problems:
        sys.exit(1)


def _prisma(found: Scan, left: Found | None) -> dict[str, int]:
    boxes = found.gathered.prisma(found.records, found.failed)
    if left is None:
        return boxes
    return {**boxes, "duplicates": left.records - left.unique, "to_screen": left.unique}


def _document(found: Scan, left: Found | None) -> dict[str, object]:
    return {
        "records": found.records,
        "candidates": found.gathered.candidates,
        "failed": found.failed,
        "files": len(found.files),
        "seconds": round(found.seconds, 1),
        "resumed": found.resumed,
        "digest": found.gathered.digest,
        "prisma": _prisma(found, left),
        "problems": [{"file": one.place, "reason": one.reason} for one in found.problems],
    }


def _report(found: Scan, output: Path, left: Found | None) -> None:
    for one in found.problems:
        click.echo(f"not read: {one.place}: {one.reason}", err=True)
    click.echo(
        f"{numbered(found.records, 'record')} in {numbered(len(found.files), 'file')}: "
        f"{numbered(found.gathered.candidates, 'candidate')}, {found.failed:,} unreadable, "
        f"{found.seconds:,.0f} s"
    )
    if found.resumed:
        click.echo(f"{found.resumed:,} files were done before")
    for box, count in _prisma(found, left).items():
        click.echo(f"  {box.replace('_', ' ')}: {count:,}")
    click.echo(str(output / (CANDIDATES if left is None else UNIQUE)))


def _teller(every: float = 2.0) -> Callable[[Progress], None]:
    """Tells how far a scan is, on standard error, not more often than ``every`` seconds."""
    told = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told < every:
            return
        told = time.monotonic()
        left = progress.remaining
        rest = f", about {math.ceil(left / 60)} min left" if math.isfinite(left) else ""
        click.echo(
            f"{progress.done:,} of {progress.files:,} files, "
            f"{numbered(progress.records, 'record')}, "
            f"{progress.rate:,.0f} a second, {numbered(progress.candidates, 'candidate')}{rest}",
            err=True,
        )

    return tell


@click.command("search")
@click.argument("result", type=click.Path(path_type=Path))
@click.argument("query")
@click.option("--condition", "conditions", multiple=True, help="Only this condition; repeatable.")
@click.option(
    "--design", "designs", multiple=True, help="Only this design, such as rct; repeatable."
)
@click.option("--from-year", type=int, help="Published in this year or later.")
@click.option("--to-year", type=int, help="Published in this year or earlier.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def search_command(
    result: Path,
    query: str,
    conditions: tuple[str, ...],
    designs: tuple[str, ...],
    from_year: int | None,
    to_year: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search the records that `scan` found, the best first.

    RESULT is the folder that `scan` wrote, or a Parquet file of `load --output`. QUERY has words,
    "phrases", and -words that must not occur. The index is made at the first search.
    """
    filters = Filters(conditions, designs, from_year, to_year)
    found = search(index_of(result), query, filters, limit=limit)
    if as_json:
        echo_json({"count": found.count, "more": found.more, "hits": list(map(_hit, found.hits))})
        return
    hold = "record holds" if found.count == 1 else "records hold"
    click.echo(f"{found.count:,} {hold} these words")
    for one in found.hits:
        click.echo(f"{one.title} ({one.year or 'no year'})")
        click.echo(f"  {one.journal}  {one.doi or one.pmid or one.place}")
        if one.snippet:
            click.echo("  " + "".join(f"[{text}]" if hit else text for text, hit in one.snippet))


def _hit(one: Hit) -> dict[str, object]:
    return asdict(one) | {"snippet": "".join(text for text, _ in one.snippet)}
