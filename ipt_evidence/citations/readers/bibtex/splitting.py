"""A BibTeX file → its entries, one regular expression an entry.

bibtexparser reads a whole file with one splitter, so that one faulty entry can take its neighbours
along. Here a file is cut into entries first. An entry that is well-formed is tokenised in
one pass; whatever that refuses goes, alone, to `repair.py`. What stands between entries is
ignored, as BibTeX does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from ipt_evidence.citations.readers.bibtex.macros import Concatenation, Macros, resolve_macros
from ipt_evidence.citations.readers.fields import one_table

__all__ = ["Block", "note_repeated", "read_rest", "split_blocks"]

# Possessive quantifiers (``*+``) never backtrack: the time is linear whatever the input.
_NEST = r"[^{}]*+"
for _ in range(6):  # braces up to seven deep; deeper ones are left to repair.py
    _NEST = rf"[^{{}}]*+(?:\{{{_NEST}\}}[^{{}}]*+)*+"
_BRACED = rf"\{{({_NEST})\}}"
_QUOTED = rf'"([^"{{}}]*+(?:\{{{_NEST}\}}[^"{{}}]*+)*+)"'
_BARE = r"([^\s{}\",=#()%@]++)"
_PIECE = rf"(?:{_BRACED}|{_QUOTED}|{_BARE})"
_NAME = r"[^\s{}\",=#()%@]++"
_PLAIN_PIECE = re.sub(r"(?<!\\)\((?!\?)", "(?:", _PIECE)
_REST = rf"((?:\s*+\#\s*+{_PLAIN_PIECE})*+)"
_FIELD = rf",\s*+({_NAME})\s*+=\s*+{_PIECE}\s*+{_REST}\s*+"
_PLAIN_FIELD = re.sub(r"(?<!\\)\((?!\?)", "(?:", _FIELD)
_HEAD = r"@[ \t]*+([^\W\d_][\w-]*+)\s*+"

_ENTRY = re.compile(rf"{_HEAD}\{{\s*+([^,{{}}=\n]*+)((?:{_PLAIN_FIELD})*+)(?:,\s*+)*+\}}")
_PAREN_ENTRY = re.compile(rf"{_HEAD}\(\s*+([^,{{}}=\n()]*+)((?:{_PLAIN_FIELD})*+)(?:,\s*+)*+\)")
_FIELDS_AND_REST = re.compile(rf"{_FIELD}|(.+)", re.DOTALL)
_KEY = re.compile(r"\s*+([^,{}=\n]*+)")
_CLOSING = re.compile(r"(?:,\s*+)*+\}")
_PIECES = re.compile(_PIECE)
_START = re.compile(rf"{_HEAD}([{{(])")
_NEXT_LINE_START = re.compile(r"\n[ \t]*@[ \t]*[^\W\d_][\w-]*\s*[{(]")
_STRAY_FIELD = re.compile(r"\s*+(?:,\s*+)?[^\W\d][\w.+:-]*\s*=\s*[{\"\d]")
_KNOWN_LINE_START = re.compile(
    r"\n[ \t]*@[ \t]*(?:article|book|booklet|collection|conference|inbook|incollection|"
    r"inproceedings|manual|mastersthesis|misc|online|phdthesis|proceedings|report|techreport|"
    r"thesis|unpublished)\s*[{(]",
    re.IGNORECASE,
)
_DEFINITION = re.compile(rf"\s*+,?\s*+({_NAME})\s*+=\s*+{_PIECE}\s*+{_REST}\s*+[,}})]?")
_REST_HERE = re.compile(_REST)
_BRACED_BLOCK = re.compile(_BRACED)

_MAX_NAMES = 1_000
_SURELY_SHORT = 20_000
MAX_WINDOW = 64
"""How many line starts with ``@`` an entry may contain inside its values."""

MAX_ENTRY_CHARACTERS = 2_000_000
"""A longer stretch without a closed entry is not looked at as one entry."""


@dataclass(slots=True)
class Block:
    """One entry as the file holds it.

    ``fields`` is None where the entry is not well-formed: then only ``text``, the whole block, is
    known, which is empty otherwise. A value of several pieces, or the name of a macro, waits in
    ``waiting`` until all of the file has been seen.
    """

    type: str
    key: str
    line: int
    text: str
    fields: dict[str, str] | None = None
    waiting: dict[str, Concatenation] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    repeats: dict[str, int] = field(default_factory=dict)


def split_blocks(text: str) -> tuple[list[Block], Macros]:
    """The entries of ``text`` in file order, and its @string macros beside the months.

    ``@comment`` and ``@preamble`` are passed over, as are entries behind a ``%`` on their line.
    """
    blocks: list[Block] = []
    macros: dict[str, Concatenation] = {}
    position = line_position = 0
    line = 1
    table = one_table()
    while (at := text.find("@", position)) >= 0:
        start = _START.match(text, at)
        if start is None or _is_text(text, at):
            position = at + 1
            continue
        line += text.count("\n", line_position, at)
        line_position = at
        kind = start.group(1).lower()
        if kind == "comment" or kind == "preamble":
            position = _skip(text, start)
        elif kind == "string":
            position = _read_strings(text, start, macros)
        else:
            entry = _quick_entry(text, start) or _match_entry(text, at, start.group(2))
            position = entry.end
            block = Block(kind, entry.key, line, "" if entry.well_formed else text[at:position])
            if entry.well_formed:
                block.fields = _read_fields(entry.fields, block, vars(table()))
            blocks.append(block)
    return blocks, resolve_macros(macros)


def _is_text(text: str, at: int) -> bool:
    """Whether the ``@`` belongs to running text (me@uni) or stands behind a comment sign."""
    if text[at - 1 : at].isalnum():
        return True
    line_start = text.rfind("\n", 0, at) + 1
    return at > line_start and text[line_start:at].lstrip()[:1] == "%"


class _Entry(NamedTuple):
    """An entry as tokens, and where it ends; only its end where it is not well-formed."""

    end: int
    key: str = ""
    fields: Sequence[tuple[str, ...]] = ()
    well_formed: bool = True


def _quick_entry(text: str, start: re.Match[str]) -> _Entry | None:
    """The entry that begins with ``start`` where it is short and well-formed; otherwise None.

    One expression finds all fields and, last, whatever stands behind them: reading and checking
    are one pass.
    """
    limit = _next_line_start(text, start.start())
    if start.group(2) != "{" or limit - start.start() > _SURELY_SHORT:
        return None
    key = _KEY.match(text, start.end(), limit)
    if key is None:
        return None
    *fields, (*_, behind) = _FIELDS_AND_REST.findall(text, key.end(), limit) or [("",)]
    closing = _CLOSING.match(behind)
    if closing is None or _STRAY_FIELD.match(behind, closing.end()):
        return None
    return _Entry(limit - len(behind) + closing.end(), key.group(1).strip(), fields)


def _match_entry(text: str, at: int, opening: str) -> _Entry:
    """The well-formed entry at ``at``, or the faulty block there."""
    pattern = _ENTRY if opening == "{" else _PAREN_ENTRY
    start = counted = at
    open_braces = 0
    for _ in range(MAX_WINDOW):
        limit = _next_line_start(text, start)
        match = None
        open_braces += text.count("{", counted, limit) - text.count("}", counted, limit)
        counted = limit
        if open_braces <= 0 or (start == at and limit - at < _SURELY_SHORT):
            match = pattern.match(text, at, limit)
        if match is not None and not _STRAY_FIELD.match(text, match.end(), limit):
            fields = _FIELDS_AND_REST.findall(match.group(3))
            return _Entry(match.end(), match.group(2).strip(), fields)
        if open_braces <= 0:
            break  # faulty, or closed early by a brace too many
        if limit == len(text) or limit - at > MAX_ENTRY_CHARACTERS:
            break
        start = limit
    end = _faulty_end(text, at, min(limit, at + MAX_ENTRY_CHARACTERS))
    return _Entry(end, well_formed=False)


def _next_line_start(text: str, position: int) -> int:
    """Where, after ``position``, the line feed before the next line that starts with ``@`` is."""
    found = text.find("@", position + 2)  # one sign is found far faster than two
    while found > 0 and text[found - 1] != "\n":
        found = text.find("@", found + 1)
    return found - 1 if found > 0 else len(text)


def _faulty_end(text: str, at: int, limit: int) -> int:
    """Where a faulty block ends: before the next entry, unless that stands in its braces."""
    inside = [match.start() for match in _KNOWN_LINE_START.finditer(text, at + 1, limit)]
    balanced = (
        _BRACED_BLOCK.match(text, text.find("{", at), limit) if "{" in text[at : at + 80] else None
    )
    following = _NEXT_LINE_START.search(text, at + 1)
    if following is None:
        return len(text)
    if (
        balanced
        and balanced.end() > following.start()
        and not (inside and inside[0] < balanced.end())
    ):
        following = _NEXT_LINE_START.search(text, balanced.end())
        return following.start() + 1 if following else len(text)
    return following.start() + 1


class _Names(dict[str, str]):
    """Field name as it is written → in lower case, one text for all entries."""

    def __missing__(self, written: str) -> str:
        name = written.lower()
        if len(self) < _MAX_NAMES:
            self[written] = name
        return name


_NAMES = _Names()
_REPEATING = frozenset(
    "journal journaltitle booktitle issn year volume number month publisher language type".split()
)
"""Fields whose values many entries share: each is kept once."""


def _read_fields(
    found: Sequence[tuple[str, ...]], block: Block, fields: dict[str, str]
) -> dict[str, str]:
    """``fields``: name in lower case → value without its delimiters; the first of two counts."""
    for written, braced, quoted, bare, rest, _ in found:
        name = _NAMES[written]
        if name in fields:
            name = note_repeated(name, fields, block, braced or quoted or bare)
        if rest or (bare and not bare.isdigit()):
            fields[name] = bare or braced or quoted
            first = (bare, True) if bare and not bare.isdigit() else (fields[name], False)
            block.waiting[name] = [first, *_pieces(rest)]
        elif name in _REPEATING:
            fields[name] = intern(braced or quoted or bare)
        else:
            fields[name] = braced or quoted or bare
    return fields


def note_repeated(name: str, fields: dict[str, str], block: Block, value: str) -> str:
    """Name under which a repeated field is kept: its own where the first was empty."""
    if not fields[name].strip():
        return name
    number = block.repeats[name] = block.repeats.get(name, 1) + 1
    if fields[name].strip() != value.strip():
        note = f"field {name} stands here more than once; the first is used"
        if note not in block.notes:
            block.notes.append(note)
    return f"{name}#{number}"


def _pieces(text: str) -> Concatenation:
    pieces: Concatenation = []
    for braced, quoted, bare in _PIECES.findall(text):
        pieces.append((bare, True) if bare and not bare.isdigit() else (braced or quoted, False))
    return pieces


def read_rest(text: str, position: int) -> tuple[Concatenation, int]:
    """The ``# ...`` pieces that follow a value, and where they end."""
    match = _REST_HERE.match(text, position)
    return (_pieces(match.group(1)), match.end()) if match else ([], position)


def _skip(text: str, start: re.Match[str]) -> int:
    """End of a comment or preamble: its closing brace, or the next entry where it has none."""
    if start.group(2) == "{":
        block = _BRACED_BLOCK.match(text, start.end() - 1)
        if block is not None:
            return block.end()
    following = _NEXT_LINE_START.search(text, start.end())
    return following.start() + 1 if following else len(text)


def _read_strings(text: str, start: re.Match[str], macros: dict[str, Concatenation]) -> int:
    """Read ``@string{name = value}`` into ``macros``; returns where it ends."""
    position = start.end()
    while (match := _DEFINITION.match(text, position)) is not None:
        name, braced, quoted, bare, rest = match.groups()
        first = (bare, True) if bare and not bare.isdigit() else (braced or quoted or bare, False)
        macros[name.lower()] = [(first[0] or "", first[1]), *_pieces(rest)]
        position = match.end()
    return position
