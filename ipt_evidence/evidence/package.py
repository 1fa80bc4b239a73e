"""An evidence base as it is published: the names of its versions, and ``datapackage.json``.

A released version is called YY.MINOR.PATCH, like 26.1.0:

YY       the year of the release
MINOR    counts the releases of that year in which a study or an effect came, went or moved
PATCH    counts corrections since then that changed no number
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ipt_evidence.about import AUTHORS
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.csv_tables import present
from ipt_evidence.evidence.files import write_atomically
from ipt_evidence.evidence.schema import LIST_SEPARATOR, MISSING, TABLES, Column, Table
from ipt_evidence.evidence.sources import Source

__all__ = [
    "DESCRIPTOR_FILE",
    "LICENCE",
    "data_package",
    "descriptor_text",
    "name_of",
    "newest",
    "number",
    "released_names",
    "released_on",
    "table_resource",
    "version_path",
    "write_descriptor",
]

VERSIONS_FOLDER = "versions"
_NAME = re.compile(r"(\d{2})\.(\d{1,4})\.(\d{1,4})")
_DIGITS = 7  # of the fingerprint, enough to tell two unreleased states apart


def number(name: str) -> tuple[int, int, int]:
    """The three numbers of a version's name, in the order in which versions follow each other.

    Raises
    ------
    DataError
        When ``name`` is not of the form YY.MINOR.PATCH.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise DataError(f"{name!r} is not a data version. Write YY.MINOR.PATCH, like 26.1.0")
    year, minor, patch = (int(part) for part in match.groups())
    return year, minor, patch


def version_path(folder: Path, name: str) -> Path:
    """Where the snapshot of version ``name`` of the base in ``folder`` stands."""
    number(name)
    return folder / VERSIONS_FOLDER / f"{name}.json"


def released_names(folder: Path) -> tuple[str, ...]:
    """Released versions of the base in ``folder``, oldest first; other files are passed over."""
    names = [path.stem for path in (folder / VERSIONS_FOLDER).glob("*.json")]
    return tuple(sorted(filter(_NAME.fullmatch, names), key=number))


def newest(folder: Path) -> str:
    """The newest released version of the base in ``folder``; empty when none was released."""
    names = released_names(folder)
    return names[-1] if names else ""


def released_on(folder: Path) -> str:
    """The day (ISO) of the newest released version; empty when none was released.

    Raises
    ------
    DataError
        When the snapshot of that version cannot be read.
    """
    name = newest(folder)
    return str(_snapshot(folder, name)["date"]) if name else ""


def name_of(folder: Path, fingerprint: str) -> str:
    """What the data in ``folder`` are called: the version that a reader cites.

    The newest released version when the files are exactly those of its release, else that
    version with the first digits of the fingerprint (``26.1.0+4f3a2b1``): changed since. A base
    that never released a version goes by its fingerprint.
    """
    name = newest(folder)
    if not name:
        return fingerprint
    released = _snapshot(folder, name)["fingerprint"]
    return name if released == fingerprint else f"{name}+{fingerprint[:_DIGITS]}"


def _snapshot(folder: Path, name: str) -> dict[str, str]:
    """Date and fingerprint of a released version."""
    path = version_path(folder, name)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {"date": document["date"], "fingerprint": document["fingerprint"]}
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise DataError(
            f"{path} is not a released version ({err}). Restore it, or remove the file"
        ) from err


DESCRIPTOR_FILE = "datapackage.json"

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
_TYPES = {"list": "string"}  # Frictionless has no list of strings in one CSV cell

_OTHER_FILES = (
    ("references", "references.bib", "bib", "text/x-bibtex", "Bibliographic records"),
    ("article_references", "article_references.txt", "txt", "text/plain", "As the article prints"),
    ("taxonomy", "taxonomy.toml", "toml", "application/toml", "Conditions, comparisons, terms"),
    ("sources", "sources.toml", "toml", "application/toml", "Sources, licences, searches"),
    ("claims", "claims.toml", "toml", "application/toml", "The audit of the article"),
)


def data_package(
    facts: Mapping[str, str], sources: Mapping[str, Source], resources: Iterable[Any]
) -> dict[str, Any]:
    """A data package (version 2) with these facts (name, title, …), sources and resources.

    Our own tables and texts are under CC BY 4.0; the licences of the sources follow.
    https://datapackage.org/standard/data-package/
    """
    licences = {
        source.licence: source.licence_url
        for source in sources.values()
        if source.licence and source.licence_url
    }
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        **facts,
        "licenses": [
            LICENCE,
            *({"title": title, "path": url} for title, url in licences.items()),
        ],
        "contributors": [{"title": AUTHORS, "roles": ["author", "publisher"]}],
        "sources": [
            {"title": source.label, **({"path": source.address} if source.address else {})}
            for source in sources.values()
        ],
        "resources": list(resources),
    }


def descriptor_text(folder: Path, sources: Mapping[str, Source], version: str = "") -> str:
    """The text of ``datapackage.json`` for the base in ``folder``.

    It names ``version``, by default the newest that was released, and leaves out optional columns
    that a file lacks.
    """
    version = version or newest(folder)
    facts = {
        "name": "ipt-evidence",
        **({"version": version} if version else {}),
        "title": "What the evidence for Interpersonal Psychotherapy shows",
        "description": (
            "Trials of Interpersonal Psychotherapy with their effects, effects published by "
            "meta-analyses, and an audit of an overview article. Positive yi always favours IPT."
        ),
    }
    there = (one for one in TABLES if not one.optional or (folder / one.file).exists())
    tables = [present(folder, table) for table in there]
    resources = [
        *(table_resource(table, tables) for table in tables),
        *(_file(*facts) for facts in _OTHER_FILES),
    ]
    return json.dumps(data_package(facts, sources, resources), indent=2, ensure_ascii=False) + "\n"


def table_resource(table: Table, beside: Sequence[Table]) -> dict[str, Any]:
    """A table as a resource of a data package; foreign keys lead to tables ``beside`` it."""
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


def write_descriptor(folder: Path, sources: Mapping[str, Source]) -> Path:
    """Write ``datapackage.json`` into ``folder`` and return its path."""
    path = folder / DESCRIPTOR_FILE
    write_atomically(path, descriptor_text(folder, sources))
    return path
