"""The LaTeX that bibliographies hold, as tables: accents, letters, signs, fonts, scripts."""

from __future__ import annotations

__all__ = ["ACCENTS", "FONT_COMMANDS", "SUB", "SUPER", "SYMBOLS"]

ACCENTS = {
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

_LETTERS = {
    "ss": "ß",
    "SS": "SS",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
}
_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
        "Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        strict=True,
    )
)
_SIGNS = {
    "textendash": "–",
    "textemdash": "—",
    "textquoteleft": "‘",
    "textquoteright": "’",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquotesingle": "'",
    "textquotedbl": '"',
    "lq": "‘",
    "rq": "’",
    "guillemotleft": "«",
    "guillemotright": "»",
    "glqq": "„",
    "grqq": "“",
    "ldots": "…",
    "dots": "…",
    "textellipsis": "…",
    "textregistered": "®",
    "texttrademark": "™",
    "copyright": "©",
    "textcopyright": "©",
    "pounds": "£",
    "textsterling": "£",
    "euro": "€",
    "texteuro": "€",
    "S": "§",
    "P": "¶",
    "dag": "†",
    "ddag": "‡",
    "textbullet": "•",
    "textdegree": "°",
    "degree": "°",
    "textmu": "µ",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textasciiacute": "´",
    "textbackslash": "\\",
    "backslash": "\\",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "textdollar": "$",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textquestiondown": "¿",
    "textexclamdown": "¡",
    "textonehalf": "½",
    "textordfeminine": "ª",
    "textordmasculine": "º",
    "times": "×",
    "pm": "±",
    "cdot": "·",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "approx": "≈",
    "sim": "∼",
    "rightarrow": "→",
    "to": "→",
    "leftarrow": "←",
    "infty": "∞",
    "varepsilon": "ε",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "slash": "/",
    "newblock": " ",
    "newline": " ",
    "quad": " ",
    "space": " ",
    "nobreakspace": " ",
    "par": " ",
}
SYMBOLS = {**_GREEK, **_SIGNS, **_LETTERS}
"""Command (without backslash) → the text that it stands for."""

FONT_COMMANDS = frozenset(
    "textit textbf textsc texttt textrm textsf textsl textup textmd textnormal emph enquote mbox "
    "text mathrm mathit mathbf mathsf mathcal url path nolinkurl href uppercase lowercase "
    "MakeUppercase MakeLowercase textsuperscript textsubscript underline "
    "it bf sc tt rm sf sl em bfseries itshape scshape upshape normalfont small large "
    "hbox protect relax ensuremath natexlab bibinfo selectlanguage".split()
)
"""Commands of which only the argument is text."""

SUPER = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
SUB = str.maketrans("0123456789+-−=()n", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₙ")
