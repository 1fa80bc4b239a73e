"""The analyses by id, and on which pages they stand.

A page, a report, the API and a command all show an analysis by its id: they ask for its options,
its panel and its figure. A new analysis is a folder of this package and a row of `ANALYSES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ipt_evidence.analyses.naming import named_figure, named_panel
from ipt_evidence.analyses.panel import Number, Option, Panel, Work
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, parameters

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ipt_evidence.figures.look import Look

__all__ = ["ANALYSES", "Analysis", "analysis"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis of the estimate of a view.

    Attributes
    ----------
    id
        Its name in addresses, files and commands.
    label
        Its name for readers.
    room
        The folder of this package that holds it.
    part
        Where a room holds several analyses: its functions are ``<part>_panel`` and
        ``<part>_figure`` instead of ``panel`` and ``figure``.
    opens_trials
        Marks of the figure carry a ``study_id`` and open that trial.
    """

    id: str
    label: str
    room: str
    part: str = ""
    opens_trials: bool = False

    def options(self, base: EvidenceBase, view: View) -> tuple[Option | Number, ...]:
        """The choices that the panel offers for ``view``; empty where there are none."""
        offered = self._function("panel", "options", lambda base, view: ())
        made: tuple[Option | Number, ...] = offered(base, view)
        return made

    def work(self, base: EvidenceBase, view: View, **chosen: Any) -> Work | None:
        """What takes seconds before the panel can be made; None where nothing does."""
        slow = self._function("panel", "work", lambda base, view, **chosen: None)
        made: Work | None = slow(base, view, **chosen)
        return made

    def chosen(
        self, base: EvidenceBase, view: View, words: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        """Values of the options from ``words``; what is not named is at its default.

        Raises
        ------
        QuestionError
            When a word is no option here, or a value no choice of it; the message names those
            that are.
        """
        offered = {option.id: option for option in self.options(base, view)}
        for word in words:
            if word not in offered:
                known = f"It takes {', '.join(offered)}" if offered else "It takes none"
                raise QuestionError(f"{self.id} of this view has no option {word!r}. {known}")
        return {name: option.read(words.get(name, ())) for name, option in offered.items()}

    def document(
        self, base: EvidenceBase, view: View, words: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        """The panel with what it was asked for, as a command and the API give it; see `chosen`."""
        chosen = self.chosen(base, view, words)
        panel = self.panel(base, view, **chosen)
        return {
            "analysis": self.id,
            "label": self.label,
            "view": parameters(view),
            "options": chosen,
            "sentences": panel.sentences,
            "table": panel.table,
            "text_alternative": panel.text_alternative,
            "how_to_read": panel.how_to_read,
            "details": [asdict(detail) for detail in panel.details],
            "drawn": panel.drawn,
        }

    def panel(self, base: EvidenceBase, view: View, **chosen: Any) -> Panel:
        """Words and numbers; ``chosen`` holds the values of options by their id."""
        made: Panel = self._function("panel", "panel")(base, view, **chosen)
        return named_panel(made, base.names)

    def figure(self, base: EvidenceBase, view: View, look: Look, **chosen: Any) -> go.Figure:
        """The figure for one reader; only where the panel says that it is drawn."""
        made = self._function("figure", "figure")(base, view, look, **chosen)
        return named_figure(made, base.names)

    def _function(self, module: str, name: str, default: Any = None) -> Any:
        # Loaded when it is shown: only `figure` needs Plotly.
        home = import_module(f"ipt_evidence.analyses.{self.room}.{module}")
        named = f"{self.part}_{name}" if self.part else name
        return getattr(home, named) if default is None else getattr(home, named, default)


ANALYSES = {
    one.id: one
    for one in (
        Analysis("forest", "Forest plot", "forest", opens_trials=True),
        Analysis("drapery", "Drapery plot", "forest", "drapery", opens_trials=True),
        Analysis("groups", "Groups of trials", "differences", "groups"),
        Analysis("bubbles", "Meta-regression", "differences", opens_trials=True),
        Analysis("certainty", "How sure", "certainty"),
        Analysis("findings", "Summary of findings", "certainty", "findings"),
        Analysis("alternatives", "Other ways to answer", "sensitivity"),
        Analysis("people", "A hundred people", "clinical_units", "people"),
        Analysis("curves", "Two groups", "clinical_units", "curves"),
        Analysis("published", "Published reviews", "published"),
        Analysis("shared-trials", "Trials that reviews share", "shared_trials"),
        Analysis("therapies", "Beside other therapies", "therapies"),
        Analysis("network", "Network of therapies", "network"),
        Analysis(
            "funnel", "Publication bias and small studies", "small_studies", opens_trials=True
        ),
        Analysis("influence", "Influence of each trial", "influence", opens_trials=True),
        Analysis(
            "leave-one-out",
            "Without each trial in turn",
            "influence",
            "leave_one_out",
            opens_trials=True,
        ),
        Analysis("over-time", "Over time", "influence", "over_time", opens_trials=True),
        Analysis("cumulative", "Trial by trial", "influence", "cumulative", opens_trials=True),
        Analysis("specification-curve", "The choices", "multiverse"),
        Analysis("gosh", "The selection of trials", "gosh"),
        Analysis("fragility", "All at a glance", "fragility"),
    )
}


def analysis(name: str) -> Analysis:
    """The analysis ``name``.

    Raises
    ------
    QuestionError
        When there is none of this name.
    """
    if name not in ANALYSES:
        raise QuestionError(f"No analysis {name!r}. There are {', '.join(ANALYSES)}")
    return ANALYSES[name]
