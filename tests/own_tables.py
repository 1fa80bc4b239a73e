"""Files of one's own as people have them: fourteen kinds, of invented trials."""

from __future__ import annotations

import io
from dataclasses import dataclass

import openpyxl

__all__ = ["ARMS", "FILES", "OwnFile", "workbook"]

# study, mean, SD and people of each arm; scores in which lower is better
ARMS = (
    ("Adams 2001", 9.2, 5.1, 42, 13.4, 6.2, 40),
    ("Brown 2004", 11.5, 6.4, 25, 14.1, 5.9, 27),
    ("Çelik 2009", 8.8, 4.7, 61, 10.2, 5.3, 58),
    ("Dóra 2012", 12.6, 7.0, 33, 17.9, 6.8, 31),
    ("Evans 2016", 10.1, 5.8, 80, 11.7, 6.1, 83),
    ("Fischer 2020", 9.9, 6.1, 19, 15.2, 7.3, 22),
)
EVENTS = tuple((row[0], int(row[3] * 0.6), row[3], int(row[6] * 0.35), row[6]) for row in ARMS)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file by its name, its bytes, and the measure that it is read as."""

    name: str
    data: bytes
    measure: str


def text(header: str, rows: object, mark: str = ",", point: str = ".", sep: str = "|") -> str:
    lines = [mark.join(header.split(sep))]
    for row in rows:  # type: ignore[attr-defined]
        cells = (f"{cell:g}".replace(".", point) if isinstance(cell, float) else str(cell)
                 for cell in row)  # fmt: skip
        lines.append(mark.join(cells))
    return "\n".join(lines) + "\n"


def workbook(header: str, rows: object, *, before: bool = True) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if before:
        sheet.title = "Notes"
        sheet["A1"] = "Extracted by two people"
        sheet = book.create_sheet("Data")
        sheet.append(["Results after treatment"])
    sheet.append(header.split("|"))
    for row in rows:  # type: ignore[attr-defined]
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


METAFOR = "study|m1i|sd1i|n1i|m2i|sd2i|n2i"
WORDS = (
    "Study|Mean (treatment)|SD (treatment)|N (treatment)|Mean (control)|SD (control)|N (control)"
)
REVMAN = "Study|Experimental mean|Experimental SD|Experimental N|Control mean|Control SD|Control N"
METAPSY = (
    "study|condition_arm1|condition_arm2|.g|.g_se|instrument|mean_arm1|sd_arm1|n_arm1|mean_arm2|"
    "sd_arm2|n_arm2"
)
_G = ((0.73, 0.23), (0.42, 0.28), (0.28, 0.18), (0.75, 0.26), (0.27, 0.16), (0.76, 0.32))
_METAPSY_ROWS = [
    (row[0], "ipt", "cau", *g, "hdrs", *row[1:]) for row, g in zip(ARMS, _G, strict=True)
]
_CHANGES = [
    (name, m1 + 8.0, s1, m1, s1, n1, m2 + 8.5, s2, m2, s2, n2, 0.5)
    for name, m1, s1, n1, m2, s2, n2 in ARMS
]

DATA_ROWS = (
    "Analysis group|Analysis number|Analysis name|Subgroup|Applicability|Study|Study year|GIV Mean|"
    "GIV SE|Experimental mean|Experimental SD|Experimental cases|Experimental N|Control mean|"
    "Control SD|Control cases|Control N|O-E|Variance|Weight|Mean|CI start|CI end|Footnotes"
)
"""Columns of the data rows in a data package of RevMan Web."""
REVMAN_WEB = [
    *(("1", "1", "Depression", "", "", name, name[-4:], "0", "0", m1, s1, "0", n1, m2, s2, "0", n2,
       "0", "0", "16.7", "-0.5", "-0.9", "-0.1", "") for name, m1, s1, n1, m2, s2, n2 in ARMS),
    *(("1", "2", "Response", "", "", name, name[-4:], "0", "0", "0", "0", e1, n1, "0", "0", e2, n2,
       "0", "0", "16.7", "2.1", "1.1", "4.2", "") for name, e1, n1, e2, n2 in EVENTS),
]  # fmt: skip
ARM_ROWS = [
    row for name, m1, s1, n1, m2, s2, n2 in ARMS
    for row in ((name, "IPT", m1, s1, n1), (name, "Waiting list", m2, s2, n2))
]  # fmt: skip

FILES = (
    OwnFile("metafor.csv", text(METAFOR, ARMS).encode(), "SMD"),
    OwnFile("semicolons.csv", text(WORDS, ARMS, ";", ",").encode("cp1252"), "SMD"),
    OwnFile("tabs.tsv", text(WORDS, ARMS, "\t").encode("utf-16"), "SMD"),
    OwnFile("revman.csv", b"\xef\xbb\xbf" + text(REVMAN, ARMS).encode(), "SMD"),
    OwnFile("metapsy.csv", text(METAPSY, _METAPSY_ROWS, ";", ",").encode(), "SMD"),
    OwnFile("excel.xlsx", workbook(WORDS, ARMS), "SMD"),
    OwnFile("events.csv", text("trial|ai|n1i|ci|n2i", EVENTS).encode(), "OR"),
    OwnFile("yi.csv", text("author|yi|vi", [(r[0], *g) for r, g in zip(ARMS, _G, strict=True)])
            .encode(), "GEN"),
    OwnFile("jasp.csv", text("Study|Effect Size|Standard Error",
            [(r[0], *g) for r, g in zip(ARMS, _G, strict=True)]).encode(), "GEN"),
    OwnFile("changes.csv", text("study|pre_t|pre_sd_t|post_t|post_sd_t|n_t|pre_c|pre_sd_c|post_c|"
            "post_sd_c|n_c|r", _CHANGES).encode(), "PPC"),
    OwnFile("correlations.csv", text("study|ri|ni", [(row[0], 0.1 + 0.05 * i, row[3] * 2)
            for i, row in enumerate(ARMS)]).encode(), "ZCOR"),
    OwnFile("intervals.csv", text("Study|Hedges g|95% CI", [(row[0], 0.5 + i / 10,
            f"{0.1 + i / 10:g} to {0.9 + i / 10:g}") for i, row in enumerate(ARMS)]).encode(),
            "SMD"),
    OwnFile("revman-web.csv", text(DATA_ROWS, REVMAN_WEB).encode(), "SMD"),
    OwnFile("arms.csv", text("Study|Arm|Mean|SD|N", ARM_ROWS).encode(), "SMD"),
)  # fmt: skip
"""One file of each kind."""
