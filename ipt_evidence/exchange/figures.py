"""The forest plot and the funnel plot as files: SVG and PNG as a journal prints them.

The figures on the screen are interactive and drawn by the browser. Files must come out the same on
every machine, without a browser, so they are drawn here by Matplotlib: one ink, white paper.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.analyses.forest.rows import judgement_level
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.names import Names
from ipt_evidence.figures.marks import rob_key
from ipt_evidence.figures.template import ROB_MARKS, readable_on
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import lower_first

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["INK", "MUTED", "RULE", "STYLE", "figure_files", "literal", "saved"]

INK, MUTED, BLUE, RULE = "#22262E", "#5B616C", "#1D5B79", "#8A8578"
WIDTH, ROW, HEAD, FOOT = 9.0, 0.26, 0.8, 0.9  # inches
TITLE_SIZE, TITLE_FITS = 10.5, 82  # points; characters that fit at that size
NOTE, DISC = 0.17, 0.23  # inches: a line of notes, the room of a disc
LIMIT = 2.6  # effects beyond this end in an arrow
DPI = 200
# Text columns beside the plot, as shares of the figure's width.
NAME_AT, PEOPLE_AT, PLOT_FROM, PLOT_TO, NUMBER_AT, WEIGHT_AT = 0.02, 0.33, 0.36, 0.70, 0.885, 0.98
STYLE: Any = {
    "svg.hashsalt": "ipt-evidence",  # ids inside the file come from this, not from chance
    "svg.fonttype": "none",  # text stays text, which can be searched and edited
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.edgecolor": RULE,
    "text.color": INK,
}

FIGURES = ("forest", "funnel")
FORMS = ("svg", "png")


def figure_files(
    answer: Estimate,
    title: str,
    names: Names | None = None,
    figures: Collection[str] = FIGURES,
    forms: Collection[str] = FORMS,
) -> dict[str, bytes]:
    """``forest.svg``, ``forest.png``, ``funnel.svg``, ``funnel.png``; nothing for no trials.

    ``names`` are those of the base, where they are not the usual ones. Only the ``figures`` and
    ``forms`` asked for are drawn, at a quarter of a second each.
    """
    files: dict[str, bytes] = {}
    if answer.pooled is None or not figures:
        return files
    import matplotlib as mpl  # heavy; needed only when somebody downloads figures

    unsaid = {"svg": "Date", "png": "Software"}
    with mpl.rc_context(STYLE):
        for name in figures:
            if name == "funnel" and answer.k <= 2:
                continue
            draw = _forest if name == "forest" else _funnel
            figure = draw(answer, title, names or Names())
            for form in forms:
                metadata = {unsaid[form]: None, "Title": title}
                files[f"{name}.{form}"] = saved(figure, form, metadata)
    return files


def saved(figure: Figure, form: str, metadata: dict[str, Any]) -> bytes:
    """The figure as ``svg`` or ``png``, the same bytes on every machine."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form, dpi=DPI, metadata=metadata, facecolor="white")
    return buffer.getvalue()


def _new(height: float, width: float = WIDTH) -> Figure:
    from matplotlib.figure import Figure  # not pyplot, whose state all sessions would share

    return Figure(figsize=(width, height))


def _forest(answer: Estimate, title: str, names: Names) -> Figure:
    trials = trials_in_order(answer, "year")
    trials = trials.loc[~trials["excluded"].astype(bool)]
    domains = list(dict.fromkeys(name for own in trials["domains"] for name in own))
    notes = _notes(answer, trials, domains)
    rows = len(trials) + 2
    foot = FOOT + NOTE * len(notes)
    height = HEAD + foot + ROW * rows
    discs = len(domains) + int(trials["rob"].notna().any())
    width = WIDTH + (DISC * (discs + 1) if discs else 0.0)
    figure = _new(height, width)
    share = WIDTH / width  # of the width for what has no risk of bias beside it
    axes = figure.add_axes(
        (PLOT_FROM * share, foot / height, (PLOT_TO - PLOT_FROM) * share, ROW * rows / height)
    )
    axes.set_ylim(-0.5, rows - 0.5)
    axes.invert_yaxis()
    axes.set_xlim(*_reach(answer))
    _frame(axes, literal(names.said("Hedges g")))
    _headings(figure, title, height, share)
    if (pooled := answer.shown) is not None and answer.k > 1:
        axes.axvline(pooled.estimate, color=BLUE, linewidth=0.8, linestyle=":", zorder=0)
    for place, (_, trial) in enumerate(trials.iterrows()):
        _trial(axes, trial, place)
        _bias(axes, trial, place, domains)
    _letters(axes, domains, discs)
    _summary(axes, answer, len(trials) + 0.5)
    _sides(axes, rows, names)
    for down, note in enumerate(reversed(notes)):
        figure.text(NAME_AT * share, (0.08 + NOTE * down) / height, literal(note), color=MUTED,
                    fontsize=7.5)  # fmt: skip
    return figure


def _notes(answer: Estimate, trials: pd.DataFrame, domains: list[str]) -> list[str]:
    """What stands under the plot: heterogeneity, the test, the model, keys to risk of bias."""
    notes = []
    if (pooled := answer.shown) is not None and answer.k > 1:
        spread = tables.heterogeneity_line(pooled)
        notes.append(f"Heterogeneity: {spread}. {tables.test_line(pooled)}")
        notes.append(f"{tables.method_line(pooled)}.")
    if trials["rob"].notna().any():
        notes.append(rob_key())
    if domains:
        named = ", ".join(f"{chr(65 + at)} {lower_first(one)}" for at, one in enumerate(domains))
        notes.append(f"Domains of the Cochrane tool: {named}.")
    return [line for note in notes for line in wrap(note, 130)]


def _bias(axes: Axes, trial: pd.Series[Any], place: int, domains: list[str]) -> None:
    """Risk of bias of a trial: a disc with a letter for each domain, then one for the whole."""
    levels = [judgement_level(trial["domains"].get(name)) for name in domains]
    levels.append("" if tables.is_missing(trial["rob"]) else str(trial["rob"]))
    for at, level in enumerate(levels):
        if level:
            mark = ROB_MARKS.get(level, ROB_MARKS["unclear"])
            colour = mark.colour(dark=False)
            disc = {"boxstyle": "circle,pad=0.22", "facecolor": colour if mark.filled else "white",
                    "edgecolor": colour, "linewidth": 0.7}  # fmt: skip
            ink = readable_on(colour) if mark.filled else colour
            _write(axes, place, _disc_at(at), mark.letter, ha="center", color=ink, bbox=disc,
                   fontsize=6, weight="bold")  # fmt: skip


def _letters(axes: Axes, domains: list[str], discs: int) -> None:
    for at in range(discs):
        words = chr(65 + at) if at < len(domains) else "Bias"
        _write(axes, -1.35, _disc_at(at), words, ha="center", color=MUTED, weight="bold")


def _disc_at(place: int) -> float:
    """Where the disc of a domain stands, as a share of the width without risk of bias."""
    return 1.0 + DISC * (place + 0.6) / WIDTH


def _reach(answer: Estimate) -> tuple[float, float]:
    ends = [*answer.trials["ci_lower"], *answer.trials["ci_upper"], 0.0]
    pooled = answer.shown
    if pooled is not None and pooled.pi_lower is not None and pooled.pi_upper is not None:
        ends += [pooled.pi_lower, pooled.pi_upper]
    low, high = max(-LIMIT, min(ends)), min(LIMIT, max(ends))
    margin = 0.05 * (high - low)
    return low - margin, high + margin


def _frame(axes: Axes, label: str) -> None:
    axes.axvline(0, color=RULE, linewidth=0.8, zorder=0)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=MUTED, labelcolor=INK)
    axes.set_xlabel(label)


def literal(words: str) -> str:
    """Names come from data: a dollar sign in one is a dollar sign, not mathematics."""
    return words.replace("$", r"\$")


def _title_size(title: str) -> float:
    """Points at which the title fits the figure's width."""
    return max(6.0, TITLE_SIZE * min(1.0, TITLE_FITS / len(title)))


def _headings(figure: Figure, title: str, height: float, share: float) -> None:
    top = 1 - 0.3 / height
    figure.text(NAME_AT * share, top, literal(title), fontsize=_title_size(title), weight="bold")
    for place, words, side in (
        (NAME_AT, "Trial", "left"),
        (PEOPLE_AT, "People", "right"),
        (NUMBER_AT, "g (95% CI)", "right"),
        (WEIGHT_AT, "Weight", "right"),
    ):
        figure.text(place * share, 1 - 0.62 / height, words, ha=side, color=MUTED, weight="bold")


def _write(axes: Axes, place: float, at: float, words: str, **settings: Any) -> None:
    """Write beside the plot, in the row ``place``, at ``at`` of the figure's width."""
    inside = (at - PLOT_FROM) / (PLOT_TO - PLOT_FROM)
    axes.text(inside, place, literal(words), transform=axes.get_yaxis_transform(),
              va="center", clip_on=False, **settings)  # fmt: skip


def _trial(axes: Axes, trial: pd.Series[Any], place: int) -> None:
    low, high = axes.get_xlim()
    left, right = max(trial["ci_lower"], low), min(trial["ci_upper"], high)
    axes.plot([left, right], [place, place], color=INK, linewidth=1)
    for beyond, end, mark in (
        (trial["ci_lower"] < low, low, "<"),
        (trial["ci_upper"] > high, high, ">"),
    ):
        if beyond:
            axes.plot([end], [place], mark, color=INK, markersize=4, clip_on=False)
    if low <= trial["yi"] <= high:
        size = 3 + 6 * float(np.sqrt(trial["weight"] / 100))
        axes.plot([trial["yi"]], [place], "s", color=BLUE, markersize=size)
    people = "" if tables.is_missing(trial["n"]) else tables.count(trial["n"])
    numbers = _numbers(trial["yi"], trial["ci_lower"], trial["ci_upper"])
    _write(axes, place, NAME_AT, _short(str(trial["label"])))
    _write(axes, place, PEOPLE_AT, people, ha="right")
    _write(axes, place, NUMBER_AT, numbers, ha="right")
    _write(axes, place, WEIGHT_AT, tables.percent(trial["weight"], 1), ha="right")


def _numbers(estimate: float, lower: float, upper: float) -> str:
    return f"{tables.effect(estimate)} ({tables.interval(lower, upper)})"


def _short(label: str, longest: int = 34) -> str:
    return label if len(label) <= longest else label[: longest - 1] + "…"


def _summary(axes: Axes, answer: Estimate, place: float) -> None:
    pooled = answer.shown
    if pooled is None or answer.k < 2:
        return
    xs = [pooled.ci_lower, pooled.estimate, pooled.ci_upper, pooled.estimate]
    axes.fill(xs, [place, place - 0.3, place, place + 0.3], color=INK, zorder=3)
    numbers = _numbers(pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    _write(axes, place, NAME_AT, f"{answer.k} trials, {tables.method_line(pooled)}"[:60],
           weight="bold", fontsize=7.5)  # fmt: skip
    _write(axes, place, NUMBER_AT, numbers, ha="right", weight="bold")
    if pooled.pi_lower is not None and pooled.pi_upper is not None:
        low, high = axes.get_xlim()
        ends = [max(pooled.pi_lower, low), min(pooled.pi_upper, high)]
        axes.plot(ends, [place + 0.75] * 2, color=MUTED, linewidth=2.5, solid_capstyle="butt")
        _write(axes, place + 0.75, NAME_AT, "Prediction interval", color=MUTED)
        predicted = f"{tables.interval(pooled.pi_lower, pooled.pi_upper)}"
        _write(axes, place + 0.75, NUMBER_AT, predicted, ha="right", color=MUTED)


def _sides(axes: Axes, rows: int, names: Names) -> None:
    """Say at the axis which side is whose."""
    low, high = axes.get_xlim()
    zero = (0 - low) / (high - low)
    drop = -0.62 / (ROW * rows)  # inches below the axis, as a share of the axes
    for at, side, words in (
        (zero - 0.02, "right", "← favours comparison"),
        (zero + 0.02, "left", literal(names.said("favours IPT →"))),
    ):
        axes.text(at, drop, words, transform=axes.transAxes, ha=side, color=MUTED, clip_on=False)


def _funnel(answer: Estimate, title: str, names: Names) -> Figure:
    pooled = answer.pooled
    if pooled is None:
        raise ValueError("a funnel needs a pooled effect")
    se = np.sqrt(answer.trials["vi"].to_numpy(float))
    figure = _new(5.4)
    axes = figure.add_axes((0.1, 0.15, 0.86, 0.74))
    deepest = 1.08 * se.max()
    for level, shade in ((2.576, "#EDF1F3"), (1.960, "#DDE5E9"), (1.645, "white")):
        axes.fill([0, -level * deepest, level * deepest], [0, deepest, deepest], color=shade)
    axes.axvline(0, color=RULE, linewidth=0.8)
    axes.axvline(pooled.estimate, color=BLUE, linewidth=1, linestyle="--")
    axes.plot(answer.trials["yi"], se, "o", color=INK, markersize=4.5, markerfacecolor="none")
    axes.set_ylim(deepest, 0)
    axes.set_xlabel(literal(names.said("Hedges g (right of 0 favours IPT)")))
    axes.set_ylabel("Standard error (precise trials on top)")
    figure.text(0.1, 0.94, literal(title), fontsize=_title_size(title), weight="bold")
    figure.text(0.1, 0.015, "Shades: p between .10 and .05, .05 and .01; white inside: p above .10",
                color=MUTED, fontsize=7.5)  # fmt: skip
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    return figure
