"""How much a server does for its readers at once: settings with safe defaults."""

from __future__ import annotations

import os

from ipt_evidence.errors import EvidenceError

__all__ = ["LIMITS", "limit"]

LIMITS = {
    "IPT_EVIDENCE_CALCULATIONS": (2, "long calculations at once, one for each reader"),
    "IPT_EVIDENCE_CALCULATIONS_WAITING": (20, "calculations that wait, of all readers"),
    "IPT_EVIDENCE_CALCULATIONS_OF_ONE": (3, "calculations that wait, of one reader"),
    "IPT_EVIDENCE_UPLOADS": (2, "uploads that are read at once"),
    "IPT_EVIDENCE_UPLOADS_WAITING": (100, "uploads that wait"),
    "IPT_EVIDENCE_SEARCHES": (12, "searches for new trials in an hour"),
    "IPT_EVIDENCE_SEARCHES_OF_ONE": (4, "searches in an hour from one page"),
    "IPT_EVIDENCE_ANSWERS": (2, "questions that the REST interface answers at once"),
}
"""By the environment variable that sets it: the default, and what it limits."""


def limit(variable: str) -> int:
    """The limit that ``variable`` sets, else its default.

    Raises
    ------
    EvidenceError
        If it is set to something else than a whole number from 1 to 1,000.
    """
    default, about = LIMITS[variable]
    said = os.environ.get(variable, "").strip()
    if not said:
        return default
    if not said.isascii() or not said.isdigit() or not 1 <= int(said[:9]) <= 1000:
        raise EvidenceError(
            f"{variable} is {said[:40]!r}. It sets the number of {about}: give a whole number from "
            "1 to 1000, or leave it out"
        )
    return int(said)
