"""One entry that is not well-formed → its fields, and notes that say what was done.

bibtexparser is asked first: what it can read (keys and field names with spaces, deep or escaped
braces) needs no repair. Where it fails, or where it would take two fields for one, the entry is
scanned field by field, so that a fault costs one field instead of the entry.
"""

from __future__ import annotations

import logging
import re

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateFieldKeyBlock, Entry

from ipt_evidence.citations.readers.bibtex.splitting import Block, note_repeated, read_rest

__all__ = ["repair_block"]

# bibtexparser tells the log what it refuses; our notes and rejected rows say it already.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

_NAME = r"[^\W\d_][\w.+:/ \u00a0-]{0,60}?"
_FIELD_AT_LINE = re.compile(rf"\n[ \t]*,?[ \t]*({_NAME})\s*=\s*(?=[{{\"\w])")
_FIELD_HERE = re.compile(rf"[\s,]*({_NAME})\s*=\s*")
_HEAD = re.compile(r"@[ \t]*[^\W\d_][\w-]*\s*[{(]\s*")
_KEY = re.compile(r"([^,{}=\n\"]*?)\s*(?:,|\n|(?=[})]\s*$)|$)")
_BARE = re.compile(r"[^,{}\n\"#]*")
_AFTER_VALUE = re.compile(rf"\s*(?:$|[,}})#]|{_NAME}\s*=)")
_SWALLOWED = re.compile(rf"\n[ \t]*{_NAME}\s*=\s*[{{\"]")
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
    head = _HEAD.match(text)
    if head is None:
        return
    position = head.end()
    first_field = _FIELD_HERE.match(text, position)
    key = _KEY.match(text, position)
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
    bare = _BARE.match(text, position)
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
