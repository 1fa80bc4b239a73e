"""``load`` and ``tag``: bibliographies from the command line."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from ipt_evidence.citations.loading import LoadResult, load_citations, load_titles
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.cli.output import data_option, echo_json, json_option, plain
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.location import default_data_folder
from ipt_evidence.evidence.package import write_atomically
from ipt_evidence.presentation.tables import csv_safe

__all__ = ["load_command", "tag_command"]

_files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command("load")
@_files
@json_option
@click.option("--output", type=click.Path(path_type=Path), help="Write the records to this CSV.")
@click.option("--rejected", type=click.Path(path_type=Path), help="Write what was rejected here.")
def load_command(
    files: tuple[Path, ...], as_json: bool, output: Path | None, rejected: Path | None
) -> None:
    """Read bibliographies and say what arrived, what was repaired and what was rejected."""
    loaded = load_citations(list(files))
    if output is not None:
        _write(output, _flat(loaded.citations))
    if rejected is not None:
        _write(rejected, loaded.rejected)
    if as_json:
        echo_json(
            {
                "records": len(loaded.citations),
                "rejected": len(loaded.rejected),
                "repaired": len(loaded.repaired),
                "files": loaded.files,
            }
        )
    else:
        _report(loaded)


def _report(loaded: LoadResult) -> None:
    for file in loaded.files.itertuples():
        click.echo(
            f"{file.file}: {file.format}, {file.encoding}: {file.records} records, "
            f"{file.repaired} repaired, {file.rejected} rejected"
        )
    for row in loaded.repaired.itertuples():
        click.echo(f"  repaired {row.source_file}:{row.source_line} ({row.key}): {row.note}")
    for row in loaded.rejected.itertuples():
        click.echo(f"  rejected {row.source_file}:{row.source_line}: {row.reason}", err=True)


def _flat(citations: pd.DataFrame) -> pd.DataFrame:
    """Lists and dictionaries as text, so that a spreadsheet shows them."""
    return citations.assign(
        authors=[
            "; ".join(", ".join(filter(None, (a.get("family"), a.get("given")))) for a in authors)
            for authors in citations["authors"]
        ],
        keywords=["; ".join(words) for words in citations["keywords"]],
        registry_ids=["; ".join(ids) for ids in citations["registry_ids"]],
    ).drop(columns="raw")


def _write(path: Path, frame: pd.DataFrame) -> None:
    try:
        write_atomically(path, csv_safe(frame))
    except OSError as err:
        raise EvidenceError(f"{path} cannot be written: {err.strerror}") from err


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

    Reads bibliographies, and plain lists with a title or a printed reference on each line.
    """
    taxonomy = load_taxonomy((data or default_data_folder()) / "taxonomy.toml")
    loaded = load_titles(list(files))
    citations = loaded.citations
    for row in loaded.rejected.to_dict("records"):
        place = f"{row['source_file']}:{row['source_line']}"
        click.echo(f"rejected {place}: {row['reason']}", err=True)
    tags = _subconditions_apart(tag_citations(citations, taxonomy), taxonomy)
    by_key = {key: rows.drop(columns="key") for key, rows in tags.groupby("key", sort=False)}
    documents = [
        {"key": key, "title": title, "tags": plain(by_key.get(key, pd.DataFrame()))}
        for key, title in zip(citations["key"], citations["title"], strict=True)
    ]
    if as_json:
        echo_json(documents)
        return
    for document in documents:
        click.echo(f"{document['key']}: {document['title']}")
        for tag in document["tags"]:
            click.echo(f"  {tag['kind']}: {tag['value']} ({tag['matched']!r} in {tag['field']})")
