"""A BibTeX file → its entries, one regular expression an entry.

bibtexparser reads a whole file with one splitter, so that one faulty entry can take its neighbours
along. Here a file is cut into entries first. An entry that is well-formed is tokenised in
one pass; whatever that refuses goes, alone, to `repair_block`. What stands between entries is
ignored, as BibTeX does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateFieldKeyBlock, Entry

__all__ = ["Block", "Concatenation", "Macros", "repair_block", "resolve", "split_blocks"]

_MONTHS = {
    name[:3].lower(): name
    for name in (
        "January February March April May June July August September October November December"
    ).split()
}
MAX_MACRO_CHARACTERS = 2_000
"""A @string is a name or an address; longer ones are cut."""

MAX_VALUE_CHARACTERS = 100_000
"""A value put together with ``#`` is not made longer than this."""

Macros = dict[str, str]
Concatenation = list[tuple[str, bool]]
"""Pieces of a value as (text, whether it is the name of a macro)."""


def resolve_macros(definitions: dict[str, Concatenation]) -> Macros:
    """Texts of the macros, in which macros may stand; unknown names stay as they are."""
    macros = dict(_MONTHS)
    for name, pieces in definitions.items():
        macros[name] = resolve(pieces, macros)[0][:MAX_MACRO_CHARACTERS]
    return macros


def resolve(pieces: Concatenation, macros: Macros) -> tuple[str, list[str]]:
    """Text of a value and the macro names in it that nobody has defined (kept as they stand).

    A value stops growing at `MAX_VALUE_CHARACTERS`: macros of macros could fill the memory.
    """
    texts: list[str] = []
    unknown: list[str] = []
    length = 0
    for text, is_name in pieces:
        if is_name and text.lower() not in macros:
            unknown.append(text)
        elif is_name:
            text = macros[text.lower()]
        length += len(text)
        if length > MAX_VALUE_CHARACTERS and len(texts):
            break
        texts.append(text)
    return "".join(texts), unknown


# Possessive quantifiers (``*+``) never backtrack: the time is linear whatever the input.
_NEST = r"[^{}]*+"
for _ in range(6):  # braces up to seven deep; deeper ones are left to repair_block
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
                block.fields = _read_fields(entry.fields, block, {})
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


_SHARED = frozenset(
    "journal journaltitle year month volume number publisher language langid issn type".split()
)
"""Fields whose values many entries have: one text for all of them."""


def _read_fields(
    found: Sequence[tuple[str, ...]], block: Block, fields: dict[str, str]
) -> dict[str, str]:
    """``fields``: name in lower case → value without its delimiters; the first of two counts."""
    for written, braced, quoted, bare, rest, _ in found:
        name = intern(written.lower())  # one text for all entries
        if name in fields:
            name = note_repeated(name, fields, block, braced or quoted or bare)
        if name in _SHARED:
            braced, quoted, bare = intern(braced), intern(quoted), intern(bare)
        if rest or (bare and not bare.isdigit()):
            fields[name] = bare or braced or quoted
            first = (bare, True) if bare and not bare.isdigit() else (fields[name], False)
            block.waiting[name] = [first, *_pieces(rest)]
        else:
            fields[name] = braced or quoted or bare
    return fields


def note_repeated(name: str, fields: dict[str, str], block: Block, value: str) -> str:
    """Name under which a repeated field is kept: its own where the first was empty."""
    if not fields[name].strip():
        return name
    number = block.repeats[name] = block.repeats.get(name, 1) + 1
    if fields[name].strip() != value.strip() and "keyword" not in name:  # these are joined
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


# bibtexparser tells the log what it refuses; our notes and rejected rows say it already.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

_LOOSE_NAME = r"[^\W\d_][\w.+:/ \u00a0-]{0,60}?"
_FIELD_AT_LINE = re.compile(rf"\n[ \t]*,?[ \t]*({_LOOSE_NAME})\s*=\s*(?=[{{\"\w])")
_FIELD_HERE = re.compile(rf"[\s,]*({_LOOSE_NAME})\s*=\s*")
_LOOSE_HEAD = re.compile(r"@[ \t]*[^\W\d_][\w-]*\s*[{(]\s*")
_LOOSE_KEY = re.compile(r"([^,{}=\n\"]*?)\s*(?:,|\n|(?=[})]\s*$)|$)")
_LOOSE_BARE = re.compile(r"[^,{}\n\"#]*")
_AFTER_VALUE = re.compile(rf"\s*(?:$|[,}})#]|{_LOOSE_NAME}\s*=)")
_SWALLOWED = re.compile(rf"\n[ \t]*{_LOOSE_NAME}\s*=\s*[{{\"]")
MAX_BIBTEXPARSER_CHARACTERS = 200_000


def repair_block(block: Block) -> str | None:
    """Fill ``block.key``, ``.fields``, ``.waiting`` and ``.notes`` from ``block.text``.

    Returns the reason when nothing could be saved, otherwise None.
    """
    if len(block.text) <= MAX_BIBTEXPARSER_CHARACTERS and _read_with_bibtexparser(block):
        return None
    _scan(block)
    if not block.fields:
        return "no field could be read in this entry"
    return None


def _read_with_bibtexparser(block: Block) -> bool:
    library = parse_string(block.text, parse_stack=[])
    parsed = [item for item in library.blocks if isinstance(item, Entry)]
    failed = library.failed_blocks
    if len(failed) == 1 and isinstance(failed[0], DuplicateFieldKeyBlock) and not parsed:
        entry = failed[0].ignore_error_block
        parsed, failed = [entry] if isinstance(entry, Entry) else [], []
    if len(parsed) != 1 or failed or any(_FIELD_HERE.search(c.comment) for c in library.comments):
        return False
    return _take_entry(parsed[0], block)


def _take_entry(entry: Entry, block: Block) -> bool:
    fields: dict[str, str] = {}
    for item in entry.fields:
        value = str(item.value).strip()
        opening, closing = value[:1], value[-1:]
        if opening + closing not in ("{}", '""') or len(value) < 2:
            return False  # bare words, concatenations and swallowed fields need our own scanner
        inner = value[1:-1]
        if _SWALLOWED.search(inner) or not _is_whole(inner, quoted=opening == '"'):
            return False
        name = " ".join(item.key.lower().split())
        if name in fields:
            name = note_repeated(name, fields, block, inner)
        fields[name] = inner
    if not fields and entry.key == "":
        return False
    block.key, block.fields = entry.key.strip(), fields
    return True


def _is_whole(inner: str, *, quoted: bool) -> bool:
    """Whether the delimiters around ``inner`` belong to each other."""
    depth = 0
    for sign in re.findall(r"\\.|[{}\"]", inner):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign == '"' and quoted and depth == 0:
            return False
        if depth < 0:
            return False
    return depth == 0


def _scan(block: Block) -> None:
    text = block.text.rstrip()
    head = _LOOSE_HEAD.match(text)
    if head is None:
        return
    position = head.end()
    first_field = _FIELD_HERE.match(text, position)
    key = _LOOSE_KEY.match(text, position)
    if key is not None and first_field is None:
        block.key, position = key.group(1).strip(), key.end()
    fields: dict[str, str] = {}
    closed = False
    while position < len(text):
        found = _FIELD_HERE.match(text, position)
        if found is None:
            position, closed = _pass_over(text, position, closed, block)
            continue
        if closed:
            block.notes.append(
                "a brace too many closed the entry early; the fields behind it were kept"
            )
            closed = False
        elif fields and "," not in text[position : found.start(1)] and text[position - 1] != ",":
            block.notes.append(f"a comma is missing before {found.group(1)}")
        name = " ".join(found.group(1).lower().split())
        value, position, note = _read_value(text, found.end(), name)
        if note:
            block.notes.append(note)
        if name in fields:
            name = note_repeated(name, fields, block, value)
        fields[name] = value
        is_name = text[found.end() : found.end() + 1] not in '{"' and not value.isdigit()
        rest, position = read_rest(text, position)
        if rest or (is_name and " " not in value):
            block.waiting[name] = [(value, is_name), *rest]
    if not closed:
        block.notes.append("the entry is not closed")
    block.fields = fields


def _pass_over(text: str, position: int, closed: bool, block: Block) -> tuple[int, bool]:
    """Skip what is no field: separators silently, the closing brace, anything else with a note."""
    sign = text[position]
    if sign.isspace() or sign == ",":
        return position + 1, closed
    if sign in "})":
        return position + 1, True
    following = _FIELD_AT_LINE.search(text, position)
    end = following.start() if following else len(text)
    junk = text[position:end].strip()
    if junk.endswith("}"):
        junk, closed = junk[:-1].strip(), not following
    if junk and not (closed and not following):
        block.notes.append(f"passed over: {junk[:60]!r}")
    return max(end, position + 1), closed


def _read_value(text: str, position: int, name: str) -> tuple[str, int, str]:
    """Value at ``position``, where it ends, and a note when it was not as it should be."""
    opening = text[position : position + 1]
    if opening in ("{", '"'):
        end = _closing(text, position)
        if end is not None:
            inner = text[position + 1 : end]
            return inner, end + 1, ""
        following = _FIELD_AT_LINE.search(text, position)
        end = following.start() if following else len(text)
        value = text[position + 1 : end].rstrip().rstrip(",").rstrip()
        value = (
            value.rstrip("}" if following else "}) \n")
            if value.count("{") < value.count("}")
            else value
        )
        if value.endswith('"') and opening == '"':
            value = value[:-1]
        return (
            value,
            end,
            f"the {'brace' if opening == '{' else 'quotation mark'} of {name} is not closed",
        )
    bare = _LOOSE_BARE.match(text, position)
    end = bare.end() if bare else position
    value = text[position:end].strip()
    note = f"{name} is not quoted" if " " in value else ""
    return value, max(end, position), note


def _closing(text: str, position: int) -> int | None:
    """Where the value that opens at ``position`` is closed; None when it is not."""
    quoted = text[position] == '"'
    depth = 0
    for sign in re.compile(r"\\.|[{}\"]", re.DOTALL).finditer(text, position + 1):
        mark, at = sign.group(), sign.start()
        if mark == "{":
            depth += 1
        elif mark == "}" and depth > 0:
            depth -= 1
        elif mark == "}" and quoted:
            return None
        elif (mark == '"') == quoted and depth == 0 and mark[0] != "\\":
            if _AFTER_VALUE.match(text, at + 1) is None:
                return None if not quoted else _closing_quote(text, at)
            swallowed = _SWALLOWED.search(text, position, at)
            return None if swallowed and text[at + 1 :].strip() == "" else at
    return None


def _closing_quote(text: str, at: int) -> int | None:
    """A quotation mark inside a quoted value: the closing one stands before a comma or brace."""
    match = re.compile(r"\"(?=\s*(?:,\s*\n|,\s*\w+\s*=|\}?\s*$))").search(text, at + 1)
    return match.start() if match else None
