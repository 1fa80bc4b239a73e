"""``datapackage.json``, the description that other tools read, written from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ipt_evidence.evidence.schema import LIST_SEPARATOR, MISSING, TABLES, Column, Table
from ipt_evidence.evidence.schema.bundle import BUNDLE_TABLES
from ipt_evidence.evidence.sources import Source
from ipt_evidence.evidence.version_names import newest

__all__ = [
    "DESCRIPTOR_FILE",
    "bundle_descriptor",
    "descriptor",
    "descriptor_text",
    "replaced",
    "write_atomically",
]

DESCRIPTOR_FILE = "datapackage.json"

_TYPES = {"list": "string"}  # Frictionless has no list of strings in one CSV cell

_OTHER_FILES = (
    ("references", "references.bib", "bib", "text/x-bibtex", "Bibliographic records"),
    ("article_references", "article_references.txt", "txt", "text/plain", "As the article prints"),
    ("taxonomy", "taxonomy.toml", "toml", "application/toml", "Conditions, comparisons, terms"),
    ("sources", "sources.toml", "toml", "application/toml", "Sources, licences, searches"),
    ("claims", "claims.toml", "toml", "application/toml", "The audit of the article"),
)


def descriptor(sources: dict[str, Source], version: str = "") -> dict[str, Any]:
    """The data package of an evidence base with these sources, at its newest released version."""
    return {
        "$schema": "https://datapackage.org/profiles/1.0/datapackage.json",
        "profile": "data-package",
        "name": "ipt-evidence",
        **({"version": version} if version else {}),
        "title": "What the evidence for Interpersonal Psychotherapy shows",
        "description": (
            "Trials of Interpersonal Psychotherapy with their effects, effects published by "
            "meta-analyses, and an audit of an overview article. Positive yi always favours IPT."
        ),
        "licenses": _licences(sources),
        "sources": [_source(source) for source in sources.values()],
        "resources": [
            *(_table(table, TABLES) for table in TABLES),
            *(_file(*facts) for facts in _OTHER_FILES),
        ],
    }


def bundle_descriptor(
    sources: dict[str, Source], used: Iterable[str], title: str
) -> dict[str, Any]:
    """The data package of a reproduction bundle whose effects come from the sources ``used``."""
    chosen = {name: sources[name] for name in used}
    return {
        "$schema": "https://datapackage.org/profiles/1.0/datapackage.json",
        "profile": "data-package",
        "name": "ipt-evidence-bundle",
        "title": title,
        "licenses": _licences(chosen),
        "sources": [_source(source) for source in chosen.values()],
        "resources": [_table(table, BUNDLE_TABLES) for table in BUNDLE_TABLES],
    }


def descriptor_text(sources: dict[str, Source], version: str = "") -> str:
    """The text of ``datapackage.json``."""
    return json.dumps(descriptor(sources, version), indent=2, ensure_ascii=False) + "\n"


def _licences(sources: dict[str, Source]) -> list[dict[str, str]]:
    found = {
        source.licence: source.licence_url
        for source in sources.values()
        if source.licence and source.licence_url
    }
    return [{"title": title, "path": url} for title, url in found.items()]


def _source(source: Source) -> dict[str, str]:
    return {"title": source.label, **({"path": source.address} if source.address else {})}


def _table(table: Table, beside: Sequence[Table]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [MISSING],
        **({"primaryKey": [table.key]} if table.key else {}),
    }
    names = {other.name for other in beside}
    foreign = [_foreign_key(column) for column in table.columns if _points_to(column, names)]
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "name": table.name,
        "type": "table",
        "path": table.file,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "title": table.title,
        "description": table.description,
        "schema": schema,
    }


def _file(name: str, path: str, form: str, mediatype: str, title: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "file",
        "path": path,
        "format": form,
        "mediatype": mediatype,
        "encoding": "utf-8",
        "title": title,
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    described = column.description + (f" ({column.unit})" if column.unit else "")
    if column.type == "list":
        described += f". Several values are separated by {LIST_SEPARATOR!r}"
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "description": described,
    }
    if column.type == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.name == table.key:
        constraints["unique"] = True
    if column.levels and column.type != "list":
        constraints["enum"] = list(column.levels)
    if column.minimum is not None:
        constraints["minimum"] = column.minimum if column.type == "number" else int(column.minimum)
    return field | ({"constraints": constraints} if constraints else {})


def _points_to(column: Column, tables: set[str]) -> bool:
    return column.type != "list" and column.references.split(".")[0] in tables


def _foreign_key(column: Column) -> dict[str, Any]:
    table, field = column.references.split(".")
    return {"fields": [column.name], "reference": {"resource": table, "fields": [field]}}


def write_descriptor(folder: Path, sources: dict[str, Source]) -> Path:
    """Write ``datapackage.json`` into ``folder`` and return its path."""
    path = folder / DESCRIPTOR_FILE
    write_atomically(path, descriptor_text(sources, newest(folder)))
    return path


def write_atomically(path: Path, text: str | Iterable[str]) -> None:
    """Replace ``path`` by ``text``, whole or in pieces that are made one by one; see `replaced`."""
    pieces = (text,) if isinstance(text, str) else text
    with replaced(path) as place, place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """As `write_atomically`, for files that are not text."""
    with replaced(path) as place:
        place.write_bytes(content)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Where to write what replaces ``path`` in one step: a reader sees the old file or the new.

    When writing fails, the old file stays as it was. A link is written through; a device or pipe,
    which cannot be replaced, is written directly.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    temporary = target.with_name(f".{target.name}.new")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
