"""How well printed references are read: title, year, container and authors exactly right.

    python -m benchmarks printed [--labelled FILE] [--wrong FIELD]

Without a file the bundled references are printed in each style that the project writes and read
back. ``--labelled`` names an XML file of references with labelled parts, such as AnyStyle's
``gold.xml`` (a ``sequence`` a reference; in it ``author``, ``title``, ``journal`` or
``container-title``, ``date``); its references are grouped by the order of their parts. Shares are
of the references that have the part. Letters and digits are compared, without case, accents, spaces
and punctuation. A label holds all authors as one text: they are right when the names that were read
have exactly its letters and none of them looks like two people.
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

from ipt_evidence import load_citations
from ipt_evidence.citations.normal_forms import normal_space, normal_title, year_in
from ipt_evidence.citations.readers.printed_reference import Reference, parse_reference
from ipt_evidence.citations.writers.formatted import STYLES, references
from ipt_evidence.paths import default_data_folder

__all__ = ["FIELDS", "Printed", "labelled", "main", "rendered", "right"]

_ALL = "all"
_NUMBER = re.compile(r"^\d+\.\s+")
_FIRST_LETTERS = re.compile(r"\b[^\W\d_]")

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
    for sequence in ElementTree.parse(path).getroot():  # noqa: S314 - a file of one's own
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
    """``citations`` with authors and title, in each style that the project writes."""
    for style, label in STYLES.items():
        for position in range(len(citations)):
            one = citations.iloc[[position]]
            row = one.to_dict("records")[0]
            if not row["authors"] or not isinstance(row["title"], str):
                continue
            year, container = row["year"], row["container_title"]
            text = references(one, style)[0]
            shortened = "et al" in text or "…" in text  # it names some of its authors only
            yield Printed(
                text=_NUMBER.sub("", text),
                style=label,
                title=row["title"],
                year=None if pd.isna(year) else int(year),
                container=container if isinstance(container, str) else "",
                authors="" if shortened else _names(row["authors"]),
            )


def _names(people: list[dict[str, str]]) -> str:
    """The names as these styles print them: initials instead of given names."""
    return "; ".join(
        f"{person['family']} {''.join(_FIRST_LETTERS.findall(person['given']))}"
        for person in people
    )


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
    parser.add_argument("--labelled", type=Path, help="an XML file of labelled references")
    parser.add_argument("--wrong", choices=FIELDS, help="print what is wrong in this field")
    options = parser.parse_args(argv)
    write = sys.stdout.write
    if options.labelled:
        wanted = labelled(options.labelled)
    else:
        wanted = rendered(load_citations(default_data_folder() / "references.bib").citations)
    counts: Counter[tuple[str, str, bool]] = Counter()
    for want in wanted:
        got = parse_reference(want.text)
        for field in FIELDS:
            if not getattr(want, field):
                continue
            fits = right(field, want, got)
            counts[want.style, field, fits] += 1
            counts[_ALL, field, fits] += 1
            if field == options.wrong and not fits:
                write(f"{want.text}\n  is    {getattr(want, field)}\n  read  {got}\n")
    write(_table(counts))
    return 0


def _table(counts: Counter[tuple[str, str, bool]]) -> str:
    """A line a style: the share right and the number of references with each field."""
    lines = [f"{'style':26s}" + "".join(f"{field:>16s}" for field in FIELDS)]
    for style in [*sorted({style for style, _, _ in counts} - {_ALL}), _ALL]:
        cells = []
        for field in FIELDS:
            fits, fails = counts[style, field, True], counts[style, field, False]
            cells.append(f"{fits / max(fits + fails, 1):.3f} of {fits + fails:5d}")
        lines.append(f"{style:26s}" + "".join(f"{cell:>16s}" for cell in cells))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
