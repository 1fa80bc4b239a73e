"""Printed reference lists, pasted or saved as text: MLA, APA, Vancouver and their relatives.

splitting.py  text → references (numbered, wrapped, blank lines, one a line)
parsing.py    reference → title, authors, year, identifiers
authors.py    author lists
source.py     journal, volume, issue, pages
"""

from __future__ import annotations

import re

from ipt_evidence.citations.readers.plain_text.parsing import Reference, parse_reference
from ipt_evidence.citations.readers.plain_text.splitting import Item, split_references
from ipt_evidence.citations.records import ReadResult, Record, Rejected, normal_space

__all__ = ["find_references", "read_lines", "read_plain_text"]

_SAME_AUTHORS = re.compile(r"\W{0,3}(?:[—–_]{2,}|-{3,})[\s.,]*")
"""Dashes in the place of a name: the authors of the reference before."""

_LIST_MARK = re.compile(
    r"^(?:[-*•·‣▪]\s+|\[?\d{1,5}[.)\]]\s+|[\"“](?=[^\"”]+[\"”]$))|(?<=\S)[\"”]$"
)
_PRINTED = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d).*\W|\(in press\)", re.DOTALL)
_MIN_TITLE_WORDS = 3
_MAX_WORDS_OF_A_BODY = 10
_MIN_LETTERS = 10
_MAX_LENGTH = 5_000
_MAX_SHOWN = 2_000


def find_references(text: str) -> int | None:
    """Plain text is the last resort: whatever no other format claims is tried."""
    return 0


def read_plain_text(text: str) -> ReadResult:
    """Records of a printed reference list; lines that are no reference are rejected.

    A record needs a title, or authors with a year, or an identifier. ``raw`` holds the reference
    as printed under ``reference``.
    """
    items, remark = split_references(text)
    result = ReadResult(note=remark)
    for item in items:
        reason = _refusal(item.text)
        reference = Reference()
        if not reason:
            dashes = _SAME_AUTHORS.match(item.text)
            text = _SAME_AUTHORS.sub("Same, S. ", item.text, count=1) if dashes else item.text
            reference = parse_reference(normal_space(text))
            if dashes:
                reference.authors = list(result.records[-1].authors) if result.records else []
            reason = (
                "" if _is_enough(reference) else "no author, title and year could be told apart"
            )
        if reason:
            result.rejected.append(Rejected(item.line, item.text[:_MAX_SHOWN], reason))
        else:
            result.records.append(_record(item, reference))
    return result


def read_lines(text: str) -> ReadResult:
    """One record for each line that is not empty: a printed reference, or else a bare title."""
    result = ReadResult()
    for number, line in enumerate(text.split("\n"), 1):
        item = Item(number, _LIST_MARK.sub("", " ".join(line.split())))
        if not item.text:
            continue
        reference = Reference()
        if _PRINTED.search(item.text) and not _refusal(item.text):
            reference = parse_reference(normal_space(item.text))
        people = [person for person in reference.authors if person["given"]]
        if people and len(reference.title.split()) >= _MIN_TITLE_WORDS:
            result.records.append(_record(item, reference))
        else:
            raw = {"title": item.text}
            record = Record("", "misc", number, raw, title=normal_space(item.text[:_MAX_LENGTH]))
            result.records.append(record)
    return result


def _refusal(text: str) -> str:
    if sum(sign.isalpha() for sign in text) < _MIN_LETTERS:
        return "too short to be a reference"
    if len(text) > _MAX_LENGTH:
        return f"longer than {_MAX_LENGTH} characters: running text, or a list without line breaks"
    return ""


def _is_enough(reference: Reference) -> bool:
    if reference.doi or reference.pmid:
        return True
    if not reference.authors:
        return bool(reference.title and reference.year and reference.source.container)
    first = reference.authors[0]
    if not first["given"] and len(first["family"].split()) > _MAX_WORDS_OF_A_BODY:
        return False  # running text
    if reference.year is not None or reference.source.pages:
        return True
    return bool(first["given"]) and len(reference.title.split()) >= 3


def _record(item: Item, reference: Reference) -> Record:
    source = reference.source
    return Record(
        key="",  # the loader makes one
        type=source.kind,
        source_line=item.line,
        raw={"reference": item.text},
        title=reference.title or None,
        authors=reference.authors,
        et_al=reference.et_al,
        year=reference.year,
        container_title=source.container or None,
        volume=source.volume,
        issue=source.issue,
        pages=source.pages,
        doi=reference.doi,
        pmid=reference.pmid,
        url=reference.url,
    )
