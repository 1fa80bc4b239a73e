"""``load``, ``tag``, ``dedupe`` and ``convert``: bibliographies, read and written part by part."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pandas as pd

from ipt_evidence.citations.loading import LoadResult, iter_citations, iter_titles
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.citations.writers import WRITERS, Part, left_out, written_pieces
from ipt_evidence.citations.writers.table import write_parquet
from ipt_evidence.cli.output import data_option, echo_json, echo_json_list, json_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.files import replaced, write_atomically
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.phrases import numbered
from ipt_evidence.wording.plain import plain
from ipt_evidence.wording.tables import csv_safe

if TYPE_CHECKING:
    from ipt_evidence.citations.deduplication import Deduplication

__all__ = ["convert_command", "dedupe_command", "load_command", "tag_command"]

_files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
_format = click.Choice(sorted(WRITERS), case_sensitive=False)


@click.command("load")
@_files
@json_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write the records to this CSV, or with every original field to this .parquet file.",
)
@click.option("--rejected", type=click.Path(path_type=Path), help="Write what was rejected here.")
def load_command(
    files: tuple[Path, ...], as_json: bool, output: Path | None, rejected: Path | None
) -> None:
    """Read bibliographies and say what arrived, what was repaired and what was rejected.

    FILE may be - for standard input. Files are read and written part by part.
    """
    report = _Report(spoken=not as_json)
    parts = report.over(iter_citations(list(files)))
    if output is not None:
        _save(output, parts)
    for _ in parts:
        pass
    if rejected is not None:
        _save(rejected, iter([report.rejected_rows()]))
    if as_json:
        echo_json(report.document())


class _Report:
    """Reports each part as it comes, and keeps counts, files and rejected rows."""

    def __init__(self, *, spoken: bool) -> None:
        self._spoken = spoken
        self._files: list[pd.DataFrame] = []
        self._rejected: list[pd.DataFrame] = []

    def over(self, parts: Iterable[LoadResult]) -> Iterator[pd.DataFrame]:
        """The citations of each part."""
        for part in parts:
            self._files.append(part.files)
            self._rejected.append(part.rejected)
            if self._spoken:
                _say(part)
            yield part.citations

    def rejected_rows(self) -> pd.DataFrame:
        """The rejected rows of every file."""
        return pd.concat(self._rejected, ignore_index=True)

    def document(self) -> dict[str, object]:
        """Counts, and a row a file."""
        files = pd.concat(self._files, ignore_index=True)
        counts = {name: int(files[name].sum()) for name in ("records", "rejected", "repaired")}
        return {**counts, "files": files}


def _say(part: LoadResult) -> None:
    for row in part.repaired.itertuples():
        click.echo(f"repaired {row.source_file}:{row.source_line} ({row.key}): {row.note}")
    _echo_rejected(part)
    for file in part.files.to_dict("records"):
        note = f" ({file['note']})" if file["note"] else ""
        click.echo(
            f"{file['file']}: {file['format']}, {file['encoding']}: "
            f"{numbered(file['records'], 'record')}, "
            f"{file['repaired']} repaired, {file['rejected']} rejected{note}"
        )


def _save(path: Path, parts: Iterator[pd.DataFrame]) -> None:
    """Write ``parts`` as they come; the file appears when all of them are in it."""
    if path.suffix.lower() == ".parquet":
        with _output_to(path), replaced(path) as place:
            write_parquet(parts, place)
    else:
        flat = map(_flat, parts)
        _write(path, (csv_safe(f, header=n == 0) for n, f in enumerate(flat)))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists and dictionaries as text, so that a spreadsheet shows them."""
    if "raw" not in frame:
        return frame
    return frame.assign(
        authors=[
            "; ".join(", ".join(filter(None, (a.get("family"), a.get("given")))) for a in authors)
            for authors in frame["authors"]
        ],
        keywords=["; ".join(words) for words in frame["keywords"]],
        registry_ids=["; ".join(ids) for ids in frame["registry_ids"]],
    ).drop(columns="raw")


def _subconditions_apart(tags: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """``condition`` names the top level alone; narrower ones are of the kind ``subcondition``."""
    narrow = (tags["kind"] == "condition") & ~tags["value"].isin(taxonomy.top_level)
    return tags.assign(kind=tags["kind"].where(~narrow, "subcondition"))


@click.command("tag")
@_files
@json_option
@data_option
def tag_command(files: tuple[Path, ...], as_json: bool, data: Path | None) -> None:
    """Tag references with conditions, designs, populations and interventions.

    Reads bibliographies, and plain lists with a title or a printed reference on each line. FILE
    may be - for standard input.
    """
    taxonomy = load_taxonomy((data or default_data_folder()) / "taxonomy.toml")
    documents = _tagged(iter_titles(list(files)), taxonomy)
    if as_json:
        echo_json_list(documents)
        return
    for document in documents:
        click.echo(f"{document['key']}: {document['title']}")
        for tag in document["tags"]:
            click.echo(f"  {tag['kind']}: {tag['value']} ({tag['matched']!r} in {tag['field']})")


def _tagged(parts: Iterable[LoadResult], taxonomy: Taxonomy) -> Iterator[dict[str, Any]]:
    """Key, title and tags of each record; rejected records are reported on the way."""
    for part in parts:
        _echo_rejected(part)
        tags = _subconditions_apart(tag_citations(part.citations, taxonomy), taxonomy)
        by_key: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for tag in tags.to_dict("records"):
            by_key[str(tag.pop("key"))].append({str(name): tag[name] for name in tag})
        for key, title in zip(part.citations["key"], part.citations["title"], strict=True):
            yield {"key": key, "title": plain(title), "tags": by_key[key]}


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
    from ipt_evidence.citations.deduplication import deduplicate, deduplicate_parts

    target = None if output is None else format or _format_of(output)
    parts = _citations_of(iter_citations(list(files)))
    if output is None or target is None:  # what is not written again need not be kept
        found = deduplicate_parts(parts)
    else:
        found = deduplicate(pd.concat(parts, ignore_index=True))
        _write(output, written_pieces([(found.unique, None)], target))
    if as_json:
        echo_json(_document(found))
    else:
        _report(found)


def _citations_of(parts: Iterable[LoadResult]) -> Iterator[pd.DataFrame]:
    """The citations of each part; rejected records are reported on the way."""
    for part in parts:
        _echo_rejected(part)
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
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write to this file instead of the screen."
)
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
    pieces = written_pieces(_with_tags(iter_citations(list(files)), taxonomy, count), format)
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


def _with_tags(
    parts: Iterable[LoadResult], taxonomy: Taxonomy | None, count: _Count
) -> Iterator[Part]:
    """The citations of each part with their tags; rejected records are reported on the way."""
    for part in parts:
        _echo_rejected(part)
        count.records += len(part.citations)
        count.left_out.update(left_out(part.citations, count.format))
        tags = tag_citations(part.citations, taxonomy) if taxonomy is not None else None
        yield part.citations, tags


def _echo_rejected(part: LoadResult) -> None:
    for row in part.rejected.itertuples():
        click.echo(f"rejected {row.source_file}:{row.source_line}: {row.reason}", err=True)


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
    with _output_to(path):
        write_atomically(path, pieces)


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Name the file that cannot be written."""
    try:
        yield
    except OSError as err:
        raise EvidenceError(f"{path} cannot be written: {err.strerror}") from err
