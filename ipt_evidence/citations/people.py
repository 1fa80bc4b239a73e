"""Names in tagged formats, tables and XML: ``Family, Given, Suffix``, ``Family AB``, bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.records import Person, normal_space

__all__ = ["people_of", "person_of"]

_INITIALS_LAST = re.compile(
    r"(.*\S)\s+((?:[^\W\d_a-zß-ÿ](?:\.-?|-)?\s?){1,4})(?:\s+(Jr|Sr|II|III|IV|2nd|3rd)\.?)?"
)
_INITIALS_FIRST = re.compile(r"((?:[^\W\d_a-zß-ÿ]\.[\s-]?)+)\s*([^\W\d_].*)")
_INITIALS_ALONE = re.compile(r"(?:[^\W\d_]\.[\s-]?){1,4}")
_WORD = re.compile(r"[^\W\d_]{3}")
_SUFFIX = re.compile(r"(?:jr|sr|jnr|snr|ii|iii|iv|2nd|3rd|4th)\.?", re.IGNORECASE)
_SUFFIX_LAST = re.compile(r"(.+?)[\s,]+(Jr\.?|Sr\.?|III|II|IV)", re.DOTALL)
_OTHERS = re.compile(r"(?:\s*[,;&]?\s*)\b(?:et\.?\s*al\b\.?|and others|others)\W*$", re.IGNORECASE)
_BODY = re.compile(
    r"\b(?:group|grupo|gruppe|consortium|team|institut\w*|organi[sz]ation|committee|network|"
    r"collaborat\w+|society|association|cent(?:er|re)|universit\w+|ministry|stud(?:y|ies)|trial|"
    r"investigators|council|agency|department|foundation|federation|college|hospital|force|"
    r"program(?:me)?|initiative|inc|ltd|gmbh|press|office|bank|service|the|of|for|and|und|et)\b",
    re.IGNORECASE,
)
_MAX_NAME = 500


def people_of(names: Iterable[str]) -> tuple[list[Person], bool]:
    """The people of a list of names, and whether it was cut short (``et al.``, ``others``)."""
    names = names if isinstance(names, list) else list(names)
    people = list(map(_ONE_PERSON.__getitem__, names))
    if all(people):
        return people[:], False  # without the room that a growing list keeps
    others = False
    several: list[Person] = []
    for name, person in zip(names, people, strict=True):
        if not person:
            person, more = _person(name)
            others = others or more
        if person:
            several.append(person)
    return several, others


def _person(name: str) -> tuple[Person, bool]:
    """The person of a name, empty when it names none, and whether there are more."""
    family, given, suffix, more = person_of(name)
    if suffix:
        return {"family": family, "given": given, "suffix": suffix}, more
    return ({"family": family, "given": given} if family else {}), more


def _one_person(name: str) -> Person:
    """The person of a name; empty where that is not all that can be said about it."""
    person, more = _person(name)
    return {} if more else person


_ONE_PERSON = Memo(_one_person)
"""A person is one object wherever the name occurs again: it is to be read, not changed."""


def person_of(name: str) -> tuple[str, str, str, bool]:
    """Family, given, suffix of one name, and whether ``et al.`` stood in its place or behind it.

    Particles stay with the family. A name without a comma is ``Family AB`` or ``A. B. Family``
    where initials show it, two plain words are given and family name, anything else is a body,
    whose given name is empty. A name that ends in its only comma is a body too, and a doubled comma
    in it a single one: so EndNote marks them.
    """
    name = normal_space(name[:_MAX_NAME]).strip(" ;")
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
    if not any(sign.isalnum() for sign in family):
        family, given = given, ""
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
    if len(words) == 2 and not _BODY.search(name) and all(w[0].isupper() for w in words):
        return words[1], words[0], ""
    return name, "", ""
