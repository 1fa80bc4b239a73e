"""Which code page the accents of a text are in, by whose words they make.

A byte above 127 is another letter in every code page. Read in the right one, the words with accents
are spelled with the letters of one language; read in a wrong one, they hold signs (``³``), capitals
in their middle, or letters that no language has together (``Dvoøák``). So each code page is scored
by the words that it makes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["alphabet_code_page", "best_code_page"]

# The letters beyond A to Z of each language, and how likely its words are to be met.
_LANGUAGES: dict[str, tuple[str, float]] = {
    "German": ("äöüß", 1.0),
    "French": ("àâçéèêëîïôœùûü", 1.0),
    "Spanish": ("áéíñóúü", 1.0),
    "Portuguese": ("áâãàçéêíóôõúü", 1.0),
    "Italian": ("àèéìíòóùú", 1.0),
    "Dutch": ("áéèêëíïóöúü", 1.0),
    "Swedish and Finnish": ("åäöéü", 1.0),
    "Danish and Norwegian": ("æøåéäö", 1.0),
    "Polish": ("ąćęłńóśźż", 0.95),
    "Czech": ("áčďéěíňóřšťúůýž", 0.95),
    "Slovak": ("áäčďéíĺľňóôŕšťúýž", 0.4),
    "Hungarian": ("áéíóöőúüű", 0.95),
    "Turkish": ("çğıöşüâ", 0.95),
    "Croatian and Slovene": ("čćđšž", 0.9),
    "Romanian": ("ăâîşţ", 0.9),
    "Lithuanian": ("ąčęėįšųūž", 0.9),
    "Latvian": ("āčēģīķļņšūž", 0.9),
    "Catalan": ("àçéèíïóòúü", 0.3),
    "Icelandic": ("áðéíóúýþæö", 0.2),
    "Estonian": ("äõöüšž", 0.2),
}
# How likely files are to be in each code page, before anything is known of them.
_CODE_PAGES = {
    "cp1252": 1.0,
    "cp1250": 0.3,
    "iso8859_2": 0.2,
    "cp1254": 0.3,
    "cp1257": 0.1,
    "mac_roman": 0.1,
}
_NO_LANGUAGE = 0.01
_BROKEN = 0.001
_MOST_WORDS = 3_000
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
# Signs that stand beside words in printed text and say nothing about their letters.
_BESIDE = "'’‘“”„«»–—…·•§©®™†‡°´`¿¡ºª×µ\xa0\xad"
_SUSPECT = re.compile(r"õ(?!e)|û$|^û", re.IGNORECASE)  # ő and ű of Hungarian, read as Western


def best_code_page(sample: bytes) -> tuple[str, str]:
    """The code page in which the accents of ``sample`` make words, and how sure that is, in words.

    Windows-1252 where nothing speaks against it: it is by far the most common.
    """
    words = list(dict.fromkeys(_WORD.findall(sample)))[:_MOST_WORDS]
    scores = {codec: _score(words, codec, prior) for codec, prior in _CODE_PAGES.items()}
    best = max(scores, key=lambda codec: scores[codec])
    fits = sum(_plausibility(word, best) > _NO_LANGUAGE for word in words)
    return best, f"{fits} of {len(words)} accented words fit it"


def _score(words: Iterable[bytes], codec: str, prior: float) -> float:
    return math.log(prior) + sum(math.log(_plausibility(word, codec)) for word in words)


def _plausibility(word: bytes, codec: str) -> float:
    """From 0 to 1: whether ``word`` is spelled as in a language of the code page."""
    try:
        text = word.decode(codec)
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined, which are read all the same.
        return _BROKEN
    text = text.strip(_BESIDE)
    if not any(map(str.isalpha, text)):
        return 1.0
    if text.isascii() and text.replace("'", "").isalpha():
        return 1.0
    worst = 1.0
    for part in re.split(f"[{_BESIDE}]", text):
        if not part.isascii():
            worst = min(worst, _spelling(part, codec))
    return worst * (0.2 if re.search(r"[–—…]", text) else 1.0)


def _spelling(part: str, codec: str) -> float:
    if not part.isalpha():
        return _BROKEN
    if not (part.islower() or part.isupper() or part[1:].islower() or _inner_capital(part)):
        return _BROKEN
    letters = {sign for sign in part.lower() if not sign.isascii() and sign != "\u0307"}
    weights = [w for alphabet, w in _alphabets(codec) if letters <= alphabet]
    best = max(weights, default=_NO_LANGUAGE)
    suspect = codec in ("cp1252", "cp1254", "mac_roman") and _SUSPECT.search(part)
    return min(best, 0.1) if suspect else best


def _inner_capital(part: str) -> bool:
    """``McGuïre``: a capital inside is fine when it is a plain one."""
    return all(sign.isascii() for sign in part[1:] if sign.isupper())


@lru_cache(maxsize=16)
def _alphabets(codec: str) -> tuple[tuple[frozenset[str], float], ...]:
    """The alphabets that a code page can write."""
    usable = []
    for letters, weight in _LANGUAGES.values():
        try:
            letters.encode(codec)
        except UnicodeEncodeError:
            if codec != "mac_roman" or weight < 1.0:
                continue
        usable.append((frozenset(letters), weight))
    return tuple(usable)


_CYRILLIC = ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic")
_RUN = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]{3,}(?![A-Za-z\x80-\xff])")
_ANY_RUN = re.compile(rb"[\x80-\xff]+")
_HEBREW = re.compile(rb"[\xe0-\xfa]+")
_RUSSIAN = re.compile(r"[А-ЯЁІЇЄЎЂЈЉЊЋЏ]?[а-яёіїєґўђјљњћџ]+|[А-ЯЁІЇЄҐЎЂЈЉЊЋЏ]+")
_MIN_SHARE = 0.85


def alphabet_code_page(sample: bytes) -> str | None:
    """The code page in which runs of high bytes are Cyrillic or Hebrew words; None for neither.

    In a wrong code page the capitals stand at the ends of words, or signs among the letters.
    Hebrew has no capitals; its letters are all
    that stands in their place.
    """
    runs = list(dict.fromkeys(_RUN.findall(sample)))[:_MOST_WORDS]
    if sum(map(len, runs)) < _MIN_SHARE / 2 * sum(map(len, set(_ANY_RUN.findall(sample)))):
        return None
    if len(runs) > 2 and all(map(_HEBREW.fullmatch, runs)):
        return "cp1255"
    best, most = None, _MIN_SHARE
    for codec in _CYRILLIC:
        fits = [
            bool(_RUSSIAN.fullmatch(text)) and not text.isupper()
            for run in runs
            if (text := run.decode(codec, "replace"))
        ]
        share = sum(fits) / len(fits) if fits else 0.0
        if share > most and re.search("[А-Я][а-я]", sample.decode(codec, "replace")):
            best, most = codec, share
    return best
