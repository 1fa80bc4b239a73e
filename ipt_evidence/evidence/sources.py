"""TOML files of an evidence base; ``sources.toml``: where the data come from."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.files import read_text
from ipt_evidence.evidence.schema import MISSING

__all__ = ["Search", "Source", "build", "entries", "load_sources", "read_toml"]

_Kind = TypeVar("_Kind")


def read_toml(path: Path) -> dict[str, Any]:
    """The document in ``path``; DataError with place and remedy when it cannot be read."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as err:
        raise DataError(f"{path} is not valid TOML: {err}") from err


def entries(document: Mapping[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    """The tables written as ``[[name]]``; DataError when ``name`` is something else."""
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise DataError(f"{path}: {name} must be written as [[{name}]]")
    return found


def build(kind: type[_Kind], entry: Mapping[str, Any], place: str) -> _Kind:
    """An instance of the dataclass ``kind`` from one TOML table.

    Fields that ``kind`` does not have are passed over; ``NA`` is as good as absent. Annotations
    decide what fits: ``str``, ``bool``, ``int`` and tuples of text or whole numbers; other fields
    must have been built already.

    Raises
    ------
    DataError
        Naming ``place`` and field, when one is missing or of the wrong type.
    """
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = entry.get(field.name)
        if value is None or value == MISSING:
            if field.default is NO_DEFAULT and field.default_factory is NO_DEFAULT:
                raise DataError(f"{place} has no {field.name}. Fill it in")
            continue
        values[field.name] = _fitted(value, str(field.type), f"{place}: {field.name}")
    return kind(**values)


def _fitted(value: Any, annotation: str, place: str) -> Any:
    if annotation in ("tuple[str, ...]", "tuple[int, ...]"):
        item = str if "str" in annotation else int
        if not isinstance(value, list) or not all(type(part) is item for part in value):
            raise DataError(f"{place} must be a list of {_NAMES[item.__name__]}s")
        return tuple(value)
    if annotation in _NAMES and type(value).__name__ != annotation:
        raise DataError(f"{place} must be a {_NAMES[annotation]}, not {value!r}")
    return value


_NAMES = {"str": "text", "bool": "true or false", "int": "whole number"}


@dataclass(frozen=True, slots=True)
class Source:
    """One source with its licence and the date of its last systematic search.

    ``last_search`` is an ISO date, or empty where no systematic search stands behind the source.
    """

    id: str
    label: str
    kind: str
    licence: str = ""
    licence_url: str = ""
    doi: str = ""
    url: str = ""
    version: str = ""
    commit: str = ""
    last_search: str = ""
    attribution: str = ""
    positive_g_means: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        """Where the source can be opened: its DOI, else its URL; empty when neither is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    def row(self, line: int) -> str:
        """Where a line of a database's data.csv opens, at the commit that was taken."""
        if not self.commit or not self.url.startswith("https://github.com/"):
            return self.address
        return f"{self.url}/blob/{self.commit}/data.csv?plain=1#L{line}"


@dataclass(frozen=True, slots=True)
class Search:
    """The questions for which trials were looked for, and how.

    Questions are ``conditions`` x ``comparisons``. A search for a condition counts for those below
    it, but for those that ``without`` names: a search for depression in adults is none for
    depression in adolescents. ``until`` is the day of a systematic search, empty for any other way
    of looking.
    """

    conditions: tuple[str, ...]
    comparisons: tuple[str, ...]
    how: str
    until: str = ""
    source: str = ""
    without: tuple[str, ...] = ()

    def answers(self, lineage: Collection[str], comparison: str) -> bool:
        """Whether it looked for ``comparison`` in a condition; ``lineage``: it and its parents."""
        return (
            comparison in self.comparisons
            and not set(lineage).isdisjoint(self.conditions)
            and set(lineage).isdisjoint(self.without)
        )


def load_sources(path: Path) -> tuple[dict[str, Source], tuple[Search, ...]]:
    """Read ``sources.toml``: the sources by id, and the searches.

    Raises
    ------
    DataError
        When the file cannot be read or an entry lacks a field.
    """
    document = read_toml(path)
    sources: dict[str, Source] = {}
    for entry in entries(document, "sources", path):
        source = build(Source, entry, f"{path}: source {entry.get('id', '?')}")
        if source.id in sources:
            raise DataError(f"{path}: source {source.id} stands there twice. Keep one")
        _check_date(source.last_search, f"{path}: source {source.id}: last_search")
        sources[source.id] = source
    searches = tuple(
        build(Search, entry, f"{path}: search {number}")
        for number, entry in enumerate(entries(document, "searches", path), start=1)
    )
    for number, search in enumerate(searches, start=1):
        _check_date(search.until, f"{path}: search {number}: until")
    return sources, searches


def _check_date(text: str, place: str) -> None:
    if not text:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise DataError(f"{place} is {text!r}. Write a date like 2024-01-31, or NA") from None
