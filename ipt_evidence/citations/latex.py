"""LaTeX in bibliographies → text for reading.

Accents, special letters, dashes, quotes, fonts and simple mathematics are decoded here, with the
symbols of pylatexenc. Only what still holds a backslash afterwards is parsed by pylatexenc, which
costs about 0.4 ms a field. Nothing is executed and nothing is evaluated.

"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ipt_evidence.citations.normal_forms import normal_space

__all__ = ["decode", "decode_accents"]

_ACCENTS = {
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "b": "\u0331",
    "c": "\u0327",
    "d": "\u0323",
    "H": "\u030b",
    "k": "\u0328",
    "r": "\u030a",
    "t": "\u0361",
    "u": "\u0306",
    "v": "\u030c",
    "U": "\u030e",
}
"""Accent command → the combining character that follows its letter in Unicode."""

_SYMBOLS = {
    **{"epsilon": "ε", "phi": "φ", "SS": "SS", "lq": "‘", "rq": "’", "glqq": "„", "grqq": "“"},
    **{"copyright": "©", "pounds": "£", "euro": "€", "S": "§", "P": "¶", "ddag": "‡"},
    **{"degree": "°", "slash": "/", "LaTeX": "LaTeX", "TeX": "TeX"},
    **{"textquotedbl": '"', "textasciicircum": "^", "textless": "<", "textgreater": ">"},
    **{"textbar": "|", "textunderscore": "_", "textbraceleft": "{", "textbraceright": "}"},
    **dict.fromkeys("newblock newline quad space nobreakspace par".split(), " "),
}
"""Commands that pylatexenc does not know or reads otherwise → the text that they stand for."""

_FONT_COMMANDS = frozenset(
    "textit textbf textsc texttt textrm textsf textsl textup textmd textnormal emph enquote mbox "
    "text mathrm mathit mathbf mathsf mathcal url path nolinkurl href uppercase lowercase "
    "MakeUppercase MakeLowercase textsuperscript textsubscript underline "
    "it bf sc tt rm sf sl em bfseries itshape scshape upshape normalfont small large "
    "hbox protect relax ensuremath natexlab bibinfo selectlanguage".split()
)
"""Commands of which only the argument is text."""

_SUPER = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-−=()n", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₙ")


MAX_FALLBACK_LENGTH = 50_000
"""Longer fields are not sent to pylatexenc, which is recursive and slow."""

MAX_FALLBACK_DEPTH = 100
"""Fields with deeper braces are not sent to pylatexenc: it would exhaust the stack."""

_ACCENT = re.compile(
    r"\\(?:"
    r"([\"'`^~=.])\s*(?:\{\s*(\\[ijoOlL]|[^\W\d_])?\s*\}|(\\[ij])(?![A-Za-z])|([^\W\d_]))"
    r"|([bcdHkrtuvU])(?:\s*\{\s*(\\[ijoOlL]|[^\W\d_])\s*\}|\s+(\\[ij])(?![A-Za-z])|\s+([^\W\d_]))"
    r")"
)
_LETTER = re.compile(
    r"\\(ss|SS|[oOlLij]|ae|AE|oe|OE|aa|AA|dh|DH|th|TH|dj|DJ|ng|NG)(?![A-Za-z])"
    r"(?:\s*\{\}|[ \t\n]+|)"
)
_SINGLE = re.compile(r"\{([^\W\d_a-zA-Z])\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?(?:\s*\{\}|[ \t\n]*(?=\{)|[ \t\n]+|)")
_ESCAPED = re.compile(r"\\([&%$#_{} ,;:!/@\"'\\])")
_SCRIPT = re.compile(r"([_^])(?:\{([0-9+\-−=()n]{1,12})\}|([0-9+\-n]))")
_SCRIPT_COMMAND = re.compile(r"\\text(super|sub)script\s*\{([0-9+\-−=()n]{1,12})\}")
_HREF = re.compile(r"\\href\s*\{[^{}]*\}\s*")
_MATH = re.compile(r"\$(?<!\\\$)([^$]{0,300}+)\$(?<!\\\$)")

# Characters that stand for an escaped one until braces and dollars have been dealt with.
_GUARD = {"{": "\ue000", "}": "\ue001", "$": "\ue002", "\\": "\ue003", "~": "\ue004"}
_INVISIBLE = {"\\": " ", ",": "\u2009", ";": " ", ":": " ", "!": "", "/": "", " ": " ", "@": ""}


@lru_cache(maxsize=4096)
def _symbol(name: str) -> str | None:
    """The text for which a command without argument stands; None where it is not known."""
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    from pylatexenc.latex2text import get_default_latex_context_db

    known = get_default_latex_context_db().get_macro_spec(name)
    text = getattr(known, "simplify_repl", None)
    return text if isinstance(text, str) and len(text) == 1 else None


def _compose(match: re.Match[str]) -> str:
    return _composed(match.group())


@lru_cache(maxsize=4096)
def _composed(command: str) -> str:
    r"""The letter of one accent command such as ``\'{e}``."""
    match = _ACCENT.match(command)
    if match is None:
        return command
    mark, *letters = [item for item in match.groups() if item]
    letter = letters[0] if letters else ""
    if letter.startswith("\\"):
        letter = (_symbol(letter[1:]) or "") if letter[1:] not in "ij" else letter[1:]
    if not letter:  # \~{} and \^{} stand for the sign itself
        return {"~": _GUARD["~"], "^": "^"}.get(mark, "")
    composed = unicodedata.normalize("NFC", letter + _ACCENTS[mark])
    if len(composed) > 1 and mark in ('"', "'", "`", "^", "~"):
        return command[1:]  # \"quoted\": there is no such letter, so it is the sign itself
    return composed


def _letter(match: re.Match[str]) -> str:
    return _symbol(match.group(1)) or ""


def _only(match: re.Match[str]) -> str:
    return match.group(1)


def decode_accents(text: str) -> str:
    r"""Accents and special letters of ``text`` as Unicode; commands and braces stay.

    Braces around nothing but the accented letter are dropped: ``{\"u}`` means just ``ü``.
    """
    if "\\" not in text:
        return text
    text = _ACCENT.sub(_compose, text)
    if "\\" in text:
        text = _LETTER.sub(_letter, text)
    return _SINGLE.sub(_only, text) if "{" in text else text


def _command(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in _FONT_COMMANDS:
        return ""
    symbol = _symbol(name)
    if symbol is None:
        return match.group()
    return _GUARD.get(symbol, symbol)


def _escaped(match: re.Match[str]) -> str:
    sign = match.group(1)
    return _INVISIBLE.get(sign, _GUARD.get(sign, sign))


def _script(match: re.Match[str]) -> str:
    table = _SUPER if match.group(1) == "^" else _SUB
    return (match.group(2) or match.group(3)).translate(table)


def _script_command(match: re.Match[str]) -> str:
    return match.group(2).translate(_SUPER if match.group(1) == "super" else _SUB)


def _mathematics(match: re.Match[str]) -> str:
    return _SCRIPT.sub(_script, match.group(1))


def _with_pylatexenc(text: str) -> str:
    """What the table leaves, by pylatexenc; ``text`` itself where that cannot read it either."""
    if len(text) > MAX_FALLBACK_LENGTH or text.count("{") > MAX_FALLBACK_DEPTH:
        return text
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalkerError

    # An unescaped percent sign would start a comment and swallow the rest of the line.
    guarded = re.sub(r"(?<!\\)%", r"\\%", text)
    try:
        return str(LatexNodes2Text(math_mode="text").latex_to_text(guarded))
    except (LatexWalkerError, IndexError, ValueError, RecursionError):
        return text


def strip_braces(text: str) -> str:
    """``text`` without its grouping braces."""
    return text.replace("{", "").replace("}", "") if "{" in text or "}" in text else text


def _typography(text: str) -> str:
    if "-" in text and "" in text.split("-")[1:-1]:  # faster than to look for two signs
        text = text.replace("---", "—").replace("--", "–")
    if ("`" in text and "``" in text) or ("'" in text and "''" in text):
        text = text.replace("``", "“").replace("''", "”")
    return text


def decode(text: str) -> str:
    """``text`` as a reader should see it: LaTeX decoded, braces and extra white space dropped.

    Fields without a backslash, brace, tie or dash pair are returned untouched but for white
    space. The result is in Unicode's NFC.
    """
    if "\\" in text:
        text = decode_accents(text)
        if "\\" in text:
            text = _decode_commands(text)
    if "$" in text:
        text = _MATH.sub(_mathematics, text)
    text = _typography(text)
    if "~" in text:
        text = _ties(text)
    text = strip_braces(text)
    if not text.isascii():
        for plain, guard in _GUARD.items():
            text = text.replace(guard, plain)
    return normal_space(text)


def _decode_commands(text: str) -> str:
    text = _ESCAPED.sub(_escaped, text)
    if "\\" not in text:
        return text
    text = _SCRIPT_COMMAND.sub(_script_command, text)
    text = _COMMAND.sub(_command, _HREF.sub("", text))
    if "\\" in text:
        text = _MATH.sub(_mathematics, text)
        text = _with_pylatexenc(text)
    return text


_TIE = re.compile(r"(?<![\s/])~(?!/)|~(?=[-–—])|^~|~$")


def _ties(text: str) -> str:
    """A tie between words is a space; in an address (``/~name``) it is the sign itself."""
    return _TIE.sub(" ", text)
