"""What an analysis says to whoever shows it: a page, a report, a notebook, the API, a command."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ipt_evidence.cache import Cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["NONE_CHOSEN", "Detail", "Number", "Option", "Panel", "Work"]

NONE_CHOSEN = "none"
"""Stands in an address where several may be chosen, some are by default, and none is."""


@dataclass(frozen=True)
class Detail:
    """What stands below the figure of a panel: a heading, a sentence and a table, as far as given.

    Attributes
    ----------
    id
        Names its table and file.
    fold
        What opens the table where it is folded away; empty shows it at once.
    links
        Columns of the table that hold addresses.
    note
        What to know of the table.
    rows
        One id a row, where each row can be opened.
    """

    id: str
    table: pd.DataFrame
    heading: str = ""
    sentence: str = ""
    fold: str = ""
    links: tuple[str, ...] = ()
    note: str = ""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """The words and numbers of one analysis; plain text throughout, never markup.

    Attributes
    ----------
    sentences
        What was found, in whole paragraphs; alone where there is nothing to draw.
    table
        The numbers of the figure, one row a mark, as readers see them.
    text_alternative
        The figure in a few sentences, for those who do not see it.
    how_to_read
        Paragraphs split by blank lines; lines that begin with "- " are a list.
    details
        What stands below the figure.
    drawn
        False where there is no figure: the table stands alone, and where there is too little for
        one the sentences say why.
    note
        How the numbers were made, with sources.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    text_alternative: str = ""
    how_to_read: str = ""
    details: tuple[Detail, ...] = ()
    drawn: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that a panel offers: the same on a page, in the API and on the command line.

    Attributes
    ----------
    id
        Its word in an address and name as option and parameter.
    label
        What readers see above the choice.
    choices
        Id and label of each value, in their order.
    default
        Ids that hold when an address says nothing; the first choice where none is given and not
        ``several``.
    several
        Any number of values may be chosen; of a single choice that is a switch.
    listed
        The values are many: a list to open instead of buttons side by side.
    titled
        The label stands above the choice, not only for those who hear it.
    help
        Explains the choice.
    narrow
        False where it makes no difference on a narrow screen, so that it is not offered there.
    """

    id: str
    label: str
    choices: Mapping[str, str]
    default: tuple[str, ...] = ()
    several: bool = False
    listed: bool = False
    titled: bool = False
    help: str = ""
    narrow: bool = True

    def read(self, values: Sequence[str]) -> tuple[str, ...] | str:
        """The choice that ``values`` name: ids where there may be several, else one id.

        Raises
        ------
        QuestionError
            When one is not among the choices, or there are several where one is chosen.
        """
        if self.several and len(self.choices) == 1:  # a switch, which a page writes as 1
            values = [next(iter(self.choices)) if value == "1" else value for value in values]
        if self.several and list(values) == [NONE_CHOSEN]:
            return ()
        unknown = [value for value in values if value not in self.choices]
        if unknown or (len(values) > 1 and not self.several):
            raise QuestionError(
                f"{self.id}={', '.join(unknown or values)} cannot be chosen. {self.id} takes "
                f"{'any' if self.several else 'one'} of {', '.join(self.choices)}"
            )
        taken = tuple(values) or self.default
        if self.several:
            return taken
        return taken[0] if taken else next(iter(self.choices))


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a panel lets a reader set, from ``lowest`` to ``highest`` in steps."""

    id: str
    label: str
    lowest: float
    highest: float
    default: float
    step: float

    def read(self, values: Sequence[str]) -> float:
        """The number that ``values`` name.

        Raises
        ------
        QuestionError
            When it is not one number from ``lowest`` to ``highest``.
        """
        if not values:
            return self.default
        try:
            [number] = map(float, values)
        except ValueError:
            number = math.nan
        if not self.lowest <= number <= self.highest:
            raise QuestionError(
                f"{self.id}={', '.join(values)} cannot be chosen. {self.id} takes one number from "
                f"{self.lowest:g} to {self.highest:g}"
            )
        return number


@dataclass(frozen=True)
class Work:
    """What takes seconds before a panel can be made, so that a page can show its progress.

    Attributes
    ----------
    doing
        What goes on, such as "Pooling 1,048,575 subsets".
    function
        A function of `cache` that the panel calls too; it reports to `ipt_evidence.progress`.
    arguments
        Its arguments after the evidence base.
    """

    doing: str
    function: Cached[EvidenceBase, Any, Any]
    arguments: tuple[Any, ...]

    def done(self, base: EvidenceBase) -> bool:
        """Whether the result is kept."""
        return self.function.holds(base, *self.arguments)

    def do(self, base: EvidenceBase) -> None:
        """Compute the result, which is kept."""
        self.function(base, *self.arguments)
