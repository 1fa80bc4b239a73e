"""``dedupe`` and ``convert``: bibliographies without duplicates, and in other formats."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pandas as pd

from ipt_evidence.citations.deduplication import (
    Deduplication,
    deduplicate,
    deduplicate_parts,
)
from ipt_evidence.citations.loading import LoadResult, iter_citations
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.citations.writers import WRITERS, Part, left_out, written_pieces
from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.files import write_atomically
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.phrases import numbered

__all__ = ["convert_command", "dedupe_command"]

_files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
_output = click.option(
    "--output", type=click.Path(path_type=Path), help="Write to this file instead of the screen."
)
_format = click.Choice(sorted(WRITERS), case_sensitive=False)


@click.command("dedupe")
@_files
@json_option
@click.option("--output", type=click.Path(path_type=Path), help="Write the unique records here.")
@click.option("--to", "format", type=_format, help="Format of --output; otherwise by its suffix.")
def dedupe_command(
    files: tuple[Path, ...], as_json: bool, output: Path | None, format: str | None
) -> None:
    """Find records of the same publication, within and between bibliographies.

    Records with different DOIs are never merged. Pairs that a person should look at are listed for
    review; parts, errata, preprints, protocols and replies are listed as related.
    """
    target = None if output is None else format or _format_of(output)
    parts = _said(iter_citations(list(files)))
    if output is None or target is None:  # what is not written again need not be kept
        found = deduplicate_parts(parts)
    else:
        found = deduplicate(pd.concat(parts, ignore_index=True))
        _write(output, written_pieces([(found.unique, None)], target))
    if as_json:
        echo_json(_document(found))
    else:
        _report(found)


def _said(parts: Iterable[LoadResult]) -> Iterator[pd.DataFrame]:
    """The citations of each part; what was rejected is said on the way."""
    for part in parts:
        _rejected(part)
        yield part.citations


def _document(found: Deduplication) -> dict[str, object]:
    places = _places(found.citations)
    return {
        "records": len(found.citations),
        "unique": len(found.citations) - found.merged,
        "groups": [[places[row] for row in group.rows] for group in found.groups],
        # Rows of the table, for who loads the same files in the same order.
        "group_rows": [list(group.rows) for group in found.groups],
        "review": [
            {
                "records": [places[row] for row in pair.rows],
                "score": pair.score,
                "reason": pair.reason,
            }
            for pair in found.review
        ],
        "relations": [
            {
                "records": [places[row] for row in relation.rows],
                "kind": relation.kind,
                "reason": relation.reason,
            }
            for relation in found.relations
        ],
    }


def _places(citations: pd.DataFrame) -> list[str]:
    """``source_file:source_line`` of each record.

    Where records share a line, as all do in EndNote's XML, ``#`` and the number of the record in
    its file follow.
    """
    lines = list(zip(citations["source_file"], citations["source_line"], strict=True))
    shared = Counter(lines)
    numbers: Counter[str] = Counter()
    places = []
    for file, line in lines:
        numbers[file] += 1
        number = f"#{numbers[file]}" if shared[file, line] > 1 else ""
        places.append(f"{file}:{line}{number}")
    return places


def _report(found: Deduplication) -> None:
    places = _places(found.citations)
    titles = found.citations["title"].astype(object).tolist()
    click.echo(
        f"{numbered(len(found.citations), 'record')}, "
        f"{len(found.citations) - found.merged} unique: "
        f"{found.merged} merged into "
        f"{len(found.groups)} groups, {len(found.review)} pairs to review, "
        f"{len(found.relations)} related"
    )
    for group in found.groups:
        click.echo(f"merged ({group.score:.2f}, {group.reason}): {titles[group.rows[0]]}")
        for row in group.rows:
            click.echo(f"  {places[row]}")
    for pair in found.review:
        click.echo(f"review ({pair.score:.2f}, {pair.reason})")
        for row in pair.rows:
            click.echo(f"  {places[row]}: {titles[row]}")
    for relation in found.relations:
        click.echo(f"{relation.kind} ({relation.reason})")
        for row in relation.rows:
            click.echo(f"  {places[row]}: {titles[row]}")


@click.command("convert")
@_files
@click.option("--to", "format", type=_format, required=True, help="The format to write.")
@_output
@click.option("--tags", "tagged", is_flag=True, help="Add our tags to the keywords.")
@data_option
def convert_command(
    files: tuple[Path, ...], format: str, output: Path | None, tagged: bool, data: Path | None
) -> None:
    """Write bibliographies in another format, or as printed references.

    FILE may be - for standard input. Files are read and written part by part.
    """
    taxonomy = None
    if tagged:
        taxonomy = load_taxonomy((data or default_data_folder()) / "taxonomy.toml")
    count = _Count(format)
    pieces = written_pieces(_tagged(iter_citations(list(files)), taxonomy, count), format)
    if output is not None:
        _write(output, pieces)
        click.echo(
            f"{output}: {numbered(count.records, 'record')}, {WRITERS[format.lower()].label}"
        )
    else:
        sys.stdout.writelines(pieces)
    for column, records in sorted(count.left_out.items()):
        label = WRITERS[format.lower()].label
        lost = f"has no place for {column}: left out in {numbered(records, 'record')}"
        if column == "type":
            lost = (
                f"has no name for the type of {numbered(records, 'record')}, and calls "
                f"them otherwise"
            )
        click.echo(f"  {label} {lost}", err=True)


@dataclass(slots=True)
class _Count:
    """Records written in ``format``, and how many of them lose each column it cannot hold."""

    format: str
    records: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def _tagged(
    parts: Iterable[LoadResult], taxonomy: Taxonomy | None, count: _Count
) -> Iterator[Part]:
    """The citations of each part with their tags; what was rejected is said on the way."""
    for part in parts:
        _rejected(part)
        count.records += len(part.citations)
        count.left_out.update(left_out(part.citations, count.format))
        tags = tag_citations(part.citations, taxonomy) if taxonomy is not None else None
        yield part.citations, tags


def _rejected(part: LoadResult) -> None:
    for row in part.rejected.itertuples():
        click.echo(f"  rejected {row.source_file}:{row.source_line}: {row.reason}", err=True)


def _format_of(path: Path) -> str:
    """The first format that has the suffix of ``path``."""
    for writer in WRITERS.values():
        if writer.suffix == path.suffix.lower():
            return writer.name
    raise EvidenceError(
        f"{path}: no format is written to {path.suffix or 'a file without suffix'}. "
        f"Name one with --to: {', '.join(WRITERS)}."
    )


def _write(path: Path, pieces: Iterable[str]) -> None:
    try:
        write_atomically(path, pieces)
    except OSError as err:
        raise EvidenceError(f"{path} cannot be written: {err.strerror}") from err
