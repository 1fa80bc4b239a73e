"""Titles of works and journals for comparing: how alike, with which numbers, of which kind.

A title is the strongest sign of a duplicate and the most treacherous: companion papers differ in
one word (men, women), parts of a series in one numeral, an erratum in its first word. So a changed
word is told apart from a changed spelling, and numerals are compared on their own.
"""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ipt_evidence.citations.normal_forms import normal_title

__all__ = [
    "TitleForm",
    "compare_journals",
    "compare_titles",
    "numbers_conflict",
    "title_form",
    "without_umlauts",
]

_TAG = re.compile(r"</?(?:sup|sub|i|b|em|strong|u|scp|italic|bold|span|inf)\b[^<>]{0,100}>", re.I)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_GREEK = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa"})

MARKERS: dict[str, re.Pattern[str]] = {
    "erratum": re.compile(
        r"^(?:published )?(?:author |publisher )?(?:erratum|errata|corrigend(?:um|a)|correction|"
        r"retraction|expression of concern|addendum)\b"
        r"(?: (?:in|to|for|of|note|notice|article|regarding))*"
        r"|\b(?:erratum|corrigendum|correction|retraction)$"
    ),
    "reply": re.compile(
        r"^(?:(?:the )?authors? )?(?:re|reply|replies|response|comments?|commentary|"
        r"letter|in reply|in response|rebuttal|editorial comment|invited commentary|discussion)"
        r"(?: (?:to|on|by|of|the|authors?|letter|from|comments?|article))*(?= |$)"
        r"|\b(?:(?:the )?authors? )?(?:reply|response|comments?|commentary|rebuttal)$"
    ),
    "protocol": re.compile(
        r"\b(?:(?:a )?(?:study |trial |review )?protocol(?: (?:for|of))?(?: an?| the)?|"
        r"rationale(?: and|,)? (?:study )?design(?: of)?(?: an?| the)?|"
        r"(?:study |trial )?design(?: and|,) (?:rationale|methods|methodology|protocol)"
        r"(?: of)?(?: an?| the)?|study design)\b"
    ),
}
"""What a title says that it is, other than the article itself; searched in the folded title."""

_PERIODIC = re.compile(
    r"\b(?:annual|yearly|biennial|quarterly|interim|progress) (?:\w+ )?"
    r"(?:report|review|survey|update|meeting|conference|index)\b"
    r"|\byear in review\b|\bjahresbericht\b|\brapport annuel\b"
)
"""Titles that come back every year; as ``periodic`` among the marks."""

_WOS_ERRATUM = re.compile(r"\(vol\.? ?\d+.{0,60}?\b(?:19|20)\d\d\)\s*$", re.IGNORECASE)
# A flag that databases put on the article itself, not a notice of its own.
_FLAG = re.compile(
    r"^\W*(?:retracted|withdrawn)(?: article)?\s*[:\])-]+\s*"
    r"|\s*[(\[](?:retracted|withdrawn)\b[^()\[\]]{0,120}[)\]]?\s*$",
    re.IGNORECASE,
)
# What databases put behind the title of an article itself: [Article in German], [see comments].
_TONGUES = (
    "english|german|french|spanish|portuguese|italian|dutch|polish|czech|russian|japanese|chinese|"
    "korean|turkish|hungarian|danish|swedish|norwegian|finnish|hebrew|arabic|persian|croatian|"
    "serbian|romanian|greek"
)
_NOTE = re.compile(
    rf"\s*[(\[](?:(?:article |text |paper )?(?:in )?(?:{_TONGUES})(?:[;,/ ][^()\[\]]{{0,60}})?|"
    r"review|corrected|abridged|see comments?|author'?s transl(?:ation)?|proceedings?|"
    r"published erratum appears[^()\[\]]{0,200})[)\]]\s*\.?\s*$",
    re.IGNORECASE,
)
_LABELS = "part|phase|study|type|stage|paper|report|section|chapter|volume|series|grade|class"
_LABELLED = re.compile(rf"\b(?:{_LABELS}) (i{{1,3}}|iv|v|vi{{1,3}}|ix|x|[a-d])\b")
_ROMAN = re.compile(r"\b(ii|iii|iv|vi|vii|viii|ix|xi|xii)\b")
_STANDING_ROMAN = re.compile(r"(?<=[.:;,\-–—] )([IVX]{1,4})(?=[.:)]|\s*[-–—]\s)")
_ROMANS = {
    name: str(number)
    for number, name in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)
}
_WORDS = {
    name: str(number)
    for number, name in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
}
_ARTICLES = frozenset({"a", "an", "the"})
_FILLERS = frozenset("a an the of and in for on to by with vs versus v s et al".split())
# Words alike in spelling that mean the opposite: never a mere misspelling of each other.
_CONTRASTS = (
    "hyper",
    "hypo",
    "inter",
    "intra",
    "pre",
    "post",
    "anti",
    "micro",
    "macro",
    "in",
    "out",
)

_MEANINGFUL_LETTERS = frozenset("aeim")
"""A lost first letter is a slip, but for asymptomatic, emotion, immature, mHealth."""
_ENDINGS = frozenset({"s", "es", "d", "ed"})
_MOST_RESPELLED = 5


@dataclass(frozen=True, slots=True)
class TitleForm:
    """One title folded for comparing.

    ``words`` has no case, accents or punctuation, nor a leading article; ``compact`` is the words
    without spaces; ``core`` is ``compact`` without what ``marks`` found; ``numbers`` holds every
    numeral, roman ones as arabic; ``tongues`` has each half, compact, of a title that is given in
    two languages.
    """

    words: tuple[str, ...]
    compact: str
    core: str
    numbers: frozenset[str]
    marks: frozenset[str]
    cut: bool
    tongues: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Letters; a Chinese or Japanese character says as much as about three."""
        if self.compact.isascii():
            return len(self.compact)
        return len(self.compact) + 2 * len(_IDEOGRAPHS.findall(self.compact))


_EMPTY = TitleForm((), "", "", frozenset(), frozenset(), False)
# Terapia breve / Brief therapy; Terapia breve. = Brief therapy; Terapia breve [Brief therapy]
_TWO_TONGUES = re.compile(r"\s*\.?\s+[/=]\s+|\s*\.?\s*[\[\]]\s*")
_LEAST_TONGUE = 20
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


_GERMAN = frozenset(
    "der die das den dem des und bei von fur fuer mit zur zum im eine einer".split()
)
_NORDIC = frozenset("med til av pa".split())
"""Of these two, and one of the others, say that a title is Danish, Norwegian or Swedish."""

_NORDIC_ALONE = frozenset("og hos ved och efter paa".split())
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")


def without_umlauts(word: str) -> str:
    """``mueller``, ``muller`` (from Müller) and ``østergård``, ``oestergaard`` in one spelling."""
    if not word.isascii():
        word = word.replace("ø", "o").replace("æ", "a").replace("œ", "o").replace("ł", "l")
    word = word.replace("aa", "a")
    return _UMLAUT.sub(r"\1", word) if "e" in word else word


def _fold(word: str) -> str:
    """British and American spelling as one."""
    if "ae" in word or "oe" in word:
        word = word.replace("ae", "e").replace("oe", "e")
    if "our" in word and len(word) > 4:
        word = word.replace("our", "or")
    if "is" in word and len(word) > 6:
        word = re.sub(r"is(?=e|ing|ation|ed)", "iz", word)
    return word


def title_form(title: str | None) -> TitleForm:
    """``title`` in the form in which titles are compared; empty for a missing title."""
    if not title or not title.strip():
        return _EMPTY
    text = html.unescape(title) if "&" in title else title
    text = _TAG.sub("", text) if "<" in text else text
    text = _THOUSANDS.sub("", text).translate(_GREEK)
    text = _NOTE.sub("", _FLAG.sub("", text))
    cut = text.rstrip().endswith(("...", "…"))
    if cut and text.rstrip(" .…")[-1:].isdigit():
        text = re.sub(r"\w+[ .…]*$", "", text)  # a number may go on
    folded = normal_title(text)
    words = folded.split()
    core, marks = folded, set()
    if _PERIODIC.search(folded):
        marks.add("periodic")
    for mark, pattern in MARKERS.items():
        found = pattern.sub(" ", core)
        if found != core:
            marks.add(mark)
            core = found
    if _WOS_ERRATUM.search(text):
        marks.add("erratum")
        core = normal_title(_WOS_ERRATUM.sub("", text))
    while words and words[0] in _ARTICLES:
        words = words[1:]
    core_words = core.split()
    while core_words and core_words[0] in _ARTICLES:
        core_words = core_words[1:]
    known = set(words)
    nordic = known & _NORDIC_ALONE or len(known & _NORDIC) > 1 or "ø" in folded or "æ" in folded
    fold = without_umlauts if nordic or known & _GERMAN else _fold
    compact = "".join(map(fold, words))
    return TitleForm(
        words=tuple(sys.intern(fold(word)) for word in words),  # all titles share their words
        compact=compact,
        core=compact if core_words == words else "".join(map(fold, core_words)),
        numbers=_numbers(text, folded),
        marks=frozenset(marks),
        cut=cut,
        tongues=_tongues(text) if _TWO_TONGUES.search(text) else (),
    )


def _tongues(text: str) -> tuple[str, ...]:
    halves = [half for half in _TWO_TONGUES.split(text) if half.strip(" .")]
    if len(halves) != 2:
        return ()
    folded = ["".join(_fold(w) for w in normal_title(half).split()) for half in halves]
    return tuple(folded) if min(map(len, folded)) >= _LEAST_TONGUE else ()


def _numbers(text: str, folded: str) -> frozenset[str]:
    found = {item.lstrip("0") or "0" for item in re.findall(r"\d+", folded)}
    found |= {_WORDS[word] for word in folded.split() if word in _WORDS}
    found |= {_ROMANS.get(item, item) for item in _LABELLED.findall(folded)}
    found |= {_ROMANS[item] for item in _ROMAN.findall(folded)}
    for item in _STANDING_ROMAN.findall(text):
        if item.lower() in _ROMANS:
            found.add(_ROMANS[item.lower()])
    return frozenset(found)


def numbers_conflict(one: TitleForm, two: TitleForm) -> bool:
    """Whether each title holds a numeral that the other lacks (Part I, Part II; 2016, 2017)."""
    return bool(one.numbers - two.numbers) and bool(two.numbers - one.numbers)


def compare_titles(one: TitleForm, two: TitleForm) -> tuple[str, float]:
    """How two titles go together, and their similarity from 0 to 1.

    ``same`` letter for letter, ``spelling`` differs in spelling only, ``cut`` when one goes on
    where the other was cut off, ``tongue`` when one has the other's title beside one in a second
    language, ``contained`` when one begins with the other, ``within`` when it stands further on,
    ``alike``, ``different``, or ``unknown`` when one is missing.
    """
    if not one.compact or not two.compact:
        return "unknown", 0.0
    if one.compact == two.compact:
        return "same", 1.0
    ratio = fuzz.ratio(one.compact, two.compact) / 100
    if ratio >= 0.85 and _only_spelling(one.words, two.words):
        return "spelling", ratio
    if _shares_tongue(one, two) or _shares_tongue(two, one):
        return "tongue", ratio
    short, long = sorted((one, two), key=lambda form: len(form.compact))
    if len(short.compact) >= 25 and short.compact in long.compact:
        was_cut = short.cut or len(short.compact) >= 200 or not _ends_with_word(short, long)
        if long.compact.startswith(short.compact):
            return ("cut" if was_cut else "contained"), ratio
        if short.words[0] in long.words:  # not symptomatic in asymptomatic
            return "within", ratio
    if ratio >= 0.85 or fuzz.token_sort_ratio(" ".join(one.words), " ".join(two.words)) >= 90:
        return "alike", ratio
    return "different", ratio


def _shares_tongue(one: TitleForm, two: TitleForm) -> bool:
    return bool(one.tongues) and (
        two.compact in one.tongues or not set(one.tongues).isdisjoint(two.tongues)
    )


def _ends_with_word(short: TitleForm, long: TitleForm) -> bool:
    """Whether the last word of ``short`` is a whole word of ``long``."""
    return short.words[-1] in long.words


def _only_spelling(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether the titles have the same words but for spelling, spacing and small words."""
    changes = 0
    mine = yours = ""
    for step in Levenshtein.opcodes(one, two):
        if step.tag != "equal":
            mine += "".join(w for w in one[step.src_start : step.src_end] if w not in _FILLERS)
            yours += "".join(w for w in two[step.dest_start : step.dest_end] if w not in _FILLERS)
            continue
        changes += mine != yours
        if not _respelled(mine, yours):
            return False
        mine = yours = ""
    return _respelled(mine, yours) and changes <= _MOST_RESPELLED


def _respelled(one: str, two: str) -> bool:
    if one == two:
        return True
    if not one or not two or any(sign.isdigit() for sign in one + two):
        return False
    if one[0] != two[0]:
        short, long = sorted((one, two), key=len)
        return len(short) >= 6 and long[1:] == short and long[0] not in _MEANINGFUL_LETTERS
    for prefix in _CONTRASTS:
        if one.startswith(prefix) != two.startswith(prefix):
            return False
    shorter = min(len(one), len(two))
    short, long = sorted((one, two), key=len)
    if shorter >= 4 and long.startswith(short) and long[len(short) :] in _ENDINGS:
        return True
    allowed = 2 if shorter >= 8 else 1 if shorter >= 5 else 0
    return Levenshtein.distance(one, two, score_cutoff=allowed) <= allowed


_FILLERS = frozenset(
    "the of and in for on a an to de la le les des du et der die das und y e i del da do dos das "
    "di della dello per für fur van voor".split()
)
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]{0,200}[)\]]")
_JOURNAL_SUBTITLE = re.compile(
    r"\s*(?:[:=/]|\s[-–—]\s|(?:(?<=[a-z]{6})|(?<=[A-Z]{4}))\. (?=[A-Z])).*$", re.DOTALL
)


@lru_cache(maxsize=100_000)
def _journal_words(name: str, *, whole: bool) -> tuple[str, ...]:
    text = _ASIDE.sub("", name)
    if not whole:
        text = _JOURNAL_SUBTITLE.sub("", text)
    found = tuple(word for word in normal_title(text).split() if word not in _FILLERS)
    return found or tuple(normal_title(name).split())


@lru_cache(maxsize=200_000)
def compare_journals(one: str | None, two: str | None) -> int:
    """1 the same journal, -1 another one, 0 when a name is missing or one is a part of the other.

    ``Am J Trop Med Hyg``, ``American Journal of Tropical Medicine and Hygiene`` and ``American
    journal of tropical medicine & hygiene (Baltimore)`` agree. A subtitle does not count.
    """
    if not one or not two:
        return 0
    for whole in (False, True):
        mine, yours = _journal_words(one, whole=whole), _journal_words(two, whole=whole)
        if not mine or not yours:
            return 0
        if _agree(mine, yours):
            return 1
    mine, yours = sorted((mine, yours), key=len)
    if _agree(mine, yours[: len(mine)]):
        return 0  # a series, a section or an edition of it
    return -1


def _agree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    if one == two:
        return True
    if len(one) == len(two):
        return all(_abbreviates(a, b) for a, b in zip(one, two, strict=True))
    return _acronym(one, two) or _acronym(two, one)


def _abbreviates(one: str, two: str) -> bool:
    """Whether one word shortens the other: its beginning, or letters of it in order (Natl)."""
    if len(one) > len(two):
        one, two = two, one
    if two.startswith(one):
        return True
    if len(one) < 3 or one[0] != two[0]:
        return False
    rest = iter(two)
    return all(letter in rest for letter in one) and len(two) - len(one) >= 2


def _acronym(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """``jama`` for ``journal american medical association``; at least three letters."""
    return (
        len(short) == 1
        and len(short[0]) >= 3
        and short[0] == "".join(word[0] for word in long)[: len(short[0])]
        and len(long) == len(short[0])
    )
