"""Names of people as bibliographies write them: family name, given names, suffix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from bibtexparser.middlewares.names import (
    parse_single_name_into_parts,
    split_multiple_persons_names,
)

from ipt_evidence.citations.latex import decode, decode_accents
from ipt_evidence.citations.normal_forms import normal_space
from ipt_evidence.citations.records import Person

__all__ = ["given_first", "parse_names", "people_of", "people_of_cell", "person_of"]

_INITIALS_LAST = re.compile(
    r"(.*?\S)\s+((?:[^\W\d_a-zß-ÿ](?:\.-?|-)?\s?){1,4})(?:\s+(Jr|Sr|II|III|IV|2nd|3rd)\.?)?"
)
_INITIALS_FIRST = re.compile(r"((?:[^\W\d_a-zß-ÿ]\.[\s-]?)+)\s*([^\W\d_].*)")
_INITIALS_ALONE = re.compile(r"(?:[^\W\d_]\.[\s-]?){1,4}")
_WORD = re.compile(r"[^\W\d_]{3}")
_SUFFIX = re.compile(r"(?:jr|sr|jnr|snr|ii|iii|iv|2nd|3rd|4th)\.?", re.IGNORECASE)
_SUFFIXES = (" Jr", " Jr.", " Sr", " Sr.", " II", " III", " IV")
_SUFFIX_LAST = re.compile(r"(.+?)[\s,]+(Jr\.?|Sr\.?|III|II|IV)", re.DOTALL)
_OTHERS = re.compile(r"(?:\s*[,;&]?\s*)\b(?:et\.?\s*al\b\.?|and others|others)\W*$", re.IGNORECASE)
_CORPORATE = re.compile(
    r"\b(?:group|grupo|gruppe|consortium|team|institut\w*|organi[sz]ation|committee|network|"
    r"collaborat\w+|society|association|cent(?:er|re)|universit\w+|ministry|stud(?:y|ies)|trial|"
    r"investigators|council|agency|department|foundation|federation|college|hospital|force|"
    r"minist[eé]ri\w+|secretar\w+|instituto|asociaci\w+|program(?:me)?|initiative|inc|ltd|gmbh|press|office|bank|service|the|of|for|and|und|et)\b",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:ministry|minist[eè]r\w+|department|institutes?|universit(?:y|ät|é)|organi[sz]ation|committee|"
    r"association|society|agency|council|bureau|commission|foundation|office|administration)\b",
    re.IGNORECASE,
)
_MAX_NAME = 500

_MARKED = re.compile(r"[@(\[<\d*†‡§¹²³]")
_MARKS = re.compile(
    r"\s*<[^<>]*@[^<>]*>|\s*[(\[]?[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+[)\]]?"  # an e-mail address
    r"|\s*[(\[](?:\d{1,2}(?:[,;\s]+\d{1,2})*|\d{6,}|eds?\.?|editors?|authors?|"
    r"corresponding[^)\]]*|https?:[^)\]]*|orcid[^)\]]*|\d{4}-\d{4}-\d{4}-\d{3}[\dX])[)\]]"
    r"|\s*[*†‡§¹²³⁰-⁹]+(?=$|,)|(?<=[^\W\d_])\s0\d{3}(?=$|,)",  # a footnote; DBLP's namesakes
    re.IGNORECASE,
)
_LIFE = re.compile(r",\s*(?:b\.\s?|ca\.?\s?)?\d{4}(?:-(?:\d{4})?)?\.?$")
"""The years of a life, as library catalogues put them behind a name."""

_FOOTNOTE = re.compile(r"(?<=\s[A-Z])\d(?:,\s?\d)*$|(?<=\s[A-Z]{2})\d(?:,\s?\d)*$")
_IN_BRACKETS = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*$")


def _without_marks(name: str) -> str:
    """``name`` without addresses, affiliations, roles, numbers of footnotes and of namesakes."""
    name = _FOOTNOTE.sub("", _MARKS.sub("", name).rstrip(" ,;"))
    return _IN_BRACKETS.sub("", name) if "," in re.split(r"[(\[]", name, maxsplit=1)[0] else name


def people_of(names: Iterable[str]) -> tuple[list[Person], bool]:
    """The people of a list of names, and whether it was cut short (``et al.``, ``others``)."""
    return _collected(chain.from_iterable(map(_people_in, names)))


def _collected(found: Iterable[tuple[Person, bool]]) -> tuple[list[Person], bool]:
    """The people among ``found``, and whether any of them says that there are more."""
    people: list[Person] = []
    others = False
    for person, more in found:
        if person:
            people.append(person)
        if more:
            others = True
    return people, others


_SEVERAL = re.compile(r";|,.*(?:,| and |&)|[^\W\d_a-z]\.?,.*[^\W\d_a-z]\.?$", re.DOTALL)
"""A sign that one field may hold several people."""


@lru_cache(maxsize=65_536)
def _people_in(name: str) -> tuple[tuple[Person, bool], ...]:
    """The people of one field that should hold one name: ``A, B; C, D``, ``A B, C D`` and the like.

    Only where every part is a name by itself: ``King, M. L., Jr.`` is one person.
    """
    if not _SEVERAL.search(name):
        return (_person(name),)
    names = normal_space(name[:_MAX_LIST]).strip(" ;,")
    parts = [part for part in re.split(r"\s*;\s*", names) if part]
    if len(parts) == 1:
        parts = list(_parted(parts))
    if len(parts) == 1:
        pieces = [piece for item in names.split(",") if (piece := item.strip())]
        each = all(_INITIALS_LAST.fullmatch(piece) for piece in pieces)
        pairs = len(pieces) > 3 and all(_INITIALS.fullmatch(piece) for piece in pieces[1::2])
        parts = pieces if len(pieces) > 1 and each else parts
        parts = _comma_names(names) if pairs else parts
    return tuple(map(_person, parts)) if len(parts) > 1 else (_person(name),)


@lru_cache(maxsize=65_536)
def _person(name: str) -> tuple[Person, bool]:
    """The person of a name, empty when it names none, and whether there are more.

    A person is one object wherever the name occurs again: it is to be read, not changed.
    """
    family, given, suffix, more = person_of(name)
    if suffix:
        return {"family": family, "given": given, "suffix": suffix}, more
    return ({"family": family, "given": given} if family else {}), more


def person_of(name: str) -> tuple[str, str, str, bool]:
    """Family, given, suffix of one name, and whether ``et al.`` stood in its place or behind it.

    Particles stay with the family. A name without a comma is ``Family AB`` or ``A. B. Family``
    where initials show it, two plain words are given and family name, anything else is a corporate
    author, whose given name is empty. So is a name that ends in its only comma, and a doubled
    comma in it is a single one: EndNote marks corporate authors so.
    """
    name = normal_space(name[:_MAX_NAME]).strip(" ;")
    if _MARKED.search(name):
        name = _LIFE.sub("", _without_marks(name))
    marked = name.endswith(",") and (",," in name or "," not in name[:-1])
    name = name.strip(" ,;")
    others = False
    if "al" in name or "thers" in name:
        found = _OTHERS.search(name)
        if found:
            name, others = name[: found.start()].rstrip(" ,;&"), True
    if marked and not others and any(map(str.isalnum, name)):
        return name.replace(",,", ","), "", "", False
    family, comma, rest = name.partition(",")
    family = family.strip()
    if not comma:
        return (*_without_comma(family), others)
    given, more, suffix = (part.strip() for part in rest.partition(","))
    if (
        more
        and given
        and all(_DEGREE.fullmatch(degree.strip().rstrip(".")) for degree in suffix.split(","))
    ):
        more = suffix = ""
    if given == "null":  # RefWorks writes it for nothing
        given = ""
    if more and _SUFFIX.fullmatch(given) and not _SUFFIX.fullmatch(suffix):
        given, suffix = suffix, given
    elif more and not _SUFFIX.fullmatch(suffix):
        given, suffix = f"{given}, {suffix}", ""
    elif not more and _SUFFIX.fullmatch(given):
        family, given, suffix = family, "", given
    if not suffix:
        last = _SUFFIX_LAST.fullmatch(given)
        if last is not None:
            given, suffix = last.group(1), last.group(2)
    if not suffix and " " in family and given:  # Silva Jr., José
        last = _SUFFIX_LAST.fullmatch(family)
        if last is not None:
            family, suffix = last.group(1), last.group(2)
    if not any(sign.isalnum() for sign in family):
        family, given = given, ""
    if given and " " in family and _BODY.search(family) and _WORD.search(given):
        return name, "", "", others  # Ministry of Health, New Zealand
    if given and _INITIALS_ALONE.fullmatch(family) and _WORD.search(given):
        family, given = given, family  # G., Abraham
    return family, given, suffix, others


def _few(initials: str) -> bool:
    """Whether these are initials even behind a name in capitals: ``KIM JH``, not ``ANNA KIM``."""
    return "." in initials or len(initials.strip()) <= 2


def _without_comma(name: str) -> tuple[str, str, str]:
    if not any(sign.isalnum() for sign in name):
        return "", "", ""
    initials = _INITIALS_LAST.fullmatch(name)
    if initials is not None and (not initials.group(1).isupper() or _few(initials.group(2))):
        return initials.group(1), initials.group(2).strip(), initials.group(3) or ""
    leading = _INITIALS_FIRST.fullmatch(name)
    if leading is not None:
        return leading.group(2), leading.group(1).strip(), ""
    words = name.split()
    first = _family_first(words)
    if first:
        return " ".join(words[:first]), " ".join(words[first:]), ""
    if _CORPORATE.search(name) or not (words[0][0].isupper() and words[-1][0].isupper()):
        return name, "", ""
    if len(words) == 2:
        return words[1], words[0], ""
    inner = words[1:-1]
    if len(words) <= _MOST_WORDS and all(map(_may_stand_inside, inner)):  # Ann B. van der Elm
        first = next((n for n, word in enumerate(inner, 1) if word in _PARTICLES), len(words) - 1)
        return " ".join(words[first:]), " ".join(words[:first]), ""
    return name, "", ""


def _family_first(words: list[str]) -> int:
    """How many words are the family name where particles begin it: ``de la Cruz Maria``; or 0."""
    first = next((n for n, word in enumerate(words) if word not in _PARTICLES), 0)
    names = words[first:]
    plain = all(word[0].isupper() and word.isalpha() for word in names)
    return first + 1 if first and plain and 2 <= len(names) <= 3 else 0


def _may_stand_inside(word: str) -> bool:
    initial = len(word) == 1 and word.isupper()
    return initial or word in _PARTICLES or _INITIALS_ALONE.fullmatch(word) is not None


_PARTICLES = frozenset(
    "van von der den de del della di da dos das do du la le el al bin ibn ten ter zu zur af av "
    "e y st".split()
)
_MOST_WORDS = 5


@lru_cache(maxsize=65_536)
def given_first(name: str) -> tuple[Person, bool]:
    """The person of a name whose given names stand first: ``Charles van der Berg``, ``M. E. Hern``.

    As `_person` where a comma or initials behind the family name show another order, and where the
    name is a body's.
    """
    name = normal_space(name[:_MAX_NAME]).strip(" ;")
    if (titled := _TITLE.match(name)) is not None:
        name = name[titled.end() :]
    if _MARKED.search(name):
        name = _without_marks(name)
    words = name.split()
    plain = "," not in name and 2 <= len(words) <= _MOST_WORDS and not _CORPORATE.search(name)
    plain = plain and not _family_first(words)
    if not plain or _INITIALS_LAST.fullmatch(name) or _OTHERS.search(name):
        return _person(name)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    if not all(word[0].isupper() or word.lower() in _PARTICLES for word in words[1:]):
        return _person(name)
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    person = {"family": " ".join(words[first:]), "given": " ".join(words[:first])}
    return (person | {"suffix": suffix} if suffix else person), False


_SEPARATORS = re.compile(r"\s*(?:[;|\n；，、]|//)\s*(?:(?:and|&)\s+)?")
_PARTED = re.compile(r"[;|\n；，、]|//")
_NUMBERED = re.compile(r"\s*\(\d{1,2}(?:,\s?\d{1,2})*\)")
"""Numbers of affiliations."""

_CJK_NAME = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,4}")
_DEGREE = re.compile(
    r"Ph\.?\s?D|Psy\.?D|Ed\.?D|D\.?Phil|D\.?Sc|M\.?D|M\.?P\.?H|M\.?Sc|M\.?Phil|MBBS|MBChB|"
    r"R\.?N|M\.?A|M\.?S|M\.?S\.?W|FRC\w+",
)
_TITLE = re.compile(r"(?:Dr|Prof(?:essor)?|Mr|Mrs|Ms)\.?\s+(?=[^\W\d_])")
_ENDS_LIST = re.compile(r"[^,.]*[^\W\d_]{4}\.")
"""A body at the end of a list, with the list's full stop."""

_WORD_AND = re.compile(r"\s*,?\s+(?:and|&)\s+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NAMED = re.compile(
    r"""['"](?:name|display_name|full_?name|raw_author_name)['"]:\s*"""
    r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
)
"""The name in each of several objects, as Semantic Scholar has them."""

_GLUED = re.compile(
    r"(?<=[a-zß-ÿ])(?<!\bMc)(?<!\bMac)(?<!\b[DL][aei])(?<!\bDel)(?<!\bVan)(?<!\bFitz)"
    r"(?=[A-ZÀ-Þ][\w.'-]*\s)"
)
_INITIALS = re.compile(r"(?:[^\W\d_a-zß-ÿ]\.?[\s-]?){1,4}")


@lru_cache(maxsize=4096)
def _names_of_cell(text: str) -> tuple[str, ...]:
    """The names in one cell of a table, or one field, however they are parted."""
    listed = text[0] == "[" and text[-1] == "]"
    if listed or (text[:2] == "c(" and text[-1] == ")"):  # as Python, JSON or R write it
        found = _NAMED.findall(text) or _QUOTED.findall(text)
        quoted = [first or second for first, second in found]
        if quoted:
            return tuple(quoted)
    if "(" in text:
        text = _NUMBERED.sub("", text)
    if _PARTED.search(text):
        names = [part for name in _SEPARATORS.split(text) for part in _initialed(name) if part]
        if len(names) > 1 and _ENDS_LIST.fullmatch(names[-1]):
            names[-1] = names[-1][:-1]
        return _parted(names)
    if re.search(r"\sand\s", text) and text.count(",") <= text.count(" and ") + 1:
        names = re.split(r"\s+and\s+|\s+&\s+", text)
        every = [part.strip() for name in names for part in name.split(",")]
        if "," not in names[-1] and len(every) > len(names) and all(" " in part for part in every):
            return tuple(every)  # Ann Alder, Bo Birch and Cy Cedar
        return tuple(names)
    pair = _WORD_AND.split(text) if "&" in text else []
    if pair and all(part.count(",") == 1 for part in pair):  # Alder, Ann & Birch, Bo
        return tuple(pair)
    if "," not in text:
        glued = _GLUED.split(text)
        if len(glued) > 1 and all(" " in name.strip() for name in glued):
            return tuple(glued)
    names = _comma_names(_WORD_AND.sub(", ", text))
    if len(names) > 1 and names[-1].endswith(".") and "." not in text[:-1]:
        names[-1] = names[-1][:-1]  # the full stop ends the list, no initial has one
    return tuple(names)


def _initialed(name: str) -> list[str]:
    """``Alder AB, Birch C`` as two names; anything that is not such a list, as it is."""
    pieces = name.split(", ")
    several = len(pieces) > 1 and all(map(_INITIALS_LAST.fullmatch, pieces))
    return pieces if several else [name]


def _parted(names: list[str]) -> tuple[str, ...]:
    """``names``, where ``Cedar, Cy & Doe, Jo`` are two of them; ``Smith & Nephew`` is one."""
    found: list[str] = []
    for name in names:
        parts = _WORD_AND.split(name) if " and " in name or "&" in name else [name]
        people = all("," in part or _INITIALS_LAST.fullmatch(part) for part in parts)
        found += parts if len(parts) > 1 and people else [name]
    return tuple(found)


def people_of_cell(text: str) -> tuple[list[Person], bool]:
    """Authors of one cell: ``A, B; C, D``, ``A B., C D.``, ``A B and C D``, ``A, B.; C, D.``.

    Also a list as Python writes it, names parted by line breaks or bars, ``A, B; C, D & E, F``, and
    names with the given name first. Names that Springer's table runs together are parted.
    """
    if not text:
        return [], False
    return _collected(map(given_first, _names_of_cell(text)))


def _comma_names(text: str) -> list[str]:
    """``Gao X., Ni W.`` is two names, ``Gao, X., Ni, W.`` too, ``Gao, Xin`` is one."""
    parts = [part for item in text.split(",") if (part := item.strip())]
    for at in range(len(parts) - 1, 1, -1):  # Alder A., Birch B., Jr.
        if _SUFFIX.fullmatch(parts[at]) and _INITIALS_LAST.fullmatch(parts[at - 1]):
            parts[at - 1 : at + 1] = [f"{parts[at - 1]} {parts[at]}"]
    names = [part for part in parts if not _DEGREE.fullmatch(part.rstrip("."))]
    if len(names) < len(parts) and all(" " in name for name in names):
        return names  # Ann Alder, PhD, Bo Birch, MD
    if len(parts) > 1 and all(map(_CJK_NAME.fullmatch, parts)):
        return parts
    if len(parts) > 1 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return [", ".join(parts[n : n + 2]) for n in range(0, len(parts), 2)]
    if len(parts) == 2 and " " not in parts[0]:
        return [", ".join(parts)]
    return parts


_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CAPITAL_AND = re.compile(r" (?:A[Nn][Dd]|a[nN]D|aN[dD]) |^and | and$")
_UNUSUAL = re.compile(r"[{}\\=~]")
_BIBTEX_OTHERS = re.compile(r"(?:^|[\s,]+)(?:\{?others\}?|et\.?\s+al\b\.?)\s*$", re.IGNORECASE)
_LABELLED = re.compile(r"\b(family|given|prefix|suffix)(?:-i)?\s*=\s*\"?([^,\"]+)\"?")
_MAX_BIBTEX_NAME = 2_000
_MAX_LIST = 100_000
_NAMESAKE = re.compile(r"\s0\d{3}(?=$|,)")  # the number that DBLP puts behind a name


_FAMILY_AND_INITIALS = re.compile(r"(?:[^\W\d_]+[' -])*[^\W\d_]*[^\W\d_A-Z]{2} [A-Z]{1,3}")


def _several(name: str) -> list[str]:
    """The names where BibTeX allows one: ``Alder, A., Birch, B.`` or ``Alder, A.; Birch, B.``."""
    parts = [part.strip() for part in re.split("[,;]", name)]
    pairs = len(parts) > 3 and len(parts) % 2 == 0 and "{" not in name
    if not pairs or not all(map(_INITIALS_ALONE.fullmatch, parts[1::2])):
        return [name]
    if any(map(_INITIALS_ALONE.fullmatch, parts[::2])):
        return [name]
    return [", ".join(parts[n : n + 2]) for n in range(0, len(parts), 2)]


def parse_names(text: str) -> tuple[list[Person], bool]:
    """The people of a BibTeX name list, and whether it ends in ``and others``.

    Particles stay with the family name. A name in braces of its own is a corporate author, with an
    empty given name. Names that hold no letter or digit are left out.
    """
    text = normal_space(text)
    names = text.split(" and ")
    if len(names) == 2 and names[0].endswith(","):  # Ann Elm, Bo Fir, and Cy Oak
        pieces = [piece.strip() for piece in [*names[0].split(","), names[1]] if piece.strip()]
        if len(pieces) > 2 and all(" " in piece for piece in pieces):
            return _collected(given_first(decode(piece)) for piece in pieces)
    if text.count(",") > len(names):  # Alder, A., Birch, B. and Cedar, C.
        names = [person for name in names for person in _several(name)]
        text = " and ".join(names)
    elif all(map(_FAMILY_AND_INITIALS.fullmatch, names)):
        return people_of(names)  # Alder A and Birch BC
    simple = len(text) < _MAX_LIST and text.lower().count(" and ") == len(names) - 1
    if simple and not text.startswith("and ") and not text.endswith(" and"):
        if "{" not in text or all(name.count("{") == name.count("}") for name in names):
            return _collected(map(_bibtex_person, names))
    return _parse_list(text)


@lru_cache(maxsize=65_536)
def _bibtex_person(name: str) -> tuple[Person, bool]:
    """As `_person`, of one name of a BibTeX list."""
    if name[-1:].isdigit():
        name = _NAMESAKE.sub("", name)
    people, others = _parse_list(name)
    return (people[0] if people and people[0]["family"] else {}), others


def _parse_list(text: str) -> tuple[list[Person], bool]:
    text = normal_space(decode_accents(text))
    if not _UNUSUAL.search(text):
        names = _AND.split(text) if _CAPITAL_AND.search(text) else text.split(" and ")
    elif "{" in text and text.count("{") == text.count("}"):
        names = split_multiple_persons_names(text)
    else:
        names = _AND.split(text)
    people: list[Person] = []
    others = False
    may_be_cut = "thers" in text or " al" in text.lower()
    plain = not _UNUSUAL.search(text)
    for name in names:
        if _MARKED.search(name):
            name = _without_marks(name)
        if may_be_cut and _BIBTEX_OTHERS.search(name):
            others = True
            name = _BIBTEX_OTHERS.sub("", name)
        person = _parse_name(name, plain)
        if person is not None:
            people.append(person)
    return people, others


def _parse_name(name: str, plain: bool) -> Person | None:
    family, comma, given = name.partition(",")
    if comma and "," not in given and (plain or not _UNUSUAL.search(name)):
        family, given = family.strip(), given.strip()
        if _SUFFIX.fullmatch(given) and _INITIALS_FIRST.fullmatch(family):  # B. Birch, Jr.
            family, first, _ = _without_comma(family)
            return {"family": family, "given": first, "suffix": given}
        if family and given:
            last = _SUFFIX_LAST.fullmatch(given) if given.endswith(_SUFFIXES) else None
            if last is not None:
                return {"family": family, "given": last.group(1), "suffix": last.group(2)}
            return {"family": family, "given": given}
        return _made_person(family or given, "", "")
    return _parse_unusual(name)


def _parse_unusual(name: str) -> Person | None:
    name = name.strip().rstrip(",").strip()
    if not name or len(name) > _MAX_BIBTEX_NAME:
        return _corporate(name)
    if name[0] == "{" and name[-1] == "}" and _is_one_group(name):
        return _corporate(name)
    labels = dict(_LABELLED.findall(name)) if "=" in name else {}
    if "family" in labels:  # biblatex: family=Berg, prefix=van der, given=Hans
        family = decode(f"{labels.get('prefix', '')} {labels['family']}")
        return _made_person(
            family, decode(labels.get("given", "")), decode(labels.get("suffix", ""))
        )
    parts = parse_single_name_into_parts(name, strict=False)
    family = decode(" ".join([*parts.von, *parts.last]))
    given = decode(" ".join(parts.first)).rstrip("¹²³⁰⁴⁵⁶⁷⁸⁹*†‡§, ")
    suffix = decode(" ".join(parts.jr))
    if _SUFFIX.fullmatch(given) and suffix:  # King, Martin, Jr. is not in BibTeX's order
        given, suffix = suffix, given
    return _made_person(family or given, given if family else "", suffix)


def _made_person(family: str, given: str, suffix: str) -> Person | None:
    if not any(sign.isalnum() for sign in family + given):
        return None
    person = {"family": family, "given": given}
    if suffix:
        person["suffix"] = suffix
    return person


def _corporate(name: str) -> Person | None:
    return _made_person(decode(name), "", "")


def _is_one_group(name: str) -> bool:
    """Whether the brace that opens ``name`` is closed by its last character."""
    depth = 0
    for position, sign in enumerate(name):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return position == len(name) - 1
    return False
