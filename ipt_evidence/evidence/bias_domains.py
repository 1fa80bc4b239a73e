"""Risk of bias by domain, read from a rating as its source gives it.

The databases rate with two versions of the Cochrane tool, whose domains differ. What a source does
not rate is "No information": no judgement is made up.
"""

from __future__ import annotations

import re

__all__ = ["NO_INFORMATION", "VERSION_1", "VERSION_2", "domains"]

NO_INFORMATION = "No information"
VERSION_1 = {
    "sequence generation": "Random sequence generation",
    "allocation concealment": "Allocation concealment",
    "blinded assessors": "Blinding of outcome assessment",
    "intention to treat": "Incomplete outcome data",
}
"""Domains of the first version that the databases rate: their words, and those of the tool."""
VERSION_2 = {
    "D1": "Randomisation process",
    "D2": "Deviations from the intended interventions",
    "D3": "Missing outcome data",
    "D4": "Measurement of the outcome",
    "D5": "Selection of the reported result",
}
"""Domains of the second version. Sterne et al. (2019) doi:10.1136/bmj.l4898."""
# "1" is a criterion that was met; "sr" a self-report, where nobody could be blinded.
_CRITERION = {"1": "Low", "0": "High", "sr": "Some concerns"}
_RATED_1 = re.compile("({}) ([01sr/]+)".format("|".join(VERSION_1)))
_RATED_2 = re.compile(r"D(\d)(?: to D(\d))? (low|some concerns|high)")


def domains(detail: str) -> tuple[str, dict[str, str]]:
    """The version of the tool and the judgement of each domain in a rating as its source gives it.

    Where outcomes of a trial were rated differently ("0/sr") the worst counts.
    """
    if "Cochrane tool version 2" in detail:
        judged = dict.fromkeys(VERSION_2, NO_INFORMATION)
        for first, last, word in _RATED_2.findall(detail):
            for number in range(int(first), int(last or first) + 1):
                judged[f"D{number}"] = word.capitalize()
        return "rob2", judged
    judged = dict.fromkeys(VERSION_1.values(), NO_INFORMATION)
    for criterion, marks in _RATED_1.findall(detail):
        worst = min(marks.split("/"), key=("0", "sr", "1").index)
        judged[VERSION_1[criterion]] = _CRITERION[worst]
    return "rob1", judged
