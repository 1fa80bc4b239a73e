"""How well printed references are read: title, year, container and authors exactly right.

    python -m benchmarks printed [--labelled FILE] [--wrong FIELD]

Without a file the bundled references are set in six styles and read back. ``--labelled`` names an
XML file of references with labelled parts, as AnyStyle's ``gold.xml`` (a ``sequence`` a reference,
in it ``author``, ``title``, ``journal`` or ``container-title``, ``date``): its references are
grouped by the order of their parts. Shares are of the references that have the part. Letters and
digits are compared, without case, accents, spaces and punctuation. Authors are right when there
are as many, in order, each with the family and given names of the label.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from ipt_evidence.citations.normal_forms import normal_space, normal_title, year_in
from ipt_evidence.citations.readers.printed_reference import Reference, parse_reference
from ipt_evidence.citations.writers.formatted import STYLES, references

__all__ = ["FIELDS", "Printed", "labelled", "main", "rendered", "right"]

FIELDS = ("title", "year", "container", "authors")
_IN = re.compile(r"^\W*(?:in|en|dans|em)\b\s*:?\s*", re.IGNORECASE)
_OTHERS = re.compile(r"\[?\bet\.?\s*al(?:ii|\b)\.?\]?|\band others\b|(?:\.\s?){3}|…", re.IGNORECASE)
_DASHES = re.compile(r"\W*(?:[—–_]+|-{3})\W*$")
_AND = re.compile(r"\b(?:[Aa]nd|und|et|y|e|a|[Tt]he)\b")
_ROLE = re.compile(r"[(\[]?\b(?:eds?|editors?|hrsg|dir|org)\b\.?[)\]]?", re.IGNORECASE)
_WHOLE_NAME = re.compile(r"[^\W\d_a-z][\w’'-]{2,} [^\W\d_a-z][\w’'-]{2,}")


@dataclass(frozen=True, slots=True)
class Printed:
    """One reference as printed, its style, and what it says; parts that it lacks are empty."""

    text: str
    style: str
    title: str
    year: int | None
    container: str
    authors: str


def labelled(path: Path) -> Iterator[Printed]:
    """References of a labelled file. Authors are one text there, cut at commas and ``and``."""
    for sequence in ElementTree.parse(path).getroot():
        parts = [(part.tag, normal_space(part.text or "")) for part in sequence]
        if _DASHES.match(parts[0][1]):
            continue  # the authors of the reference before
        found: dict[str, str] = {}
        for tag, text in parts:
            found.setdefault(tag, text)
        yield Printed(
            text=" ".join(text for _, text in parts),
            style=_style_of([tag for tag, _ in parts], found),
            title=found.get("title", ""),
            year=year_in(found.get("date")),
            container=_IN.sub("", found.get("journal") or found.get("container-title", "")),
            authors=_OTHERS.sub("", _ROLE.sub("", found.get("author", ""))),
        )


def _style_of(tags: list[str], found: dict[str, str]) -> str:
    if found.get("title", "")[:1] in ("“", '"', "«", "‘", "'", "„"):
        return "title in quotation marks"
    if "author" not in found or "title" not in found:
        return "without author or title"
    if "date" in tags and tags.index("date") < tags.index("title"):
        return "year behind the authors"
    if found["author"].endswith((",", ";")) or found["title"].endswith(","):
        return "parts between commas"
    return "parts as sentences"


def _letters(text: str) -> str:
    return "".join(sorted(normal_title(_AND.sub(" ", text)).replace(" ", "")))


def rendered(citations: pd.DataFrame) -> Iterator[Printed]:
    """``citations`` in the styles that the project writes, and in MLA, Harvard and IEEE."""
    rows = list(citations.itertuples())
    for style in STYLES:
        for row in rows:
            one = citations.loc[[row.Index]]
            yield _of_row(row, references(one, style)[0], style)
    for style, form in _FORMS.items():
        for row in rows:
            if row.authors and row.title and row.container_title:
                yield _of_row(row, form(row), style)


def _of_row(row: object, text: str, style: str) -> Printed:
    get = lambda name: getattr(row, name)  # noqa: E731
    people = [f"{person['family']} {person['given']}" for person in get("authors")]
    known = lambda value: value if isinstance(value, str) else ""  # noqa: E731
    year = get("year")
    return Printed(
        text=re.sub(r"^\d+\.\s+", "", text),
        style=style,
        title=known(get("title")),
        year=None if pd.isna(year) else int(year),
        container=known(get("container_title")),
        authors="; ".join(people),
    )


_FORMS: dict[str, object] = {}


def right(field: str, want: Printed, got: Reference) -> bool:
    """Whether ``field`` of ``got`` is what the reference says."""
    if field == "year":
        return want.year == got.year
    if field == "authors":
        names = " ".join(part for item in got.authors for part in item.values())
        two = any(
            _WHOLE_NAME.fullmatch(item["family"]) and _WHOLE_NAME.fullmatch(item["given"])
            for item in got.authors
        )
        return _letters(names) == _letters(want.authors) and not two
    value = got.title if field == "title" else got.source.container
    mine, yours = normal_title(getattr(want, field)), normal_title(value)
    return mine.replace(" ", "") == yours.replace(" ", "")


def main(argv: list[str]) -> int:
    """Print the shares for each style; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks printed", description=__doc__)
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--wrong", choices=FIELDS)
    options = parser.parse_args(argv)
    counts: Counter[tuple[str, str, bool]] = Counter()
    for want in labelled(options.labelled):
        got = parse_reference(want.text)
        for field in FIELDS:
            if not getattr(want, field):
                continue
            ok = right(field, want, got)
            counts[want.style, field, ok] += 1
            counts["all", field, ok] += 1
            if field == options.wrong and not ok:
                print(want.text[:260])
                print("   want", repr(getattr(want, field)) if field != "authors" else want.authors)
                print(
                    "   got ",
                    got.authors
                    if field == "authors"
                    else (got.title, got.year, got.source.container),
                )
    styles = sorted({style for style, _, _ in counts} - {"all"}) + ["all"]
    print(f"{'style':30s} " + " ".join(f"{field:>16s}" for field in FIELDS))
    for style in styles:
        cells = []
        for field in FIELDS:
            yes, no = counts[style, field, True], counts[style, field, False]
            cells.append(f"{yes / max(yes + no, 1):.3f} of {yes + no:5d}")
        print(f"{style:30s} " + " ".join(f"{cell:>16s}" for cell in cells))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
