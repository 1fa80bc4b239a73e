"""How many values of third-party files agree with independent parses of them, by folder.

    python -m benchmarks truth --samples FOLDER [--different]

``FOLDER`` holds bibliographies in folders of their own, and ``truth/`` with a JSON file each,
called as ``folder__file.json``: a list of what another library read of each record. BibTeX's fields
are raw there and are decoded for the comparison. ``--different`` prints every value that differs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ipt_evidence.citations.identifiers import find_doi, normal_issn
from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.normal_forms import normal_pages, normal_title, page_range, year_in

__all__ = ["compared", "main"]

_BIBTEX = {
    "title": ("title",),
    "container": ("journal", "journaltitle", "booktitle"),
    "year": ("year", "date"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages",),
    "doi": ("doi",),
    "issn": ("issn",),
}
_OURS = {"container": "container_title"}


def _wanted(item: dict[str, Any]) -> dict[str, str]:
    """Field → what the other library read, as text; fields that it does not have are left out."""
    raw = item.get("raw")
    if isinstance(raw, dict):  # BibTeX
        low = {name.lower(): str(value) for name, value in raw.items()}
        found = {
            field: decode(next((low[name] for name in names if low.get(name)), ""))
            for field, names in _BIBTEX.items()
        }
        if low.get("subtitle") and found["title"]:
            found["title"] += f": {decode(low['subtitle'])}"
        people = int(item.get("n_authors") or item.get("n_editors") or 0)
    else:
        pages = item.get("pages") or page_range(item.get("sp"), item.get("ep"))
        found = {name: str(item.get(name) or "") for name in ("title", "year", "volume", "issue")}
        found |= {name: str(item.get(name) or "") for name in ("doi", "pmid", "pmcid", "issn")}
        found |= {"container": str(item.get("journal") or ""), "pages": str(pages or "")}
        people = int(item.get("n_authors") or 0)
    found["authors"] = str(people) if people else ""
    return {field: value for field, value in found.items() if value.strip()}


def _plain(field: str, value: str) -> str:
    """A value for comparing: how it is spelled is not what is compared."""
    if field in ("title", "container"):
        return normal_title(re.sub(r"</?\w+>", "", value)).replace(" ", "")
    if field == "year":
        return str(year_in(value) or value)
    if field == "pages":
        return re.sub(r"\s", "", normal_pages(value) or "")
    if field == "doi":
        return find_doi(value) or value
    if field == "pmcid":
        return value.removeprefix("PMC")
    if field == "issn":
        return normal_issn(value) or value
    return " ".join(value.split())


def _got(field: str, row: dict[str, Any]) -> str:
    if field == "authors":
        return str(len(row["authors"]))
    value = row[_OURS.get(field, field)]
    return "" if value is None or value != value else str(value)


def _record_of(item: dict[str, Any], rows: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """The record of ``item``: by its key where it has one, by its place otherwise."""
    key = str(item.get("key") or "")
    return next((row for row in rows if key and row["key"].lower() == key.lower()), rows[place])


def compared(folder: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Folder, file, field, the other library's value and ours, of each value that it has."""
    names = {
        "__".join(path.relative_to(folder).parts).replace(" ", "__"): path
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "truth"
    }
    for truth in sorted((folder / "truth").glob("*.json")):
        path = names.get(truth.name.removesuffix(".json").replace(" ", "__"))
        if path is None:
            continue
        items = json.loads(truth.read_text(encoding="utf-8"))
        rows = load_citations(path).citations.to_dict("records")
        group = path.relative_to(folder).parts[0]
        yield group, path.name, "records", str(len(items)), str(len(rows))
        for place, item in enumerate(items[: len(rows)]):
            row = _record_of(item, rows, place)
            for field, value in _wanted(item).items():
                yield group, path.name, field, value, _got(field, row)


def main(argv: list[str]) -> int:
    """Print the table, and the values that differ; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks truth", description=__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="the folder of the files")
    parser.add_argument("--different", action="store_true", help="print every value that differs")
    options = parser.parse_args(argv)
    total: Counter[tuple[str, str]] = Counter()
    equal: Counter[tuple[str, str]] = Counter()
    for group, file, field, theirs, ours in compared(options.samples):
        total[group, field] += 1
        if _plain(field, theirs) == _plain(field, ours):
            equal[group, field] += 1
        elif options.different:
            sys.stdout.write(f"{group}/{file} {field}: {theirs[:100]!r}, here {ours[:100]!r}\n")
    sys.stdout.write(f"{'folder':<14}{'field':<12}{'compared':>9}{'equal':>8}{'different':>11}\n")
    for (group, field), count in sorted(total.items()):
        same = equal[group, field]
        sys.stdout.write(f"{group:<14}{field:<12}{count:>9}{same:>8}{count - same:>11}\n")
    return 0
