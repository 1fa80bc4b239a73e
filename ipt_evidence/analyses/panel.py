"""What an analysis says to whoever shows it: a page, a report, a notebook, the API, a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ipt_evidence.errors import QuestionError

__all__ = ["Option", "Panel"]


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
    drawn
        False where there is too little for a figure; the sentences then say why.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    text_alternative: str = ""
    how_to_read: str = ""
    drawn: bool = True


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
        Ids that hold when nothing is chosen; one unless ``several``.
    several
        Any number of values may be chosen.
    """

    id: str
    label: str
    choices: Mapping[str, str]
    default: tuple[str, ...] = ()
    several: bool = False

    def read(self, values: Sequence[str]) -> tuple[str, ...] | str:
        """The choice that ``values`` name: ids where there may be several, else one id.

        Raises
        ------
        QuestionError
            When one is not among the choices, or there are several where one is chosen.
        """
        unknown = [value for value in values if value not in self.choices]
        if unknown or (len(values) > 1 and not self.several):
            raise QuestionError(
                f"{self.id}={', '.join(unknown or values)} cannot be chosen. {self.id} takes "
                f"{'any' if self.several else 'one'} of {', '.join(self.choices)}"
            )
        taken = tuple(values) or self.default
        return taken if self.several else taken[0]
