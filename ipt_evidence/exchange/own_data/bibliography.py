"""A bibliography beside the table: each study finds its reference by DOI, title or label."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from ipt_evidence.citations.identifiers import find_doi, normal_doi
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.normal_forms import normal_title
from ipt_evidence.errors import CitationError, DataError
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.wording.phrases import first_of

__all__ = ["bibliography_of", "with_bibliography"]

SHOWN = 6  # names in a note
_YEAR = re.compile(r"(?:19|20)\d\d")
_Keys = dict[str, list[str]]


def bibliography_of(data: bytes, name: str) -> pd.DataFrame:
    """The records of a bibliography in any format that `load_citations` reads.

    Raises
    ------
    DataError
        When it cannot be read or holds no record.
    """
    try:
        loaded = load_text(data, name)
    except CitationError as err:
        raise DataError(str(err)) from err
    if loaded.citations.empty:
        raise DataError(f"{name} holds no reference. Give BibTeX, RIS, nbib, CSL-JSON or a list")
    return loaded.citations


def with_bibliography(effects: Effects, citations: pd.DataFrame) -> Effects:
    """The effects with the reference of each row, by key in a column ``reference``, and notes.

    A row joins by its DOI, else by the title of its report, else by the first author and year of
    its label. Where two records fit equally it joins none. The notes name the studies that found
    no reference and count the records that no study found.
    """
    records = citations.to_dict("records")
    by_doi: _Keys = {}
    by_title: _Keys = {}
    by_label: _Keys = {}
    for record in records:
        _add(by_doi, normal_doi(_text(record["doi"])), record["key"])
        _add(by_title, normal_title(_text(record["title"])), record["key"])
        _add(by_label, _label_of(record), record["key"])
    places = effects.rows["place"]
    cells = {
        name: effects.table.cells[effects.mapped[name]].iloc[places].tolist()
        for name in ("doi", "title")
        if name in effects.mapped
    }
    empty = [""] * len(places)
    labels = effects.rows["label"].tolist()
    found: list[str] = []
    ways: list[str] = []
    for label, doi, title in zip(
        labels, cells.get("doi", empty), cells.get("title", empty), strict=True
    ):
        key, way = _match(
            ("DOI", by_doi, find_doi(doi or label) or ""),
            ("title", by_title, normal_title(title or label)),
            ("label", by_label, _plain_label(label)),
        )
        found.append(key)
        ways.append(way)
    notes = _notes(labels, found, ways, records)
    rows = effects.rows.assign(reference=found)
    used = citations.loc[citations["key"].isin(set(found))].reset_index(drop=True)
    return replace(effects, rows=rows, references=used, notes=(*effects.notes, *notes))


def _add(keys: _Keys, name: str | None, key: str) -> None:
    if name:
        keys.setdefault(name, []).append(key)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _match(*ways: tuple[str, _Keys, str]) -> tuple[str, str]:
    """Key of the record and the way to it; "several" where more than one fits."""
    for way, keys, name in ways:
        found = keys.get(name, []) if name else []
        if len(found) == 1:
            return found[0], way
        if len(found) > 1:
            return "", "several"
    return "", ""


def _label_of(record: dict[Any, Any]) -> str:
    """First author and year, as labels of studies give them; empty where either is unknown."""
    authors, year = record["authors"], record["year"]
    if not isinstance(authors, list) or not authors or pd.isna(year):
        return ""
    return f"{normal_title(authors[0]['family'])} {int(year)}"


def _plain_label(label: str) -> str:
    """A label like "Çelik et al. (2009a)" as `_label_of` has it."""
    year = _YEAR.search(label)
    if year is None:
        return ""
    before = re.split(r",|\bet al|&|;|\band\b", label[: year.start()])[0]
    return f"{normal_title(before)} {year.group()}"


def _notes(
    labels: list[str],
    found: list[str],
    ways: list[str],
    records: list[dict[Any, Any]],
) -> tuple[str, ...]:
    joined = {label: way for label, way, key in zip(labels, ways, found, strict=True) if key}
    counts = [f"{n} by {way}" for way in ("DOI", "title", "label")
              if (n := list(joined.values()).count(way))]  # fmt: skip
    total = len(set(labels))
    notes = [f"{len(joined)} of {total} studies found their reference"
             + (f" ({', '.join(counts)})" if counts else "")]  # fmt: skip
    doubtful = {label for label, way in zip(labels, ways, strict=True) if way == "several"}
    lost = [label for label in dict.fromkeys(labels) if label not in joined]
    if without := [label for label in lost if label not in doubtful]:
        notes.append(f"no reference was found for {first_of(without, SHOWN)}")
    if several := [label for label in lost if label in doubtful]:
        notes.append(
            f"several references fit {first_of(several, SHOWN)}: give their DOIs in a column doi"
        )
    if unused := len(records) - len({key for key in found if key}):
        notes.append(f"{unused} of {len(records)} references belong to no study of the table")
    return tuple(notes)
