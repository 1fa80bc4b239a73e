"""Printed reference lists, pasted or saved as text: MLA, APA, Vancouver and their relatives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ipt_evidence.citations.normal_forms import normal_space
from ipt_evidence.citations.readers.fields import rejected
from ipt_evidence.citations.readers.printed_reference import Reference, parse_reference
from ipt_evidence.citations.records import ReadResult, Record

__all__ = ["Item", "find_references", "read_lines", "read_plain_text"]

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
            result.rejected.append(rejected(item.line, item.text, reason))
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
        source = reference.source
        found = source.container or source.kind == "book" or reference.url
        return bool(reference.title and reference.year and found)
    first = reference.authors[0]
    if not first["given"] and len(first["family"].split()) > _MAX_WORDS_OF_A_BODY:
        return False  # running text
    if reference.year is not None or reference.source.pages:
        return True
    found = reference.url or reference.source.container
    return bool(first["given"] and reference.title) and bool(
        found or len(reference.title.split()) >= _MIN_TITLE_WORDS
    )


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


_HEADINGS = re.compile(
    r"\s*#*\s*(?:\d+\.?\s*)?(?:references?(?: list)?|bibliograph(?:y|ie)|works cited|"
    r"literature(?: cited)?|literatur(?:verzeichnis)?|referencias(?: bibliograficas)?|bibliografia|"
    r"references cited)\s*:?\s*",
    re.IGNORECASE,
)
_MARKER = re.compile(r"[ \t]*(?:\[(\d{1,4})\]?|\((\d{1,4})\)|(\d{1,4})[.)])[ \t]*(?=[^\s\d])")
_INLINE = re.compile(r"(?:(?<=[.\d)\]])|^)[ \t]*\[(\d{1,4})\]?[ \t]+(?=[^\W\d_])")
_BULLET = re.compile(r"[ \t]*(?:[-*•·‣▪]|–)[ \t]+(?=\S)")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_MAX_GAP = 3
_WRAPPED_WIDTH = 110
"""Lists with a longer median line are not wrapped: each line is a reference."""


@dataclass(slots=True)
class Item:
    """One reference as printed, on one line, without its number or bullet."""

    line: int
    text: str


def split_references(text: str) -> tuple[list[Item], str]:
    """The references of ``text``, and a remark when something else was passed over.

    Numbered lists (also run together on one line, also with an unclosed ``[5``), lists with blank
    lines between the references, hanging indents, wrapped lines, and one reference a line. Text
    before a numbered list is running text, not a reference; the remark says how many lines.
    """
    lines = text.split("\n")
    numbered = _numbered(lines)
    if numbered is not None:
        return numbered
    lines = ["" if _HEADINGS.fullmatch(line) else line for line in lines]
    blocks = _blocks(lines)
    if _is_wrapped([line for block in blocks for _, line in block]):
        return [item for block in blocks for item in _unwrap(block)], ""
    return [_item(number, line) for block in blocks for number, line in block], ""


def _item(number: int, line: str) -> Item:
    for pattern in (_BULLET, _MARKER):
        match = pattern.match(line)
        if match is not None:
            line = line[match.end() :]
    return Item(number, " ".join(line.split()))


def _numbered(lines: list[str]) -> tuple[list[Item], str] | None:
    """References of a numbered list; None when ``lines`` do not hold one."""
    for marks in (_line_marks(lines), _inline_marks(lines)):
        chain = _last_chain(marks)
        later = [mark for mark in marks if chain and mark[:2] >= chain[0][:2]]
        if len(chain) >= 2 and len(chain) >= 0.8 * len(later) and not _is_one_a_line(lines, chain):
            break
    else:
        return None
    items: list[Item] = []
    last = (len(lines) - 1, 0, 0, len(lines[-1]))
    for (line, start, _, _), (end_line, _, _, end) in pairwise([*chain, last]):
        if line == end_line:
            parts = [lines[line][start:end]]
        else:
            parts = [lines[line][start:], *lines[line + 1 : end_line], lines[end_line][:end]]
        items += _without_number(line + 1, parts)
    before = [*lines[: chain[0][0]], lines[chain[0][0]][: chain[0][3]]]
    unnumbered = [_item(n, text) for n, text in enumerate(before, 1) if _is_reference(text)]
    items = [*unnumbered, *items]
    passed = sum(1 for text in before if text.strip() and not _HEADINGS.fullmatch(text))
    passed -= len(unnumbered)
    remark = f"{passed} lines of running text before the list are not references" if passed else ""
    return items, remark


_PAGES = re.compile(
    r"\d\s?[-–—]\s?\d+\W*(?:\(?\d{4}\)?\W*)?(?:(?:https?:|doi)\S*\s?\S*)?$", re.IGNORECASE
)


def _is_reference(line: str) -> bool:
    """Whether a line before a numbered list is a reference too, not running text."""
    if len(line) > _MAX_LENGTH or not _YEAR.search(line):
        return False
    return _NAME_START.match(line) is not None and _PAGES.search(line) is not None


def _without_number(line: int, parts: list[str]) -> Iterator[Item]:
    """The reference of a number, and those without one that follow it in lines of their own."""
    start = 0
    for position in range(1, len(parts) + 1):
        if position < len(parts) and not _is_unnumbered(parts, start, position):
            continue
        text = " ".join(" ".join(parts[start:position]).split())
        if text and not (start and _HEADINGS.fullmatch(text)):
            yield Item(line + start, text)
        start = position


def _is_unnumbered(parts: list[str], start: int, position: int) -> bool:
    """Whether a whole reference begins at ``position``, and another ends before it."""
    before = " ".join(parts[start:position]).strip()
    if not _YEAR.search(before) or not _starts_reference(parts[position], before):
        return False
    end = position + 1
    while end < len(parts) and parts[end].strip():
        end += 1
    return bool(_YEAR.search(" ".join(parts[position:end])))


_Mark = tuple[int, int, int, int]
"""Line, where the reference starts on it, its number, where its marker starts."""


def _line_marks(lines: list[str]) -> list[_Mark]:
    marks = []
    for number, line in enumerate(lines):
        match = _MARKER.match(line)
        if match is not None:
            marks.append(
                (number, match.end(), int(match[1] or match[2] or match[3]), match.start())
            )
            for inner in _INLINE.finditer(line, match.end()):
                marks.append((number, inner.end(), int(inner[1]), inner.start()))
    return marks


def _inline_marks(lines: list[str]) -> list[_Mark]:
    return [
        (number, match.end(), int(match[1]), match.start())
        for number, line in enumerate(lines)
        for match in _INLINE.finditer(line)
    ]


def _last_chain(marks: list[_Mark]) -> list[_Mark]:
    """The last run of rising numbers: a text's own citations come before its list."""
    if not marks:
        return []
    chain = [marks[-1]]
    for mark in reversed(marks[:-1]):
        if 0 < chain[-1][2] - mark[2] <= _MAX_GAP:
            chain.append(mark)
        elif mark[2] >= chain[-1][2] and chain[-1][2] <= 1:
            break
    return chain[::-1]


def _is_one_a_line(lines: list[str], chain: list[_Mark]) -> bool:
    """Whether references without a number stand among the numbered ones, one a line."""
    marked = {line for line, _, _, _ in chain}
    after = [(n, line) for n, line in enumerate(lines) if n > chain[0][0] and line.strip()]
    others = sum(1 for n, line in after if n not in marked and _YEAR.search(line))
    return others > len(chain) and not _is_wrapped([line for _, line in after])


def _blocks(lines: list[str]) -> list[list[tuple[int, str]]]:
    """Runs of filled lines, each line with its number from 1."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines, 1):
        if line.strip():
            blocks[-1].append((number, line))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a reference goes over several lines: short lines, many of them without a year."""
    if len(lines) < 2:
        return False
    widths = sorted(len(line) for line in lines)
    with_year = sum(1 for line in lines if _YEAR.search(line))
    indented = sum(1 for line in lines if line[:1].isspace())
    if 0 < indented < len(lines) and with_year < len(lines) - indented / 2:
        return True
    return widths[len(widths) // 2] <= _WRAPPED_WIDTH and with_year <= 0.7 * len(lines)


def _unwrap(block: list[tuple[int, str]]) -> list[Item]:
    """The references of a run of lines without a blank line between them."""
    indents = {line[:1].isspace() for _, line in block[1:]}
    hanging = len(indents) == 2 or (indents == {True} and not block[0][1][:1].isspace())
    starts = [0]
    for position, ((_, before), (_, line)) in enumerate(pairwise(block), 1):
        new = not line[:1].isspace() if hanging else _starts_reference(line, before)
        if new:
            starts.append(position)
    items = []
    for start, end in pairwise([*starts, len(block)]):
        first, *rest = block[start:end]
        joined = _item(*first)
        for _, line in rest:
            glue = "" if joined.text.endswith("-") and line.strip()[:1].islower() else " "
            joined.text = f"{joined.text}{glue}{line.strip()}"
        joined.text = " ".join(joined.text.split())
        items.append(joined)
    return items


_NAME_START = re.compile(
    r"\s*(?:\[?\d{1,4}[\].)]|(?:(?:van|von|de|der|den|la|le|di|da|ten|ter|dos|el|al|d['’])\s*)*[^\W\d_a-zß-ÿ][\w'’‐-]+"
    r"(?:[ -][^\W\d_a-z][\w'’‐-]+){0,2}(?:,\s*[^\W\d_a-z]|\s+[A-Z]{1,3}\b[,.]))"
)
_ENDED = re.compile(r"(?:[.\d)\]/]|https?://\S+|10\.\d{4,}\S+)[\"”’]?\s*$")


def _starts_reference(line: str, before: str) -> bool:
    """Whether ``line`` begins like an author list and the line before it is finished."""
    return _NAME_START.match(line) is not None and _ENDED.search(before) is not None
