"""The authors that a printed reference begins with, whatever the style of their names."""

from __future__ import annotations

import re

from ipt_evidence.citations.records import Person

__all__ = ["is_body", "parse_author_text", "take_authors"]

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽŁŚŻŹĆŃ"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Ll]a|[Ll]e|[Tt]en|"
    r"[Tt]er|[Ee]l|[Aa]l|[Bb]in|[Zz]u|af|St\.?|[Vv]an ?['’]t|['’]t)\s+)*"
)
# What can be read in two ways takes time that doubles with each word: no two parts may overlap.
_WORD = rf"(?:d['’])?[{_UPPER}][\w’'‐‑\-]*[\w]"
_FAMILY = rf"{_PARTICLE}{_WORD}(?:[ ](?:(?:de|da|di|y|van|von|del)\s+)*{_WORD}){{0,2}}"
_INITIAL = rf"[{_UPPER}](?:h|u|r)?\."
_LAST_INITIAL = rf"[{_UPPER}](?=\s*(?:[,;&(]|and\b|$))"
_DOTTED = rf"{_INITIAL}(?:[\s\-‐]*(?:{_INITIAL}|{_LAST_INITIAL}))*"
_BARE = rf"(?!I{{2,3}}\b|IV\b)[{_UPPER}](?:[\-‐ ]?[{_UPPER}]){{0,3}}(?!\w)"
_GIVEN = (
    rf"[{_UPPER}][\w’'‐\-]+(?:\s+{_WORD}){{0,2}}(?:\s+(?:[{_UPPER}]\.(?:-[{_UPPER}]\.)*(?!\w)|{_LAST_INITIAL}))*"
    r"(?:\s+(?:von|van|de|da|del|dos|der|di)(?=\s*[.,(;]))?"
)
_SUFFIX = (
    r"(?:,?\s*(?P<suffix>(?:Jr|Sr)\b\.?|(?<=\s)(?:II|III|IV)\b\.?|"
    r"(?<=,\s)(?:Lord|Lady|Sir|Dame|Baron(?:ess)?|Count(?:ess)?|Earl of [A-Z]\w+)(?=[.,(]|\s*$)))?"
)
_INNER_SUFFIX = r"(?:,?\s+(?P<inner>Jr|Sr)\b\.?)?"

_MAX_PEOPLE = 500
_ENDS = r"(?=\s*(?:[,;:(&]|and\b|et\b|$))"

_COMMA_INITIALS = re.compile(
    rf"(?P<family>{_FAMILY}){_INNER_SUFFIX},\s*(?P<given>{_DOTTED}){_SUFFIX}"
)
_DOTTED_LAST = re.compile(rf"(?P<family>{_FAMILY})\s+(?P<given>{_DOTTED}){_SUFFIX}{_ENDS}")
_BARE_LAST = re.compile(
    rf"(?P<family>{_FAMILY}),?\s+(?P<given>{_BARE}){_SUFFIX}"
    # "Gasse C. Information ..." ends a list, "James L. Griffith." is a name of another form
    rf"(?=\s*(?:[,;:(&]|and\b|et\b|$|\.(?!\s+{_WORD}(?:\s*[,.;:“\"]|\s+and\b|$))"
    rf"|\.\s+{_FAMILY},\s*[{_UPPER}]{{1,3}}[.,]))"
)
_BARE_NEXT = re.compile(
    rf"(?P<family>{_FAMILY}),?\s+(?P<given>{_BARE}){_SUFFIX}"
    rf"(?=\s*(?:[,;:(&]|\.(?![{_UPPER}])|and\b|et\b|$))"
)
"""A later name of a list whose first is ``Gasse C``: any full stop may end the list."""
_DOTTED_FIRST = re.compile(rf"(?P<given>{_DOTTED})\s*(?P<family>{_FAMILY}){_SUFFIX}")
_BARE_FIRST = re.compile(
    rf"(?P<given>[{_UPPER}]{{1,3}}(?:[ -][{_UPPER}])?)\s+"
    rf"(?P<family>{_PARTICLE}[{_UPPER}][\w’'‐-]*[a-zß-ÿ][\w’'‐-]*)(?P<suffix>)"
    rf"(?=\s*(?:[,;:(&.]|and\b|et\b|$))"
)
_SECOND_NAME = re.compile(
    rf"(?P<family>{_FAMILY}),\s*(?P<given>[{_UPPER}]\.\s{_WORD}){_SUFFIX}"
    rf"(?=\s*(?:;|&|,\s*(?:and\b|&|[{_UPPER}][\w’'-])|and\s+{_WORD}\s+(?:[{_UPPER}]\.?\s+)?{_WORD}\s*[.,(])"
    rf"|\.\s*$|\.\s*[\"“]|\.\s(?:[^\W\d]+\s){{2,}}[^.\d]*\.\s\S|\.\s[^.\d]+\.\s[^.:\d]{{3,40}}:\s)"
)
"""``Rowe, C. Eugene``: an initial before the name that is used."""
_FORMS = (_SECOND_NAME, _COMMA_INITIALS, _DOTTED_LAST, _BARE_LAST, _DOTTED_FIRST)
_ALONE = re.compile(rf"(?P<family>{_FAMILY})(?P<given>)(?=,?\s+et\s?\.?\s+al\b)")
"""``Carter, et al.``: the family name is all that is printed."""
_NO_GIVEN = r"(?!(?:The|An?|On|Of|In|At|Les?|La|Une?|Des|Der|Die|Das|Ein|How|What|Why|From)\b)"
_INVERTED = re.compile(
    rf"(?P<family>{_FAMILY}){_INNER_SUFFIX},\s*{_NO_GIVEN}(?P<given>{_GIVEN}){_SUFFIX}"
)
_STRAIGHT = re.compile(
    rf"{_NO_GIVEN}(?P<given>(?:{_WORD}|[{_UPPER}](?=\s+{_WORD}\s))(?:\s+(?:{_WORD}|[{_UPPER}]\.?|[{_UPPER}]{{2}}\.))*?)"
    rf"\s+(?P<family>{_PARTICLE}{_WORD})(?P<suffix>)(?=\s*(?:[,;.:(]|and\b|&|$))"
)
_TITLE_COLON = re.compile(r"\s*:")
_TITLE_GOES_ON = re.compile(rf"\s*:|['’]|\s+(?!(?:and|et|und|y|e)\s+[{_UPPER}])[a-zß-ÿ]")
_INITIAL_INSIDE = re.compile(rf"\s[{_UPPER}]\.?\s")
_ONE_MORE = re.compile(
    rf"[ ]?{_WORD},|,\s+(?!and\b|et al)(?:[{_UPPER}]\.?\s+)?{_WORD}"
    rf"(?:\s+(?:{_WORD}|[{_UPPER}]\.?))+\s*(?:,|and\b|&)"
    rf"|,?\s+(?:and|&)\s+(?:{_WORD}|[{_UPPER}]\.)(?:\s+(?:{_WORD}|[{_UPPER}]\.?))*\s+{_WORD}\.\s+[^\s“\"]"
)
_AND = re.compile(r"\band\b|&|\by\b|\bund\b|\bet\b|\be\b", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"\s*(?:[,;.]*\s*(?:\b[Aa]nd\b|&|\by\b|\bund\b|\bet\b(?!\s+al)|\be\b)\s*"
    r"|,?\s*[,;]\s*(?:(?:\.\s?){3}|…)?\s*&?\s*|\.,\s*|\.\s+(?=[A-ZÀ-Þ]{3,}[ ,])"
    r"|(?:,\s*)?(?:(?:\.\s?){3}|…)\s*&?\s*)"
)
_BETWEEN_SENTENCES = re.compile(
    rf"(?<=[.{_UPPER}])\.?\s+(?={_FAMILY},\s*[{_UPPER}]{{1,3}}[.,])(?!{_FAMILY},\s*[{_UPPER}][a-zß-ÿ])"
)
"""``Keri, S. Kiss, I. Kelemen, O.``: full stops alone stand between the names."""
_OTHERS = re.compile(
    r"[,;]?\s*(?:\[?\bet\s*\.?\s*al(?:ii|\b)\.?\]?|\band others\b|\bu\. ?a\.)", re.IGNORECASE
)
_ROLE = re.compile(
    r"\s*,?\s*\(?\b(?:eds?|[Ee]ditors?|Hrsg|Hg|éds?|dir|orgs?|comps?)\b\.?\)?(?=[\s.,:(]|$)"
)
_ROLE_LAST = re.compile(r"\s*\(?\b(?:eds?|hrsg|dir|coord)\b\.?\)?\s*[,.:]?\s*$", re.IGNORECASE)
_BODY_WORD = (
    r"(?:Organi[sz]ation|Institut\w*|Association|Societ[yà]|Committee|Commission|Ministry|"
    r"Department|Dept|Agency|Council|Cent(?:er|re)s?|Universit\w+|Academy|Group|Consortium|"
    r"Collaborat\w+|Network|Federation|Foundation|Investigators|Task Force|Service|Office|Bureau|"
    r"Administration|Authority|Alliance|Board|College|Library|Bank|Collège|Ministère|Hospital|"
    r"Team|Trialists|Government|Programme|Program|Union|Forum|Panel|Initiative)"
)
_BODY_START = re.compile(
    rf"(?:the\s+)?[{_UPPER}][\w&’'-]*(?:,?\s+(?:[{_UPPER}][\w&’'-]*|of|for|and|the|on|in|de|du|des|la|et|y|&|und|für))+"
    r"(?:\s\([A-Z]{2,6}\)(?=\.))?(?=\.\s|\s*\(|\s*:|$)"
)
_NLM = re.compile(r";\s*(?:19|20)\d\d|(?:19|20)\d\d[^.;()]{0,12};")
"""The year between semicolon and publisher or volume: names there are ``Gasse C``."""
_BODY = re.compile(rf"\b{_BODY_WORD}\b")
_GROUP = re.compile(
    rf"(?:(?:(?:for|on behalf of|and)\s+)?the\s+)?(?P<family>[{_UPPER}][^.,;:]{{2,120}}?"
    rf"\b(?:Group|Consortium|Collaborat\w+|Network|Investigators|Committee|Trialists|Team|"
    rf"Task Force|Association|Organi[sz]ation|Society)\b)(?=\s*[.,;:(]|$)"
)
_PERSONAL = re.compile(
    rf"(?:^|[\s,])[{_UPPER}]\.|,\s*[{_UPPER}]{{1,3}}(?![\w])|\s[{_UPPER}]{{1,2}}(?:[,;]|$)"
)


def is_body(text: str) -> bool:
    """Whether ``text`` names an institution instead of people."""
    return bool(_BODY.search(text)) and not _PERSONAL.search(re.sub(r"\bU\.\s?[SKN]\.", "", text))


def take_authors(text: str) -> tuple[list[Person], bool, int]:
    """Authors at the start of ``text``, whether ``et al.`` follows, and where they end."""
    people: list[Person] = []
    position = end = 0
    joined = ""  # what stands before the next name
    first: re.Pattern[str] | None = None
    body = _BODY_START.match(text)
    if body is not None and is_body(body.group()):
        return [{"family": body.group().strip(), "given": ""}], False, body.end()
    while len(people) < _MAX_PEOPLE:
        group = _GROUP.match(text, position) if joined else None
        if group is not None and not (
            ";" in joined or _AND.search(joined) or _has_initials(people)
        ):
            group = None
        match = _next_name(text, position, people, joined, first) if group is None else None
        if match is None and joined:
            group = _GROUP.match(text, position)
        if match is None and not people:
            match = _ALONE.match(text)
        if match is not None:
            first = first or match.re
            people.append(_made(match))
        elif group is not None:
            people.append({"family": group["family"].strip(), "given": ""})
        else:
            break
        end = (match or group).end()  # type: ignore[union-attr]
        others = _OTHERS.match(text, end)
        if others is not None:
            return people, True, others.end()
        separator = _SEPARATOR.match(text, end) or _BETWEEN_SENTENCES.match(text, end)
        if separator is None or separator.end() == end:
            break
        if _AND.search(joined) and not _AND.search(separator.group()) and ";" not in joined:
            group = _GROUP.match(text, separator.end())
            if group is not None:
                people.append({"family": group["family"].strip(), "given": ""})
                end = group.end()
            break  # "A, B and C, Title"
        position, joined = separator.end(), separator.group()
        others = _OTHERS.match(text, position)
        if others is not None:
            return people, True, others.end()
    role = _ROLE.match(text, end) if people else None
    return people, False, role.end() if role is not None else end


def _made(match: re.Match[str]) -> Person:
    found = match.groupdict()
    person = {"family": match["family"].strip(), "given": _given(match["given"])}
    suffix = found.get("suffix") or found.get("inner")
    if suffix:
        person["suffix"] = suffix.rstrip(".") if suffix[:1] in "IV" else suffix
    return person


def _given(text: str) -> str:
    """Given names without the full stop of a sentence: ``Andreas.`` but ``John M.``."""
    given = " ".join(text.split())
    return (
        given.rstrip(".") if len(given.rpartition(" ")[2]) > 3 and "." not in given[:-1] else given
    )


def _has_initials(people: list[Person]) -> bool:
    """Whether the first of ``people`` has initials alone."""
    return bool(people) and all(len(part) < 2 for part in re.split(r"[.\s-]+", people[0]["given"]))


def _next_name(
    text: str, position: int, people: list[Person], joined: str, first: re.Pattern[str] | None
) -> re.Match[str] | None:
    """The name at ``position``, in the form of the names before it where several would do."""
    nlm = not people and bool(_NLM.search(text))
    if (nlm or first in (_BARE_LAST, _BARE_NEXT)) and (found := _BARE_NEXT.match(text, position)):
        return found
    straight = not _has_initials(people) or bool(_AND.search(joined))
    inverts = not people or joined[:1] in (";", ".") or (first is _INVERTED and "&" in joined)
    for form in _FORMS:
        match = form.match(text, position)
        if match is not None and not (not people and _is_straight_start(match, text)):
            return match
    bare = _BARE_FIRST.match(text, position) if not people or first is _BARE_FIRST else None
    if bare is not None:
        return bare
    found = _INVERTED.match(text, position) if inverts else None
    if found is not None and straight and _is_straight_list(found, text):
        found = None
    if found is not None and not people and " " in found["family"]:
        if _TITLE_GOES_ON.match(text, found.end()):
            found = None  # Richard Shone, Editorial: the Pompidou
    if found is None and straight:
        found = _STRAIGHT.match(text, position)
        if found is not None and people and not _AND.search(joined):
            if _TITLE_COLON.match(text, found.end()):
                return None  # Tomlinson, Gary, Metaphysical Song: An Essay
    return found


def _is_straight_start(match: re.Match[str], text: str) -> bool:
    """Whether ``Ling Tony Chen, R. Drach, M. Keating`` was taken for a Ling Tony Chen, R."""
    if match.re is not _COMMA_INITIALS or " " not in match["family"]:
        return False
    return re.match(rf"\s*{_WORD},\s*{_INITIAL}\s*{_WORD}", text[match.end() :]) is not None


def _is_straight_list(match: re.Match[str], text: str) -> bool:
    """Whether ``Gary B Huang, Honglak Lee, Erik ...`` was taken for a family and a given name."""
    family = match["family"]
    if " " not in family or " " not in match["given"] or family[0].islower():
        return False
    return bool(_INITIAL_INSIDE.search(match["family"]) or _ONE_MORE.match(text, match.end()))


def parse_author_text(text: str) -> tuple[list[Person], bool]:
    """People of a text that holds nothing but authors; a body when it is no list of names."""
    role = _ROLE_LAST.search(text.strip())
    if role is not None and " " in text[: role.start()].strip():  # Elm, Ed. is a name
        text = text.strip()[: role.start()]
    text = text.strip(" ,;:").strip()
    if not text:
        return [], False
    if is_body(text) and ";" not in text:
        return [{"family": text.strip(" ."), "given": ""}], False
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
