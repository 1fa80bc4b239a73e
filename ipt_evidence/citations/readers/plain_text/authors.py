"""Author lists as printed.

``Cuijpers, P., & Smit, F.``, ``Cuijpers P, Smit F``, ``P. Cuijpers and F. Smit``, and MLA's
``Cuijpers, Pim, and Filip Smit``.
"""

from __future__ import annotations

import re

from ipt_evidence.citations.records import Person

__all__ = ["parse_author_text", "take_authors"]

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽŁŚŻŹĆŃ"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Ll]a|[Ll]e|[Tt]en|"
    r"[Tt]er|[Ee]l|[Aa]l|[Bb]in|[Zz]u|af|St\.?|[Vv]an ?['’]t|['’]t)\s+)*"
)
_WORD = rf"(?:[dDOL]['’])?[{_UPPER}][\w’'‐‑\-]*[\w]"
_FAMILY = rf"{_PARTICLE}{_WORD}(?:[ ](?:(?:de|da|di|y|van|von|del)\s+)*{_WORD}){{0,2}}"
_DOTTED = rf"[{_UPPER}](?:h|u|r)?\.(?:[\s\-‐]*[{_UPPER}](?:h|u|r)?\.?(?![\w]))*"
_BARE = rf"[{_UPPER}](?:[\-‐ ]?[{_UPPER}]){{0,3}}(?!\w)"
_GIVEN = rf"[{_UPPER}][\w’'‐\-]+(?:\s+{_WORD})?(?:\s+[{_UPPER}]\.?(?!\w))*"
_SUFFIX = r"(?:,?\s*(?:Jr|Sr)\b\.?|,?\s+(?:II|III|IV)\b\.?)?"

_MAX_PEOPLE = 500

_FORMS = (
    re.compile(rf"(?P<family>{_FAMILY}),\s*(?P<given>{_DOTTED}){_SUFFIX}"),
    re.compile(rf"(?P<family>{_FAMILY})\s+(?P<given>{_DOTTED}){_SUFFIX}(?=\s*(?:[,;&(]|and\b|$))"),
    re.compile(
        rf"(?P<family>{_FAMILY}),?\s+(?P<given>{_BARE}){_SUFFIX}"
        # "Gasse C. Information ..." ends a list, "James L. Griffith." is a name of another form
        rf"(?=\s*(?:[,;:(&]|and\b|et\b|$|\.(?!\s+{_WORD}(?:\s*[,.;:“\"]|\s+and\b|$))))"
    ),
    re.compile(rf"(?P<given>{_DOTTED})\s*(?P<family>{_FAMILY}){_SUFFIX}"),
)
_INVERTED = re.compile(rf"(?P<family>{_FAMILY}),\s*(?P<given>{_GIVEN}){_SUFFIX}")
_STRAIGHT = re.compile(
    rf"(?P<given>{_WORD}(?:\s+(?:{_WORD}|[{_UPPER}]\.))*?)\s+(?P<family>{_PARTICLE}{_WORD})(?=\s*(?:[,;.:(]|and\b|&|$))"
)
_INITIAL_INSIDE = re.compile(rf"\s[{_UPPER}]\.?\s")
_ONE_MORE = re.compile(
    rf"[ ]?{_WORD},|,\s+(?!and\b|et al){_WORD}(?:\s+(?:{_WORD}|[{_UPPER}]\.?))+\s*(?:,|and\b|&)"
)
_SEPARATOR = re.compile(
    r"\s*(?:[,;]?\s*(?:\band\b|&|\by\b|\bund\b|\bet\b(?!\s+al)|\be\b)\s*"
    r"|[,;]\s*(?:(?:\.\s?){3}|…)?\s*&?\s*|\.,\s*|\.\s+(?=[A-ZÀ-Þ]{3,}[ ,])"
    r"|(?:,\s*)?(?:(?:\.\s?){3}|…)\s*&?\s*)"
)
_OTHERS = re.compile(
    r"[,;]?\s*(?:\[?\bet\s*\.?\s*al(?:ii|\b)\.?\]?|\band others\b|\bu\. ?a\.)", re.IGNORECASE
)


def take_authors(text: str) -> tuple[list[Person], bool, int]:
    """Authors at the start of ``text``, whether ``et al.`` follows, and where they end."""
    people: list[Person] = []
    position = end = 0
    inverts = True  # the first author; and everybody in lists that are parted by semicolons
    while len(people) < _MAX_PEOPLE:
        match = _next_name(text, position, inverts=inverts, straight=not _has_initials(people))
        if match is None:
            break
        people.append({"family": match["family"].strip(), "given": _given(match["given"])})
        end = match.end()
        others = _OTHERS.match(text, end)
        if others is not None:
            return people, True, others.end()
        separator = _SEPARATOR.match(text, end)
        if separator is None or separator.end() == end:
            break
        position = separator.end()
        inverts = separator.group()[0] in ";."
        others = _OTHERS.match(text, position)
        if others is not None:
            return people, True, others.end()
    return people, False, end


def _given(text: str) -> str:
    """Given names without the full stop of a sentence: ``Andreas.`` but ``John M.``."""
    given = " ".join(text.split())
    return (
        given.rstrip(".") if len(given.rpartition(" ")[2]) > 3 and "." not in given[:-1] else given
    )


def _has_initials(people: list[Person]) -> bool:
    return bool(people) and "." in people[0]["given"] and len(people[0]["given"]) < 4


def _next_name(text: str, position: int, *, inverts: bool, straight: bool) -> re.Match[str] | None:
    for form in _FORMS:
        match = form.match(text, position)
        if match is not None:
            return match
    found = _INVERTED.match(text, position) if inverts else None
    if found is not None and straight and _is_straight_list(found, text):
        found = None
    return found or (_STRAIGHT.match(text, position) if straight else None)


def _is_straight_list(match: re.Match[str], text: str) -> bool:
    """Whether ``Gary B Huang, Honglak Lee, Erik ...`` was taken for a family and a given name."""
    if " " not in match["family"] or " " not in match["given"]:
        return False
    return bool(_INITIAL_INSIDE.search(match["family"]) or _ONE_MORE.match(text, match.end()))


def parse_author_text(text: str) -> tuple[list[Person], bool]:
    """People of a text that holds nothing but authors; a body when it is no list of names."""
    text = re.sub(
        r"\s*\(?\b(?:eds?|hrsg|dir|coord)\b\.?\)?\s*[,.:]?\s*$",
        "",
        text.strip(),
        flags=re.IGNORECASE,
    )
    text = text.strip(" ,;:").strip()
    if not text:
        return [], False
    people, others, end = take_authors(text)
    rest = text[end:].strip(" .,;:")
    if people and (not rest or others):
        return people, others
    loose, loose_others = _split_loosely(text)
    return (loose, loose_others) if len(loose) > len(people) else (people, others or loose_others)


def _split_loosely(text: str) -> tuple[list[Person], bool]:
    """Names between semicolons or ``and``; the comma, if any, stands after the family name."""
    cut = _OTHERS.search(text)
    others = cut is not None
    if cut is not None:
        text = text[: cut.start()]
    parts = re.split(r"\s*;\s*|\s*,?\s+(?:and|&|und|y|et)\s+|\s*&\s*", text)
    people: list[Person] = []
    for part in parts:
        pieces = [piece.strip(" .") for piece in part.split(",")]
        if not pieces[0]:
            continue
        if len(pieces) == 1:
            words = pieces[0].split()
            is_person = 2 <= len(words) <= 4 and all(word[:1].isupper() for word in words)
            family, given = (
                (words[-1], " ".join(words[:-1]))
                if is_person and not pieces[0].isupper()
                else (pieces[0], "")
            )
        else:
            family, given = pieces[0], pieces[1]
        people.append({"family": family, "given": given})
    return people, others
