"""``import-metapsy`` and ``export-metapsy``: databases in the Metapsy data standard."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from ipt_evidence.cli.output import data_option, echo_json
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.validation import validate
from ipt_evidence.exchange.metapsy import (
    Agreement,
    Database,
    Imported,
    agreement,
    check_format,
    context_rows,
    import_database,
    open_database,
    write_base,
    write_context,
    write_database,
)
from ipt_evidence.wording.phrases import numbered

__all__ = ["export_metapsy_command", "import_metapsy_command"]


@click.command("import-metapsy")
@click.argument("place")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write an evidence base to this folder."
)
@click.option(
    "--report", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to print what was found and decided.",
)  # fmt: skip
@click.option(
    "--positive", type=click.Choice(["benefit", "harm"]),
    help="What a positive g means for arm 1, where the rows cannot tell.",
)  # fmt: skip
@click.option("--condition", help="Id of the condition, where the database's name does not say.")
@click.option(
    "--context", type=click.Path(path_type=Path, dir_okay=False),
    help="Write all trials, of every therapy, into this context.csv; nothing else is done.",
)  # fmt: skip
@data_option
def import_metapsy_command(
    place: str,
    out: Path | None,
    report: str,
    positive: str | None,
    condition: str | None,
    context: Path | None,
    data: Path | None,
) -> None:
    """Find the trials of IPT in the Metapsy database PLACE: a folder, ZIP or CSV file, or its URL.

    Says for every row that comes near IPT what was decided and why, checks the sign and the size
    of each g against the raw numbers, and holds the result against the base in use. With --out it
    writes an evidence base of its own; the base in use is never changed.

    With --context it writes every trial of the database, whatever its therapy, into the table of
    other therapies, in place of the rows that the table held from this database.
    """
    base = EvidenceBase.load(data)
    database = _database(place)
    if context is not None:
        _write_context(database, base, positive, context)
        return
    imported = import_database(database, base, positive=positive, condition=condition)
    held = agreement(imported, base)
    problems = []
    if out is not None:
        problems = validate(write_base(imported, base, out))
    if report == "json":
        echo_json({**_document(imported, held), "written": out, "validation": problems})
    else:
        for line in _lines(imported, held):
            click.echo(line)
        if out is not None:
            click.echo(f"Wrote {out}" if not problems else f"Wrote {out}, which is not sound:")
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)


def _write_context(
    database: Database, base: EvidenceBase, positive: str | None, path: Path
) -> None:
    found = context_rows(database, base, positive)
    number = write_context(found, path)
    for problem in (*database.table.problems, *found.problems):
        click.echo(str(problem), err=True)
    trials = len({row["study"] for row in found.rows})
    click.echo(
        f"Wrote {numbered(len(found.rows), 'row')} of {numbered(trials, 'trial')} "
        f"from {found.source_id} into {path}, "
        f"which holds {number} rows now"
    )


def _database(place: str) -> Database:
    """The database at a path, or at an address, from which it is fetched and then forgotten."""
    if "://" not in place:
        return open_database(Path(place))
    from ipt_evidence.services.downloads import download

    name = re.sub(r"[^A-Za-z0-9.-]+", "-", _name_in(place))
    with tempfile.TemporaryDirectory(prefix="ipt-evidence-") as folder:
        file = download(place, Path(folder) / name)
        kind = ".zip" if file.read_bytes()[:4] == b"PK\x03\x04" else ".csv"
        return open_database(file.rename(file.with_suffix(kind)))


def _name_in(url: str) -> str:
    """What the file at an address is called: the repository, or the last part of the path."""
    path = urlsplit(url).path
    repository = re.search(r"/(data-[a-z0-9-]+)(?=/|$)", path)
    return (repository.group(1) if repository else path.rsplit("/", 1)[-1]) or "database"


@click.command("export-metapsy")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Also effects that may not be pooled.")
@data_option
def export_metapsy_command(out: Path, everything: bool, data: Path | None) -> None:
    """Write the effects as a database in the Metapsy standard into the new folder OUT.

    data.csv with IPT in arm 1 and a g that favours IPT when positive, and metadata beside it; the
    file is checked against the rules of the standard.
    """
    base = EvidenceBase.load(data)
    frame = write_database(base, out, only_poolable=not everything)
    problems = check_format((out / "data.csv").read_text(encoding="utf-8"))
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
    click.echo(
        f"Wrote {numbered(len(frame), 'effect')} of "
        f"{numbered(frame['study'].nunique(), 'study')} to {out}; "
        "the file follows the rules of the standard"
    )


def _document(imported: Imported, held: Agreement) -> dict[str, Any]:
    database = imported.database
    return {
        "database": {
            "shorthand": database.shorthand,
            "rows": len(database.table.rows),
            "dialect": database.table.dialect,
            "last_search": database.last_search,
            "studies_named_in_metadata": database.n_studies,
        },
        "direction": imported.direction,
        "decisions": imported.decisions,
        "studies": imported.studies,
        "effects": imported.effects,
        "references": imported.references,
        "g_differences": imported.g_differences,
        "warnings": imported.warnings,
        "problems": imported.problems,
        "base": held,
    }


def _lines(imported: Imported, held: Agreement) -> Iterator[str]:
    database, dialect = imported.database, imported.database.table.dialect
    yield (
        f"{database.shorthand}: {numbered(len(database.table.rows), 'row')}; "
        f"{dialect.encoding}, separated by "
        f"{dialect.delimiter!r}, decimal mark {dialect.decimal!r}"
    )
    if dialect.lines_repaired:
        yield f"{dialect.lines_repaired} lines were not UTF-8 and were read as Windows-1252"
    yield from _direction(imported)
    counts = Counter(decision.decision for decision in imported.decisions)
    yield (
        f"{counts['ipt']} rows are IPT, {counts['unsure']} may be, {counts['excluded']} only "
        "sound like it:"
    )
    for row in imported.decisions:
        yield f"  line {row.line} {row.decision}: {row.study} {row.instrument}: {row.reason}"
    yield f"{numbered(len(imported.studies), 'study')}, {numbered(len(imported.effects), 'effect')}"
    found = Counter(reference.matched for reference in imported.references)
    yield "DOIs: " + ", ".join(f"{number} {how}" for how, number in found.items())
    for difference in imported.g_differences:
        yield (
            f"  line {difference.line}: {difference.study} {difference.instrument}: published g "
            f"{difference.published:.4g}, its arms give {difference.recomputed:.4g}"
        )
    yield from (f"  Warning: {warning}" for warning in imported.warnings)
    yield from (f"  Problem: {problem}" for problem in imported.problems)
    yield from _held(held)


def _direction(imported: Imported) -> Iterator[str]:
    direction = imported.direction
    words = {
        "benefit": "A positive g favours arm 1",
        "harm": "A positive g is harm in arm 1, so signs are turned",
        "none": "No sign to turn",
        "unknown": "Whom a positive g favours is not known, and not guessed",
    }
    yield f"{words[direction.positive_means]}: {direction.how}"
    if direction.contradicting:
        lines = ", ".join(map(str, direction.contradicting[:10]))
        yield f"  rows that say the opposite: line {lines}"


def _held(held: Agreement) -> Iterator[str]:
    if not held.shared and not held.only_base:
        yield "The base in use holds nothing from this database"
        return
    yield (
        f"Against the base in use: {len(held.shared)} effects in both, "
        f"{len(held.only_imported)} only here, {len(held.only_base)} only in the base"
    )
    yield from (f"  only here: {key}" for key in held.only_imported)
    yield from (f"  only in the base: {key}" for key in held.only_base)
    for row in held.differences:
        yield f"  {row.effect_id}, {row.column}: base {row.base!r}, here {row.imported!r}"
