"""From the whole base to the effects that answer one question, with a reason for each row left out.

The order of the rules is the order in which a reader would ask: is it this question at all
(condition, comparison), is it the headline outcome and time, may it be pooled, do the reader's
filters keep it, and were the same people counted already?
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FILTERS
from ipt_evidence.evidence.schema import PRINTED
from ipt_evidence.evidence.time_points import TIME_POINTS, at_time

__all__ = [
    "OTHER_OUTCOME",
    "OTHER_TIME",
    "SERIOUS_FLAGS",
    "TAKEN_OUT",
    "Left",
    "Question",
    "Selection",
    "flagged",
    "flags_among",
    "headline_outcomes",
    "select",
    "studies_per_comparison",
    "trials_left",
    "usable_studies",
]

TAKEN_OUT = "Taken out by you"
OTHER_OUTCOME = "Not a headline outcome of this condition"
OTHER_TIME = "Another time point"
SERIOUS_FLAGS = ("se_for_sd", "not_ipt_delivery", "cluster_not_accounted", "coded_perinatal")
"""Warnings that put the size or the meaning of an effect in doubt, not only its precision."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the base. Empty tuples and None mean: no restriction.

    ``time`` is one of ``time_points.TIME_POINTS``. ``outcome_domains`` empty takes the
    `headline_outcomes`. ``without_flags`` leaves out effects and studies that carry one of these
    flags, ``without_conditions`` studies of one of these conditions. ``only_printed`` leaves out
    numbers that were derived or reconstructed. ``doubtful_moved`` counts the doubtful supportive
    comparators on the other side. ``excluded`` names studies that the reader took out by hand.
    """

    condition: str | None = None
    comparison: str | None = "control"
    sources: tuple[str, ...] = ()
    time: str = "post"
    outcome_domains: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    age_groups: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    rob: tuple[str, ...] = ()
    comparator_types: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    incomes: tuple[str, ...] = ()
    without_flags: tuple[str, ...] = ()
    without_conditions: tuple[str, ...] = ()
    only_double: bool = False
    only_printed: bool = False
    doubtful_moved: bool = False
    excluded: tuple[str, ...] = ()

    def without(self, *study_ids: str) -> Question:
        """The same question with further studies taken out."""
        return replace(self, excluded=(*self.excluded, *study_ids))

    @property
    def whole(self) -> Question:
        """The same question with every trial back that a filter took away.

        Another outcome or time point is another question, so these stay.
        """
        return Question(
            self.condition,
            self.comparison,
            time=self.time,
            outcome_domains=self.outcome_domains,
            doubtful_moved=self.doubtful_moved,
        )


@dataclass(frozen=True)
class Selection:
    """The answer's rows.

    ``effects``: rows that are used, joined with their study (columns of both tables; those of
    the study that clash carry the suffix ``_study``). ``left_out``: rows of the same condition
    and comparison that are not used, with a column ``reason``. ``studies``: every study of the
    condition and comparison, used or not, with a column ``used``.
    """

    question: Question
    effects: pd.DataFrame
    left_out: pd.DataFrame
    studies: pd.DataFrame = field(default_factory=pd.DataFrame)


def select(base: EvidenceBase, question: Question) -> Selection:
    """Rows of ``base`` that answer ``question``, and the reasons for those that do not.

    Raises
    ------
    QuestionError
        When the question names a condition, comparison or source that the base does not know.
    """
    _check_names(base, question)
    rows, studies = _before_filters(
        base, question.condition, question.comparison, question.doubtful_moved
    )
    reasons = _reasons(base, question, rows) if len(rows) else pd.Series(dtype="str")
    repeated = _same_people_twice(rows[list(_OVERLAP_COLUMNS)].loc[reasons == ""])
    reasons.loc[repeated.index] = repeated
    left = reasons != ""
    used, left_out = rows.loc[~left], rows.loc[left]
    left_out["reason"] = reasons.loc[left]
    # In place: of eighty columns each further copy costs as much as the choice of the rows.
    used.index, left_out.index = pd.RangeIndex(len(used)), pd.RangeIndex(len(left_out))
    studies = studies.assign(used=_among(studies["study_id"], set(used["study_id"].tolist())))
    return Selection(question, used, left_out, studies)


@cached
def _before_filters(
    base: EvidenceBase, condition: str | None, comparison: str | None, moved: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effects and studies of a condition and a comparison, from which every filter starts.

    Kept, because to cut them from the whole base is a quarter of the work of `select`.
    """
    effects = _moved(base.joined) if moved else base.joined
    rows = effects.loc[_asks(effects, condition, comparison)]
    of_studies = base.studies.loc[_asks(base.studies, condition, comparison), "study_id"]
    known = {*of_studies.tolist(), *rows["study_id"].tolist()}
    return rows, base.studies.loc[_among(base.studies["study_id"], known)].reset_index(drop=True)


def _among(keys: pd.Series[str], wanted: Collection[str]) -> npt.NDArray[np.bool_]:
    """Which keys are wanted; ``isin`` takes 50 times as long to prepare 20,000 wanted words."""
    return np.array([key in wanted for key in keys.tolist()], dtype=bool)


def _moved(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects, those against doubtful supportive comparators in their other comparison."""
    return effects.assign(comparison=effects["comparison_otherwise"].fillna(effects["comparison"]))


_OVERLAP_COLUMNS = ("study_id", "n_ipt", "n_comparator", "overlaps_with")


def _asks(
    frame: pd.DataFrame, condition: str | None, comparison: str | None
) -> npt.NDArray[np.bool_]:
    """Which rows of effects or of studies have the condition and the comparison."""
    keep = np.ones(len(frame), dtype=bool)
    if condition is not None:
        cells = frame["conditions_all"].tolist()
        keep &= np.array([condition in cell for cell in cells], bool)
    if comparison is not None and "comparison" in frame:  # an effect has one
        keep &= (frame["comparison"] == comparison).to_numpy(bool)
    elif comparison is not None:  # a study may have several
        cells = frame["comparisons"].tolist()
        keep &= np.array([comparison in cell for cell in cells], bool)
    return keep


def flagged(rows: pd.DataFrame, flags: Collection[str]) -> pd.Series[bool]:
    """Which effects, joined with their study, carry one of these warnings themselves or there."""
    unwanted = set(flags)
    found = [
        bool(unwanted & {*own, *study})
        for own, study in zip(rows["flags"], rows["flags_study"], strict=True)
    ]
    return pd.Series(found, index=rows.index, dtype=bool)


@cached
def usable_studies(base: EvidenceBase, question: Question) -> tuple[str, ...]:
    """Studies of ``question`` that would be used if no single study were taken out, by label."""
    effects = select(base, replace(question, excluded=())).effects
    named = effects.drop_duplicates("study_id").sort_values("label", kind="stable")
    return tuple(named["study_id"].tolist())


@cached
def studies_per_comparison(base: EvidenceBase, condition: str | None) -> dict[str, int]:
    """How many studies of ``condition`` there are of each comparison that has any."""
    counts: dict[str, int] = {}
    for comparison in base.taxonomy.comparisons:
        found = int(_asks(base.studies, condition, comparison.id).sum())
        if found:
            counts[comparison.id] = found
    return counts


@cached
def flags_among(base: EvidenceBase, question: Question) -> tuple[str, ...]:
    """Warnings that some usable effect of this condition and comparison, or its study, carries."""
    effects = select(base, replace(question, without_flags=(), excluded=())).effects
    cells = [*effects["flags"], *effects["flags_study"]]
    return tuple(sorted({flag for cell in cells for flag in cell}))


def _check_names(base: EvidenceBase, question: Question) -> None:
    conditions = [condition.id for condition in base.taxonomy.conditions]
    comparisons = [comparison.id for comparison in base.taxonomy.comparisons]
    _known("condition", [question.condition], conditions)
    _known("comparison", [question.comparison], comparisons)
    _known("condition", question.without_conditions, conditions)
    _known("source", question.sources, list(base.sources))
    _known("time point", [question.time], list(TIME_POINTS))


def _known(what: str, asked: Collection[str | None], known: list[str]) -> None:
    for name in asked:
        if name is not None and name not in known:
            raise QuestionError(f"No {what} {name!r}. The base knows {', '.join(known)}")


Rule = tuple[str, "pd.Series[bool]", "str | pd.Series[str]"]


def _rules(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> Iterator[Rule]:
    """Each rule: its word in an address, the rows that it keeps, why the others are left out."""
    yield "", rows["include"].astype(bool), rows["include_reason"]
    yield "outcome", _is_primary(base, question, rows), OTHER_OUTCOME
    yield "time", at_time(rows, question.time), OTHER_TIME
    if question.sources:
        yield "source", rows["source_id"].isin(question.sources), "From another source"
    for facet in FILTERS:
        if facet.filter and (wanted := getattr(question, facet.filter.field)):
            yield facet.id, facet.keeps(rows, wanted), facet.filter.left_out
    if question.without_flags:
        yield "without", ~flagged(rows, question.without_flags), "Carries a warning"
    for condition in question.without_conditions:
        kept = [condition not in tags for tags in rows["conditions_all"]]
        label = base.taxonomy.condition(condition).label
        yield "omit", pd.Series(kept, rows.index, dtype=bool), f"Left out by you: {label}"
    if question.only_double:
        yield "double", _double(rows), "Read from its source only once"
    if question.only_printed:
        yield "printed", _printed(rows), "Derived or reconstructed, not printed"
    if question.excluded:
        yield "excluded", ~rows["study_id"].isin(question.excluded), TAKEN_OUT


def _double(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["extraction"] == "double"


def _printed(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["obtained"].isin(PRINTED)


def _reasons(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> pd.Series[str]:
    """Why each row is not used; an empty text where it is."""
    reasons = np.full(len(rows), "", dtype=object)
    for _, kept, reason in _rules(base, question, rows):
        chosen = ~kept.to_numpy(bool) & (reasons == "")
        reasons[chosen] = reason if isinstance(reason, str) else reason.to_numpy(object)[chosen]
    return pd.Series(reasons, index=rows.index, dtype="str")


Left = Mapping[str, Mapping[str, int]]


@cached
def trials_left(base: EvidenceBase, question: Question) -> Left:
    """How many trials each choice would leave, by its word in an address and its value.

    A value of a filter counts as the only one of it, and a warning to be left out is added to those
    that are; every other choice stays as ``question`` has it. A switch has the value ``1``.
    """
    rows, _ = _before_filters(
        base, question.condition, question.comparison, question.doubtful_moved
    )
    keeps: dict[str, np.ndarray] = {}
    for word, kept, _ in _rules(base, question, rows):
        keeps[word] = keeps.get(word, np.True_) & kept.to_numpy(bool)
    people = rows[list(_OVERLAP_COLUMNS)]
    left = {}
    for word, values in _choices(base, question, rows).items():
        others = np.logical_and.reduce([kept for name, kept in keeps.items() if name != word])
        left[word] = {
            value: _trials(people, kept.to_numpy(bool) & others) for value, kept in values.items()
        }
    return left


def _choices(
    base: EvidenceBase, question: Question, rows: pd.DataFrame
) -> dict[str, dict[str, pd.Series[bool]]]:
    """The rows that each value of each choice keeps."""
    unwanted = question.without_flags
    flags = flags_among(base, Question(question.condition, question.comparison))
    return {
        "source": {source: rows["source_id"] == source for source in base.sources},
        "time": {time: at_time(rows, time) for time in TIME_POINTS},
        **{
            facet.id: {level: facet.keeps(rows, (level,)) for level in facet.choices}
            for facet in FILTERS
        },
        "without": {flag: ~flagged(rows, {*unwanted, flag}) for flag in flags},
        "double": {"1": _double(rows)},
        "printed": {"1": _printed(rows)},
    }


def _trials(people: pd.DataFrame, kept: np.ndarray) -> int:
    """How many trials the rows that are kept are of, without those that stand in another one."""
    if any(map(len, people["overlaps_with"].to_numpy()[kept])):
        used = people.loc[kept]
        return used.drop(index=_same_people_twice(used).index)["study_id"].nunique()
    return len(set(people["study_id"].to_numpy()[kept]))


def headline_outcomes(base: EvidenceBase, question: Question) -> tuple[str, ...]:
    """The outcome domains of the headline estimate: those of the comparison, else the condition's.

    A comparison names its own where it asks for something else than symptoms: maintenance for
    relapse. Empty without a condition and such a comparison.
    """
    if question.comparison is not None:
        own = base.taxonomy.comparison(question.comparison).primary_outcomes
        if own:
            return own
    if question.condition is None:
        return ()
    return base.taxonomy.condition(question.condition).primary_outcomes


def _is_primary(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> pd.Series[bool]:
    if question.outcome_domains:
        return rows["outcome_domain"].isin(question.outcome_domains)
    if primary := headline_outcomes(base, question):
        return rows["outcome_domain"].isin(primary)
    own = {c.id: set(c.primary_outcomes) for c in base.taxonomy.conditions}
    flags = [
        any(domain in own[condition] for condition in conditions)
        for domain, conditions in zip(rows["outcome_domain"], rows["conditions_all"], strict=True)
    ]
    return pd.Series(flags, index=rows.index, dtype=bool)


def _same_people_twice(used: pd.DataFrame) -> pd.Series[str]:
    """Reasons for rows of studies whose participants stand in another used study already.

    Of two such studies the one with more people stays; at equal size the one named first.
    """
    overlaps = {
        study: others
        for study, others in zip(
            used["study_id"].tolist(), used["overlaps_with"].tolist(), strict=True
        )
        if others
    }
    if not overlaps:
        return pd.Series(dtype="str", index=used.index[:0])
    people = (used["n_ipt"] + used["n_comparator"]).fillna(0.0)
    by_size = used.assign(people=people).groupby("study_id", sort=False)["people"].max()
    rivals: dict[str, set[str]] = {}
    for study, others in overlaps.items():
        for other in others:
            rivals.setdefault(study, set()).add(other)
            rivals.setdefault(other, set()).add(study)
    kept: set[str] = set()
    dropped: dict[str, str] = {}
    for study_id in by_size.sort_values(ascending=False, kind="stable").index.tolist():
        if clash := sorted(rivals.get(study_id, set()) & kept):
            dropped[study_id] = f"The same people were counted in {clash[0]}"
        else:
            kept.add(study_id)
    rows = used.loc[_among(used["study_id"], dropped)]
    return rows["study_id"].map(dropped).astype("str")
