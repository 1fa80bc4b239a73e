"""``scan``: corpora of millions of records from the command line."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from ipt_evidence.citations.taxonomy import load_taxonomy
from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.corpora.gathering import CANDIDATES
from ipt_evidence.corpora.running import Progress, Scan, scan
from ipt_evidence.paths import default_data_folder

__all__ = ["scan_command"]


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
@json_option
@data_option
def scan_command(
    sources: tuple[str, ...],
    output: Path,
    cluster: str | None,
    workers: int | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Find the records about IPT in corpora of any size: OpenAlex, PubMed, Crossref, own exports.

    A SOURCE is a file, a folder, or an address that fsspec opens (s3://, https://). Candidates are
    written to candidates.parquet in the folder of --output. Needs the extra `scale`.
    """
    taxonomy = load_taxonomy((data or default_data_folder()) / "taxonomy.toml")
    found = scan(sources, output, taxonomy, cluster=cluster, workers=workers, say=_teller())
    if as_json:
        echo_json(_document(found))
    else:
        _report(found, output)
    if found.problems:
        sys.exit(1)


def _document(found: Scan) -> dict[str, object]:
    return {
        "records": found.records,
        "candidates": found.gathered.candidates,
        "failed": found.failed,
        "files": len(found.files),
        "seconds": round(found.seconds, 1),
        "resumed": found.resumed,
        "digest": found.gathered.digest,
        "prisma": found.gathered.prisma(found.records, found.failed),
        "problems": [{"file": one.place, "reason": one.reason} for one in found.problems],
    }


def _report(found: Scan, output: Path) -> None:
    for one in found.problems:
        click.echo(f"not read: {one.place}: {one.reason}", err=True)
    click.echo(
        f"{found.records:,} records in {len(found.files):,} files: "
        f"{found.gathered.candidates:,} candidates, {found.failed:,} unreadable, "
        f"{found.seconds:,.0f} s"
    )
    if found.resumed:
        click.echo(f"{found.resumed:,} files were done before")
    for box, count in found.gathered.prisma(found.records, found.failed).items():
        click.echo(f"  {box.replace('_', ' ')}: {count:,}")
    click.echo(f"{output / CANDIDATES}")


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
            f"{progress.done:,} of {progress.files:,} files, {progress.records:,} records, "
            f"{progress.rate:,.0f} a second, {progress.candidates:,} candidates{rest}",
            err=True,
        )

    return tell
