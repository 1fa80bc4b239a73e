"""Names and codes of languages as bibliographies write them → ISO 639-1."""

from __future__ import annotations

import re

__all__ = ["normal_language"]

_LANGUAGES = {
    "en": "english eng american british usenglish ukenglish australian canadian",
    "de": "german ger deu deutsch ngerman austrian naustrian",
    "es": "spanish spa español espanol castellano",
    "fr": "french fre fra français francais",
    "pt": "portuguese por português portugues brazilian brazil",
    "it": "italian ita italiano",
    "nl": "dutch nld dut nederlands",
    "sv": "swedish swe svenska",
    "da": "danish dan dansk",
    "no": "norwegian nor norsk nb nn",
    "fi": "finnish fin suomi",
    "pl": "polish pol polski",
    "ru": "russian rus русский",
    "tr": "turkish tur türkçe",
    "zh": "chinese chi zho mandarin",
    "ja": "japanese jpn",
    "ko": "korean kor",
    "fa": "persian per fas farsi",
    "ar": "arabic ara",
    "he": "hebrew heb",
    "cs": "czech cze ces",
    "hu": "hungarian hun",
    "el": "greek gre ell",
}
_LANGUAGE_CODES = {name: code for code, names in _LANGUAGES.items() for name in names.split()}


def normal_language(text: str | None) -> str | None:
    """ISO 639-1 code where the language is known (``ngerman``, ``ger``, ``de-AT`` → ``de``).

    A language that the table does not know is kept as it stands, in lower case.
    """
    if not text:
        return None
    name = " ".join(text.lower().split())
    first = re.split(r"[-_;,/ ]", name, maxsplit=1)[0]
    if first in _LANGUAGES:
        return first
    return _LANGUAGE_CODES.get(name) or _LANGUAGE_CODES.get(first) or name or None
