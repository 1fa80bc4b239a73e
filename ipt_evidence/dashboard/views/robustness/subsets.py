"""Panel: every other selection of the trials (GOSH)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import streamlit as st

from ipt_evidence.analyses.gosh import panel as words
from ipt_evidence.analyses.gosh.figure import gosh_plot
from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.live import live
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness.shared import Asked, Same
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Model, estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.meta_analysis.gosh import Gosh, GoshClusters, gosh, gosh_clusters, gosh_picture
from ipt_evidence.wording import tables

__all__ = ["show"]

METHODS = {
    "REML": "REML",
    "PM": "Paule-Mandel",
    "DL": "DerSimonian-Laird",
    "EE": "Equal effects",
}
ALL_UP_TO = 20  # trials: a million subsets, which take seconds
SIZES = ("10000", "100000", "1000000")
NOBODY = "none"


def subsets_of(
    base: EvidenceBase,
    report: Callable[[float], None],
    question: Question,
    model: Model,
    method: str,
    size: int,
) -> tuple[Gosh, GoshClusters]:
    """All subsets of the trials, or ``size`` random ones, and their heaps; for `live`."""
    trials = estimate(base, question, model).trials
    yi, vi = (trials[name].to_numpy(float) for name in ("yi", "vi"))
    found = gosh(yi, vi, method=method, max_subsets=size, report=report)
    return found, gosh_clusters(found)


def show(asked: Asked, curve: Curve) -> None:
    """The picture of all subsets, coloured by a trial, and the trials behind its heaps."""
    st.header("What if other trials had been done?", anchor=False)
    if asked.answer.k < 3:
        st.markdown("With fewer than three trials there are no selections of them to compare.")
        return
    k = asked.answer.k
    with st.container(horizontal=True, vertical_alignment="bottom", key="gosh-choices"):
        method = address.one_of(
            st.selectbox,
            "Model of each subset",
            list(METHODS),
            key="subsets",
            default="REML",
            format_func=METHODS.__getitem__,
        )
        size = 2**k
        if k > ALL_UP_TO:
            chosen = address.one_of(
                st.segmented_control,
                "Random subsets",
                list(SIZES),
                key="size",
                default=SIZES[1],
                format_func=lambda n: tables.count(int(n)),
                required=True,
                help=f"{k} trials have {tables.count(2**k - 1)} subsets: too many to pool all.",
            )
            size = int(str(chosen))
        position = _coloured(asked)
    shown = tables.count(min(size, 2**k - 1))
    found = live(
        "gosh",
        f"Pooling {shown} subsets",
        subsets_of,
        asked.question,
        asked.model,
        str(method),
        size,
    )
    if found is not None:
        _draw(asked, found, position)


def _coloured(asked: Asked) -> int | None:
    """The trial by which the picture is coloured (``?colour=``), as its place."""
    ids = [str(study) for study in asked.answer.trials["study_id"]]
    names = dict(zip(ids, asked.labels, strict=True))
    chosen = address.one_of(
        st.selectbox,
        "Colour by whether this trial is in",
        [NOBODY, *ids],
        key="colour",
        default=NOBODY,
        format_func=lambda study: names.get(study, "No trial"),
    )
    return None if chosen in (None, NOBODY) else ids.index(str(chosen))


class _Drawn:
    """Figure, words and table of one picture, made once."""

    def __init__(
        self,
        base: EvidenceBase,
        key: Same,
        asked: Asked,
        position: int | None,
        dark: bool,
        compact: bool,
    ) -> None:
        found, heaps = cast("tuple[Gosh, GoshClusters]", key.result)
        labels, pooled = asked.labels, asked.answer.pooled
        label = None if position is None else labels[position]
        self.figure = gosh_plot(
            gosh_picture(found, position),
            label=label,
            pooled=None if pooled is None else pooled.estimate,
            dark=dark,
            compact=compact,
        )
        self.said = words.gosh_sentence(found)
        self.heaps = words.heaps_sentence(heaps, labels)
        self.twin = words.gosh_twin(found, heaps, labels, label)
        self.pulls = words.pulls_table(heaps, labels)
        self.drawn = "every subset" if found.exhaustive else f"random subsets, seed {found.seed}"


def _draw(asked: Asked, result: tuple[Gosh, GoshClusters], position: int | None) -> None:
    look = session.is_dark(), session.is_narrow()
    drawn = session.recall(_Drawn, Same(result), asked, position, *look)
    st.markdown(escape(drawn.said))
    st.markdown(escape(drawn.heaps))
    show_figure(
        drawn.figure,
        key="gosh",
        name=f"{asked.stem}-gosh",
        alt=drawn.twin,
        table=drawn.pulls,
        how_to_read=words.HOW_TO_READ,
    )
    with st.expander("What each trial does to the subsets", icon=":material/table_rows:"):
        show_table(drawn.pulls, key="pulls", name=f"{asked.stem}-gosh-trials", download=False)
    st.caption(
        f"Pooled: {escape(drawn.drawn)}. GOSH after Olkin, Dahabreh & Trikalinos (2012). Heaps are "
        "looked for by k-means on effect and I², and must be parted by a valley in the effects."
    )
