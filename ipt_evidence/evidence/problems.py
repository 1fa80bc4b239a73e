"""What is wrong with an evidence base, said so that somebody can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd

__all__ = ["Problem", "problems_frame"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the place, the value found there, the reason, and the remedy.

    ``line`` counts physical lines of the file from 1 (the header is line 1); None where a fault
    belongs to the file as a whole.
    """

    file: str
    reason: str
    remedy: str
    line: int | None = None
    column: str = ""
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f", column {self.column}" if self.column else ""
        row = f" ({self.key})" if self.key else ""
        return f"{place}{column}{row}: {self.reason}. {self.remedy}"


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """A table with one row per problem; columns are the fields of `Problem`."""
    columns = list(Problem.__dataclass_fields__)
    return pd.DataFrame([asdict(problem) for problem in problems], columns=columns)
