"""Filters and model choices of a page, each kept in the address so that a view can be shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from ipt_evidence.cache import cached
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import DEFAULT_RHO, Model
from ipt_evidence.evidence.facets import FACETS, FILTERS
from ipt_evidence.evidence.magnitude import (
    LARGEST_WORTHWHILE,
    SMALLEST_WORTHWHILE,
    WORTHWHILE_BASIS,
)
from ipt_evidence.evidence.selection import (
    Left,
    Question,
    flags_among,
    studies_per_comparison,
    trials_left,
    usable_studies,
)
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording.phrases import lower_first
from ipt_evidence.wording.studies import flag_words

__all__ = [
    "answerable",
    "choices",
    "choose_comparison",
    "choose_condition",
    "choose_model",
    "choose_smallest_effect",
    "choose_study",
    "choose_trials",
    "leave_out_conditions",
    "narrow_quickly",
    "study_labels",
]

Widget = Callable[..., Any]

OMIT = "omit"  # narrower conditions that are left out, in the address
METHOD_WORDS = {
    "REML": "REML: the usual choice, restricted maximum likelihood",
    "PM": "Paule-Mandel: similar, no assumption of normality for τ²",
    "EB": "Empirical Bayes: the same numbers as Paule-Mandel, by another road",
    "ML": "Maximum likelihood: τ² a little too small with few trials",
    "DL": "DerSimonian-Laird: older, intervals too narrow with few trials",
    "HE": "Hedges: simple, less precise",
    "SJ": "Sidik-Jonkman: τ² rather large when trials agree",
    "HS": "Hunter-Schmidt: τ² too small with few trials",
    "EE": "Equal effects: assumes one true effect; unwise when results vary",
}
TEST_WORDS = {
    "knha": "Hartung-Knapp: honest with few trials",
    "adhoc": "Hartung-Knapp, never narrower than without it",
    "t": "t distribution: wider than normal, ignores that τ² is uncertain",
    "z": "Normal: too narrow when trials are few",
}
DEPENDENCE_WORDS = {
    "aggregate": "Combine them first, so that each trial is one effect",
    "che": "Model all of them together (CHE), with robust errors",
}


def condition_ids(taxonomy: Taxonomy) -> list[str]:
    """Every condition that some study has, each parent before its children."""
    present = _conditions_studied(session.evidence().studies)
    ids: list[str] = []
    for top in (c for c in taxonomy.conditions if not c.parent):
        ids.append(top.id)
        ids += [c.id for c in taxonomy.conditions if c.parent == top.id and c.id in present]
    return ids


@cached
def _conditions_studied(studies: pd.DataFrame) -> frozenset[str]:
    return frozenset(one for own in studies["conditions_all"] for one in own)


def choose_condition(taxonomy: Taxonomy) -> str:
    """The condition of the page (``?condition=``)."""

    def label(condition_id: str) -> str:
        condition = taxonomy.condition(condition_id)
        return f"\u2003{condition.label}" if condition.parent else condition.label

    ids = condition_ids(taxonomy)
    chosen = address.one_of(
        st.selectbox,
        "Condition",
        ids,
        key="condition",
        default=ids[0],
        format_func=label,
        on_change=_keep_answerable,
    )
    return str(chosen)


def answerable(condition: str, comparison: str) -> str:
    """``comparison``, or the first of the others where only these have a usable number."""
    base = session.evidence()
    every = [comparison, *(one.id for one in base.taxonomy.comparisons)]
    return next(
        (one for one in every if len(usable_studies(base, Question(condition, one)))), comparison
    )


def _keep_answerable() -> None:
    """Nobody who chooses a condition first meets an empty page."""
    comparison = str(st.session_state["comparison"])
    found = answerable(str(st.session_state["condition"]), comparison)
    if found != comparison:
        st.session_state["comparison"] = found


def choose_comparison(taxonomy: Taxonomy, condition: str) -> str:
    """What IPT is compared with (``?comparison=``); says where there is no trial."""
    ids = [comparison.id for comparison in taxonomy.comparisons]
    studied = studies_per_comparison(session.evidence(), condition)

    def label(comparison: str) -> str:
        name = escape(taxonomy.comparison(comparison).label)
        return name if comparison in studied else f"{name} (0)"

    chosen = address.one_of(
        st.pills,
        "IPT compared with",
        ids,
        key="comparison",
        default=ids[0],
        format_func=label,
        required=True,
        wrap=True,
    )
    return str(chosen)


def choose_model() -> Model:
    """How effects are pooled (``?method=``, ``?test=``, ``?dependence=``, ``?rho=``, ...)."""
    with choices("How it is calculated", key="calculation", icon=":material/calculate:") as (
        now, _,
    ):  # fmt: skip
        method = address.one_of(
            now(st.selectbox),
            "How much true effects vary (estimator of τ²)",
            list(METHOD_WORDS),
            key="method",
            default="REML",
            format_func=METHOD_WORDS.__getitem__,
        )
        test = address.one_of(
            now(st.radio),
            "Confidence interval",
            list(TEST_WORDS),
            key="test",
            default="knha",
            format_func=TEST_WORDS.__getitem__,
        )
        dependence, rho = _choose_dependence(now)
        without_outliers = address.switch(
            "Leave out outliers",
            key="outliers",
            widget=now(st.toggle),
            help="Trials whose own interval lies wholly beside the pooled one. It describes; "
            "leaving them out for good flatters the result.",
        )
    return Model(
        method=str(method),
        test=str(test),
        rho=rho,
        dependence=dependence,
        without_outliers=without_outliers,
    )


def _choose_dependence(now: Callable[[Widget], Widget]) -> tuple[str, float]:
    """What becomes of several outcomes of one trial, and how they correlate."""
    dependence = address.one_of(
        now(st.radio),
        "Several outcomes of one trial",
        list(DEPENDENCE_WORDS),
        key="dependence",
        default="aggregate",
        format_func=DEPENDENCE_WORDS.__getitem__,
    )
    if dependence == "che":
        st.caption(
            "CHE is fitted by REML with cluster-robust errors: the two choices above do not "
            "apply. Unwise with fewer than about ten trials."
        )
    rho = address.number(
        "Correlation between several outcomes of one trial (ρ)",
        0.0,
        0.9,
        key="rho",
        default=DEFAULT_RHO,
        step=0.1,
        widget=now(st.slider),
        help="Each trial counts once: its outcomes are combined first. "
        "0.6 is the customary assumption; the estimate hardly depends on it.",
    )
    return str(dependence), rho


def choose_trials(condition: str, comparison: str) -> Question:
    """Which trials may answer (``?source=``, ``?against=``, ``?age=``, ...)."""
    base = session.evidence()
    omitted = address.chosen(narrower_conditions(condition, comparison), key=OMIT)
    with choices("Which trials", key="which-trials", icon=":material/filter_alt:") as (
        now, is_open,
    ):  # fmt: skip
        multiselect = now(st.multiselect)
        # Only who looks at the choices needs to know how many trials each leaves.
        left = trials_left(base, _standing(condition, comparison, omitted)) if is_open else {}
        sources = _choose_sources(multiselect, left)
        chosen = _choose_facets(multiselect, left)
        time = _choose_time(now(st.selectbox), left)
        unwanted = _choose_unwanted(multiselect, Question(condition, comparison), left)
        switched = _choose_switches(now, left)
        question = Question(
            condition=condition,
            comparison=comparison,
            sources=sources,
            time=time,
            **chosen,
            without_flags=unwanted,
            without_conditions=omitted,
            **switched,
        )
        labels = study_labels()
        excluded = address.several_of(
            multiselect,
            "Leave out single trials",
            list(usable_studies(base, question)),
            key="excluded",
            joined=True,
            format_func=labels.__getitem__,
            placeholder="None left out",
        )
    return replace(question, excluded=excluded)


def _choose_sources(multiselect: Widget, left: Left) -> tuple[str, ...]:
    """Sources that the trials come from; none chosen: all."""
    sources = session.evidence().sources
    return address.several_of(
        multiselect,
        "Sources",
        list(sources),
        key="source",
        left=left.get("source"),
        format_func=lambda source: sources[source].label,
        placeholder="All sources",
    )


def _choose_time(selectbox: Widget, left: Left) -> str:
    """When the outcome was measured; the first of `TIME_POINTS` unless chosen."""
    return str(
        address.one_of(
            selectbox,
            "When it was measured",
            list(TIME_POINTS),
            key="time",
            left=left.get("time"),
            default=next(iter(TIME_POINTS)),
            format_func=TIME_POINTS.__getitem__,
        )
    )


def _choose_unwanted(multiselect: Widget, question: Question, left: Left) -> tuple[str, ...]:
    """Warnings whose trials are left out, of those that trials of ``question`` have."""
    return address.several_of(
        multiselect,
        "Leave out trials with a warning",
        list(flags_among(session.evidence(), question)),
        key="without",
        left=left.get("without"),
        format_func=lambda flag: flag_words(flag).short.capitalize(),
        placeholder="None left out",
    )


def _choose_facets(multiselect: Widget, left: Left) -> dict[str, Any]:
    """Levels of the facets that restrict a question, by its fields."""
    return {
        facet.filter.field: address.several_of(
            multiselect,
            facet.filter.label,
            list(facet.choices),
            key=facet.id,
            left=left.get(facet.id),
            format_func=facet.choices.__getitem__,
            placeholder=facet.filter.anything,
        )
        for facet in FILTERS
        if facet.filter
    }


def _choose_switches(now: Callable[[Widget], Widget], left: Left) -> dict[str, Any]:
    """Filters that are on or off, by their fields of a question."""
    double = address.switch(
        f"Only numbers that were read twice{_number(left, 'double')}",
        key="double",
        widget=now(st.toggle),
    )
    printed = address.switch(
        f"Only numbers that somebody printed{_number(left, 'printed')}",
        key="printed",
        widget=now(st.toggle),
        help="Leaves out numbers that we derived from a t, a p or shares, or reconstructed.",
    )
    doubtful = address.switch(
        "Count doubtful comparators on the other side",
        key="doubtful",
        widget=now(st.toggle),
        help="A few comparison arms, like relaxation or support as needed, could be called a "
        "control or another psychotherapy. This moves all of them together.",
    )
    return {"only_double": double, "only_printed": printed, "doubtful_moved": doubtful}


def _number(left: Left, switch: str) -> str:
    """How many trials a switch leaves, for its label."""
    return f" ({left[switch]['1']})" if switch in left else ""


def _standing(condition: str, comparison: str, omitted: tuple[str, ...]) -> Question:
    """The question as the choices stand, before they are drawn with what each would leave."""
    base, chosen = session.evidence(), address.chosen
    flags = list(flags_among(base, Question(condition, comparison)))
    fields = {
        facet.filter.field: chosen(list(facet.choices), key=facet.id)
        for facet in FILTERS
        if facet.filter
    }
    return Question(
        condition=condition,
        comparison=comparison,
        sources=chosen(list(base.sources), key="source"),
        time=address.chosen_one(list(TIME_POINTS), key="time"),
        **fields,
        without_flags=chosen(flags, key="without"),
        without_conditions=omitted,
        only_double=address.chosen_switch(key="double"),
        only_printed=address.chosen_switch(key="printed"),
        doubtful_moved=address.chosen_switch(key="doubtful"),
        excluded=chosen(list(study_labels()), key="excluded", joined=True),
    )


def leave_out_conditions(condition: str, comparison: str) -> None:
    """One click leaves a narrower condition out (``?omit=``); `choose_trials` follows it."""
    taxonomy, narrower = session.evidence().taxonomy, narrower_conditions(condition, comparison)
    if narrower:
        address.several_of(
            st.pills,
            "Leave out a narrower condition",
            narrower,
            key=OMIT,
            selection_mode="multi",
            format_func=lambda one: escape(f"Without {lower_first(taxonomy.condition(one).label)}"),
            wrap=True,
            label_visibility="collapsed",
        )


def narrow_quickly(question: Question) -> None:
    """Buttons for what is asked most; they set the filters under *Which trials*.

    Trials at low risk of bias, and each of the two most common kinds of comparison arm.
    """
    for name, level, number in _most_asked(
        session.evidence(), View(Question(question.condition, question.comparison))
    ):
        facet = FACETS[name]
        chosen = facet.filter is not None and getattr(question, facet.filter.field) == (level,)
        said = lower_first(facet.choices[level])
        said = f"{said} risk of bias" if name == "rob" else f"against {said}"
        st.button(
            escape(f"Only {said} ({number})"),
            key=f"quick-{name}-{level}",
            type="primary" if chosen else "secondary",
            on_click=address.put,
            args=(name, [] if chosen else [level]),
        )


_QUICK_ARMS = 2


@cached
def _most_asked(base: EvidenceBase, whole: View) -> tuple[tuple[str, str, int], ...]:
    """Facet, level and number of trials of each such filter; not where it takes all or none."""
    effects = estimate_of(base, whole).selection.effects
    every = effects["study_id"].nunique()
    common = effects.groupby("comparator_type")["study_id"].nunique().nlargest(_QUICK_ARMS)
    offers = [("rob", "low"), *(("against", str(level)) for level in common.index)]
    columns = {"rob": "rob", "against": "comparator_type"}
    found = []
    for name, level in offers:
        number = effects.loc[effects[columns[name]] == level, "study_id"].nunique()
        if 0 < number < every:
            found.append((name, level, int(number)))
    return tuple(found)


def narrower_conditions(condition: str, comparison: str) -> tuple[str, ...]:
    """Narrower conditions that can be left out: some, but not all, trials used are of them."""
    return _narrower(session.evidence(), condition, comparison)


@cached
def _narrower(base: EvidenceBase, condition: str, comparison: str) -> tuple[str, ...]:
    studies = estimate_of(base, View(Question(condition, comparison))).selection.studies
    found = studies.loc[studies["used"]]
    counts = {
        child: sum(child in own for own in found["conditions_all"])
        for child in base.taxonomy.children(condition)
    }
    return tuple(child for child, number in counts.items() if 0 < number < len(found))


def study_labels() -> dict[str, str]:
    """Names of the studies by id."""
    return _labels(session.evidence().studies)


@cached
def _labels(studies: pd.DataFrame) -> dict[str, str]:
    return dict(zip(studies["study_id"], studies["label"].astype(str), strict=True))


def choose_study(study_ids: Sequence[str]) -> str | None:
    """The study whose details are open (``?study=``); None when none is."""
    return address.one_of(
        st.selectbox,
        "Open a study",
        list(study_ids),
        key="study",
        default=None,
        index=None,
        format_func=study_labels().__getitem__,
        placeholder="Choose a study to see where its numbers come from",
    )


@contextmanager
def choices(
    label: str, *, key: str, icon: str | None = None
) -> Iterator[tuple[Callable[[Widget], Widget], bool]]:
    """A popover of choices as a context.

    Gives what makes of a widget the one to ask with now, and whether the popover is open.
    """
    popover = st.popover(label, key=key, icon=icon, on_change=address.by_reader)
    with popover:
        is_open = bool(popover.open)
        yield (lambda widget: widget if is_open else address.unseen), is_open


def choose_smallest_effect() -> float:
    """The smallest effect of interest, in units of g."""
    return address.number(
        "Smallest effect of interest (g)",
        0.05,
        LARGEST_WORTHWHILE,
        key="worth",
        default=SMALLEST_WORTHWHILE,
        step=0.01,
        help=WORTHWHILE_BASIS,
        width=320,
    )
