"""Citations to BibTeX and biblatex.

A field that came from BibTeX and still says what the table says is written as it stood in its
file, LaTeX and all. Every other field is written from the table, escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipt_evidence.citations.identifiers import normal_doi
from ipt_evidence.citations.readers.bibtex import to_record
from ipt_evidence.citations.records import Person
from ipt_evidence.citations.writers.rows import (
    Row,
    accessed,
    common_extras,
    editors,
    is_corporate,
    iso_parts,
    one_line,
    raw_origin,
    unnamed_trials,
)

__all__ = ["biblatex_pieces", "bibtex_pieces"]

_TYPE = re.compile(r"[A-Za-z]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_:+.-]*")
_UNSAFE_IN_KEY = re.compile(r"[^A-Za-z0-9_:.+/-]+")
_ESCAPES = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces even behind a backslash: \{ in one field would run into the next.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_RUNS = re.compile(r"[\s{]*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\{}$&%#_~^]|-(?=-)|`(?=`)|'(?=')")
_CAPITALS = re.compile(r"(?<![\w\\{])[^\W_]+[A-Z]\w*(?![\w}])")
_IN_BOOKS = frozenset(
    "incollection inproceedings inbook conference inreference suppbook proceedings".split()
)
_VERBATIM = frozenset({"doi", "url", "pmid", "pmcid", "issn", "eprint", "file"})
# Which raw fields a column is read from; where the table says otherwise, they give way to it.
_FIELDS_OF = {
    "title": ("title", "subtitle"),
    "authors": ("author", "editor"),
    "year": ("year", "date", "month", "day"),
    "container_title": ("journal", "journaltitle", "booktitle", "maintitle"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages", "eid"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed_id"),
    "abstract": ("abstract",),
    "keywords": ("keywords", "keyword", "author_keywords", "mesh"),
    "url": ("url", "howpublished", "link"),
    "language": ("language", "langid"),
    "pmcid": ("pmcid",),
    "issn": ("issn",),
    "registry_ids": ("registration",),
}


def bibtex_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """BibTeX text with one entry a row, in their order.

    Keys are made safe and unique, control characters dropped. A value whose braces do not balance
    would swallow what follows: its braces are dropped.
    """
    return _entries(rows, biblatex=False)


def biblatex_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """As `bibtex_pieces`, in biblatex's names: ``journaltitle`` and ``date``."""
    return _entries(rows, biblatex=True)


def _entries(rows: Iterable[Row], *, biblatex: bool) -> Iterator[str]:
    taken: set[str] = set()
    for number, row in enumerate(rows):
        entry = _entry(row, taken, biblatex)
        yield f"\n{entry}" if number else entry


def _entry(row: Row, taken: set[str], biblatex: bool) -> str:
    kind = row["type"] if _TYPE.fullmatch(row["type"]) else "misc"
    if kind.lower() in ("comment", "preamble", "string"):
        kind = "misc"
    lines = [f"@{kind}{{{_safe_key(row['key'], taken)},"]
    written: set[str] = set()
    for name, value in _fields(row, biblatex):
        if name.lower() not in written and value:
            written.add(name.lower())
            lines.append(f"  {name} = {{{value}}},")
    return "\n".join([*lines, "}\n"])


def _safe_key(key: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    safe = _UNSAFE_IN_KEY.sub("-", plain).strip("-") or "record"
    key, number = safe, 2
    while key.lower() in taken:
        key, number = f"{safe}-{number}", number + 1
    taken.add(key.lower())
    return key


def _fields(row: Row, biblatex: bool) -> Iterator[tuple[str, str]]:
    raw = row["raw"] if raw_origin(row["raw"]) == "bibtex" else {}
    changed = _changed(row, raw) if raw else set(_FIELDS_OF)
    replaced = {name for column in changed for name in _FIELDS_OF[column]}
    for name, value in raw.items():
        base = name.partition("#")[0]  # a repeated field, as the reader keeps it
        if base not in replaced and isinstance(value, str) and _FIELD.fullmatch(base):
            if base in _FIELDS_OF["url"] and _RUNS.match(
                value
            ):  # a reference manager would make a link of it
                base = name = f"unsafe-{base}"
            yield base if base == name else f"{base}-{name.partition('#')[2]}", _balanced(value)
    for name, value in _from_table(row, biblatex):
        if name[0] in changed:
            yield name[1], value
    if raw_origin(row["raw"]) != "bibtex" and (date := accessed(row)):
        yield "urldate", date
    for name, value in common_extras(row, "bibtex").items():
        yield name, value if name in _VERBATIM else _escape(value)


def _changed(row: Row, raw: Mapping[str, str]) -> set[str]:
    """Columns in which the table says something else than the fields of the entry."""
    read = to_record(row["type"], row["key"], 0, dict(raw), dict(raw))
    changed = set()
    for column in _FIELDS_OF:
        found, wanted = getattr(read, column, None), row.get(column)
        if (found or None) != (wanted or None):
            changed.add(column)
    if read.et_al != bool(row["et_al"]):
        changed.add("authors")
    return changed


def _from_table(row: Row, biblatex: bool) -> Iterator[tuple[tuple[str, str], str]]:
    """((column, field), value) of what the table says."""
    edited = editors(row)
    alone = row["authors"] == edited
    texts: tuple[tuple[str, str, Any], ...] = (
        ("title", "title", _protected(row["title"] or "")),
        ("authors", "author", "" if alone else _names(row["authors"], et_al=row["et_al"])),
        ("authors", "editor", _names(edited, et_al=alone and row["et_al"])),
        ("container_title", _container_field(row, biblatex), _escape(row["container_title"] or "")),
        ("volume", "volume", _escape(row["volume"] or "")),
        ("issue", "number", _escape(row["issue"] or "")),
        ("pages", "pages", _escape(row["pages"] or "").replace("-", "--", 1)),
        ("doi", "doi", _plain(row["doi"] or "")),
        ("pmid", "pmid", _plain(row["pmid"] or "")),
        ("pmcid", "pmcid", _plain(row.get("pmcid") or "")),
        ("issn", "issn", _plain(row.get("issn") or "")),
        ("url", "url", _plain(row["url"] or "")),
        ("language", "language" if not biblatex else "langid", _escape(row["language"] or "")),
        ("keywords", "keywords", _keywords(row["keywords"])),
        ("abstract", "abstract", _escape(row["abstract"] or "")),
        ("registry_ids", "registration", "; ".join(unnamed_trials(row))),
    )
    yield from _date(row, biblatex)
    for column, field, value in texts:
        yield (column, field), value


def _date(row: Row, biblatex: bool) -> Iterator[tuple[tuple[str, str], str]]:
    parts = iso_parts(row)
    if not parts:
        return
    if biblatex:
        yield ("year", "date"), "-".join(f"{part:02d}" for part in parts)
        return
    yield ("year", "year"), str(parts[0])
    if len(parts) > 1:
        yield ("year", "month"), str(parts[1])
    if len(parts) > 2:  # BibTeX's own styles pass over it
        yield ("year", "day"), str(parts[2])


def _container_field(row: Row, biblatex: bool) -> str:
    if row["type"].lower() in _IN_BOOKS:
        return "booktitle"
    return "journaltitle" if biblatex else "journal"


def _names(people: list[Person], *, et_al: bool) -> str:
    names = [_name(person) for person in people]
    if et_al and names:
        names.append("others")
    return " and ".join(name for name in names if name)


def _name(person: Mapping[str, str]) -> str:
    family = _escape(person.get("family", ""))
    if is_corporate(person):
        plain = bool(re.fullmatch(r"[^\W\d_]+", family)) and family.lower() != "others"
        return family if plain else f"{{{family}}}"
    given, suffix = _escape(person["given"]), _escape(person.get("suffix", ""))
    parts = [family, suffix, given] if suffix else [family, given]
    return ", ".join(_unsplit(part) for part in parts)


def _unsplit(part: str) -> str:
    """A part of a name in braces when BibTeX would read it as several names or parts."""
    risky = "," in part or re.search(r"(?:^|\s)and(?:\s|$)", part, re.IGNORECASE)
    return f"{{{part}}}" if risky else part


def _keywords(words: list[str]) -> str:
    """Keywords with commas, or with semicolons where a keyword holds a comma."""
    texts = [one_line(word) for word in words]
    joint = "; " if any("," in word for word in texts) else ", "
    joined = _escape(joint.join(texts))
    return f"{joined};" if len(texts) == 1 and "," in joined else joined


def _escape(text: str) -> str:
    return _SPECIAL.sub(_escaped, one_line(text))


def _escaped(match: re.Match[str]) -> str:
    sign = match.group()
    return _ESCAPES.get(sign, f"{sign}{{}}")  # -{}- stays two hyphens instead of a dash


def _protected(title: str) -> str:
    """A title whose abbreviations keep their capitals in styles that set titles in lower case."""
    return _CAPITALS.sub(lambda match: f"{{{match.group()}}}", _escape(title))


def _plain(text: str) -> str:
    """An identifier or address as it is: LaTeX takes these verbatim, but for braces."""
    return re.sub(r"[{}\\\s]", "", text) if not normal_doi(text) else re.sub(r"[{}\s]", "", text)


def _balanced(value: str) -> str:
    depth = 0
    for position, character in enumerate(value):
        if position and value[position - 1] == "\\":
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    return value if depth == 0 else value.replace("{", "").replace("}", "")
