"""PubMed's texts for reading: ``Summary (text)``, a paragraph a record, and ``Abstract (text)``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ipt_evidence.citations.identifiers import find_doi, registry_ids_in
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import Tags, build_record, rejected
from ipt_evidence.citations.readers.nbib import plain_title
from ipt_evidence.citations.readers.source_lines import split_source
from ipt_evidence.citations.records import Person, ReadResult, Record

__all__ = ["cut_pubmed_text", "find_pubmed_text", "read_pubmed_text"]

_TAGS: Tags = {
    "title": ("title",),
    "container_title": ("container_title",),
    "date": ("year",),
    "volume": ("volume",),
    "issue": ("issue",),
    "pages": ("pages",),
    "abstract": ("abstract",),
    "pmid": ("PMID",),
    "pmcid": ("PMCID",),
}
_SUMMARY = re.compile(r"^\d{1,6}: (?=\S)", re.MULTILINE)
# Only the journal's name stands before the year: a printed list has authors and title there.
_ABSTRACT = re.compile(
    r"^\d{1,6}\. (?=(?:(?!\. )[^\n]){2,200}?\. (?:1[89]|20)\d\d[ ;.])", re.MULTILINE
)
_PMID = re.compile(r"\bPMID: (\d{1,9})\b")
_PMCID = re.compile(r"\bPMCID: (PMC\d+)")
_IDENTIFIERS = re.compile(r"(?:DOI|PMID|PMCID): ")
_SOURCE = re.compile(
    r"(?:^|(?<=[.?!\]] ))([^.?!]+)\. ((?:1[89]|20)\d\d(?:[ -][A-Z][a-z]{2,5}[^;.:]*)?[;.].*)$", re.S
)
_NAME = r"[^\W\d_][^,;.]{0,60}? [^\W\d_a-zß-ÿ]{1,4}(?: (?:Jr|Sr|2nd|3rd|[IV]{2,3}))?"
_NAMES = re.compile(rf"{_NAME}(?:, {_NAME})*(?:, et al|; [^.]{{3,200}})?|[^.,;]{{3,150}};?")
_MARKS = re.compile(r"(?:\([\d*†‡§¶#]{1,4}\))+")
_NO_ABSTRACT = re.compile(
    r"(?:Author information|Collaborators|Comment in|Comment on|Erratum in|Update in|Update of|"
    r"Republished|Retraction in|Conflict of interest|Copyright|©|Published by|DOI:|PMID:|PMCID:)"
)
_LOOKED_AT = 20_000


def _style(text: str) -> tuple[re.Pattern[str], int] | None:
    """How records start in ``text``, and where the first one does; None when it is neither."""
    for start in (_SUMMARY, _ABSTRACT):
        match = start.search(text[:_LOOKED_AT])
        if match is not None and _PMID.search(text, match.start(), match.end() + _LOOKED_AT):
            return start, match.start()
    return None


def find_pubmed_text(text: str) -> int | None:
    """Where the first record starts in ``text``; None when it is no text of PubMed's."""
    found = _style(text)
    return found[1] if found else None


def cut_pubmed_text(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = _style(text)
    starts = [match.start() for match in found[0].finditer(text)] if found else []
    return starts[-1] if len(starts) > 1 else 0


def read_pubmed_text(text: str) -> ReadResult:
    """Records of a text of PubMed's; paragraphs in which nothing can be told apart are rejected."""
    result = ReadResult()
    found = _style(text)
    if found is None:
        return result
    for line, block in _blocks(text, found[0]):
        values = _summary(block) if found[0] is _SUMMARY else _abstract(block)
        if not values.get("title") and not values.get("PMID"):
            result.rejected.append(rejected(line, block))
        else:
            result.records.append(_record(values, line, block))
    return result


def _blocks(text: str, start: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Line and text of each record; a numbered line in an abstract starts none."""
    starts = [0]
    for match in start.finditer(text):
        before = text[: match.start()].rstrip(" ")
        if not before or before.endswith("\n\n") or start is _SUMMARY:
            starts.append(match.start())
    line, counted = 1, 0
    for begin, stop in pairwise([*starts[1:], len(text)]):
        line += text.count("\n", counted, begin)
        counted = begin
        yield line, text[begin:stop]


def _identifiers(text: str) -> dict[str, str]:
    found = {"PMID": _PMID.search(text), "PMCID": _PMCID.search(text)}
    return {name: match.group(1) for name, match in found.items() if match}


def _summary(block: str) -> dict[str, str]:
    """Fields of a record in one paragraph: number, authors, title, source line, identifiers."""
    text = " ".join(_SUMMARY.sub("", block, count=1).split())
    source = _SOURCE.search(text)
    values = _identifiers(text)
    if source is None:
        return values
    before = text[: source.start()].rstrip()
    names, stop, title = before.partition(". ")
    if not stop or not _NAMES.fullmatch(names) or len(title) < 2:
        names, title = "", before
    values |= {"authors": names, "title": title, "source": text[source.start() :]}
    return values


def _abstract(block: str) -> dict[str, str]:
    """Fields of a record in paragraphs: source, title, authors, ..., abstract, identifiers."""
    parts = [" ".join(part.split()) for part in block.split("\n\n") if part.strip()]
    last = next((part for part in reversed(parts) if _IDENTIFIERS.match(part)), parts[-1])
    values = _identifiers(last if len(parts) > 1 else block)
    values["source"] = _ABSTRACT.sub("", f"{parts[0]} ", count=1).strip()
    if len(parts) > 1:
        values["title"] = parts[1]
    rest = [part for part in parts[2:] if not part.startswith("[Article in ")]
    if rest and (names := _MARKS.sub("", rest[0]).rstrip(".")) and _NAMES.fullmatch(names):
        values["authors"] = names
        rest = rest[1:]
    texts = [part for part in rest if not _NO_ABSTRACT.match(part)]
    values["abstract"] = " ".join(texts)
    return values


def _record(values: dict[str, str], line: int, block: str) -> Record:
    source = values.get("source", "")
    values = split_source(source) | {name: text for name, text in values.items() if text}
    authors, et_al = _authors(values.get("authors", ""))
    record = build_record(
        values,
        line,
        _TAGS,
        key=f"pmid{values['PMID']}" if "PMID" in values else "",
        type="article",
        authors=authors,
        et_al=et_al,
        doi=find_doi(source) or find_doi(block[block.rfind("DOI:") :]),
        registry_ids=registry_ids_in(values.get("title"), values.get("abstract")),
    )
    record.title = plain_title(record.title)
    return record


def _authors(names: str) -> tuple[list[Person], bool]:
    """People before the semicolon, bodies behind it."""
    people, _, bodies = names.partition(";")
    found, et_al = people_of(people.split(", "))
    bodies = bodies.strip(" .;")
    found += ({"family": name.strip(), "given": ""} for name in bodies.split(";") if name.strip())
    return found, et_al
