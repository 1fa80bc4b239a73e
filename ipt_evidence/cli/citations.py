"""``load`` and ``tag``: bibliographies from the command line, part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import pandas as pd

from ipt_evidence.citations.loading import LoadResult, iter_citations, iter_titles
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.citations.writers.table import write_parquet
from ipt_evidence.cli.output import data_option, echo_json, echo_json_list, json_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.files import replaced, write_atomically
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.phrases import numbered
from ipt_evidence.wording.plain import plain
from ipt_evidence.wording.tables import csv_safe

__all__ = ["load_command", "tag_command"]

_files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


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
    """Says what came with each part, and remembers the rest: counts, files, rejected rows."""

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
    for row in part.rejected.itertuples():
        click.echo(f"rejected {row.source_file}:{row.source_line}: {row.reason}", err=True)
    for file in part.files.to_dict("records"):
        note = f" ({file['note']})" if file["note"] else ""
        click.echo(
            f"{file['file']}: {file['format']}, {file['encoding']}: "
            f"{numbered(file['records'], 'record')}, "
            f"{file['repaired']} repaired, {file['rejected']} rejected{note}"
        )


def _save(path: Path, parts: Iterator[pd.DataFrame]) -> None:
    """Write ``parts`` as they come; the file appears when all of them are in it."""
    try:
        if path.suffix.lower() == ".parquet":
            with replaced(path) as place:
                write_parquet(parts, place)
        else:
            flat = map(_flat, parts)
            write_atomically(path, (csv_safe(f, header=n == 0) for n, f in enumerate(flat)))
    except OSError as err:
        raise EvidenceError(f"{path} cannot be written: {err.strerror}") from err


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
    """Key, title and tags of each record; what was rejected is said on the way."""
    for part in parts:
        for row in part.rejected.itertuples():
            click.echo(f"rejected {row.source_file}:{row.source_line}: {row.reason}", err=True)
        tags = _subconditions_apart(tag_citations(part.citations, taxonomy), taxonomy)
        by_key: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for tag in tags.to_dict("records"):
            by_key[str(tag.pop("key"))].append({str(name): tag[name] for name in tag})
        for key, title in zip(part.citations["key"], part.citations["title"], strict=True):
            yield {"key": key, "title": plain(title), "tags": by_key[key]}
