"""Lines of one RIS record → its fields; every tag is kept, known or not."""

from __future__ import annotations

import re

from ipt_evidence.citations.readers.fields import with_repeats
from ipt_evidence.citations.readers.ris_tags import STANDARD_TAGS

__all__ = ["ODD_TAGS", "exact_fields", "fields_of"]

ODD_TAGS = "tags in lower case or with odd space around the dash were read"

_EXACT_TAGS = {
    sign: tag for tag in STANDARD_TAGS - {"TY", "ER"} for sign in (f"{tag}  - ", f"{tag}  -")
}

_TAG, _VALUE = slice(6), slice(6, None)  # made once: a line each is millions of them

_ODD_LINE = re.compile(r"[ \t\ufeff]*([A-Za-z][A-Za-z0-9])[ \t]{0,3}-(?:[ \t]+|(?=\Z))")


def exact_fields(lines: list[str], table: type[object]) -> dict[str, str] | None:
    """Fields of a record to the letter of the standard; None where any line of it is not.

    ``lines`` begin with the value of TY, and are used up. ``table`` is of `fields.one_table`.
    """
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2 or lines.pop().rstrip() != "ER  -":
        return None
    raw = _tagged_fields(lines, vars(table()))
    return None if raw is None or "ER" in raw or _looks_odd(raw) else raw


def _tagged_fields(lines: list[str], raw: dict[str, str]) -> dict[str, str] | None:
    """Tag → its values, a line each; None where a line does not begin with an exact tag.

    ``lines`` begin with the value of TY, ``raw`` is empty. One look-up a line finds the tag, sees
    that it is exact, and gives the one text that all records share for it.
    """
    kind = lines[0].strip()
    if kind:
        raw["TY"] = kind
    more: dict[str, list[str]] = {}
    tag_of = _EXACT_TAGS.get
    lines[0] = ""
    for line in lines:
        tag = tag_of(line[_TAG])
        if tag is None:
            if not line or line.isspace():
                continue
            if line[2:6] != "  - ":
                return None
            tag = line[:2]
        if tag not in raw:
            raw[tag] = line[_VALUE]
        elif tag in more:
            more[tag].append(line[_VALUE])
        else:
            more[tag] = [line[_VALUE]]
    return with_repeats(raw, more) if more else raw


def _looks_odd(raw: dict[str, str]) -> bool:
    return "TI" not in raw and any(map(str.islower, raw))


def fields_of(block: str, notes: list[str]) -> dict[str, str]:
    """Tag → its values, a line each. ``block`` begins with the value of TY, if it has one."""
    lines = block.split("\n")
    if not notes:
        raw = _tagged_fields(lines.copy(), {})
        if raw is not None and not _looks_odd(raw):
            return raw
        if raw is not None:
            notes.append(ODD_TAGS)
    kind = lines.pop(0).strip()
    return _odd_fields(lines, {"TY": kind} if kind else {}, notes)


def _odd_fields(lines: list[str], raw: dict[str, str], notes: list[str]) -> dict[str, str]:
    """As `fields_of` where not every line begins with an exact tag."""
    tag = ""
    more: dict[str, list[str]] = {}
    for line in lines:
        if line[2:6] == "  - " and line[:2].isupper():
            tag, value = line[:2], line[6:]
        elif not line or line.isspace():
            continue
        else:
            odd = _ODD_LINE.match(line)
            if odd and line[2:] == "  -" and line[:2].isupper():
                tag, value = line[:2], ""
            elif odd and _is_tag(odd.group(1), notes):
                tag, value = odd.group(1).upper(), line[odd.end() :]
                if ODD_TAGS not in notes:
                    notes.append(ODD_TAGS)
            else:
                value = line.strip()
        tag = tag or "TY"
        if tag in raw:
            more.setdefault(tag, []).append(value)
        else:
            raw[tag] = value
    return with_repeats(raw, more)


def _is_tag(tag: str, notes: list[str]) -> bool:
    """Whether an oddly spaced tag is one: in running text, ``to - do`` is none."""
    return tag.upper() in STANDARD_TAGS and (tag.isupper() or ODD_TAGS in notes)
