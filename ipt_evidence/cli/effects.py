"""A statistical command: its options, and the effects of a view or of a file that it works on.

`statistic` makes a command of a function that gives a document: it adds the options of a view and
of a file of effects, and prints the document as JSON or as text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.own_data import OWN_OPTIONS, Option, joined, opened, settings_of
from ipt_evidence.cli.text import nested_lines
from ipt_evidence.cli.view import Words, view_options
from ipt_evidence.errors import DataError, QuestionError
from ipt_evidence.evidence.base import EvidenceBase, current_base
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.view import MODEL_WORDS, View, estimate_of, read_model, view_of
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.effects import read_effects
from ipt_evidence.exchange.own_data.moderators import same_but_for_case, typed
from ipt_evidence.exchange.own_data.recipes import Settings
from ipt_evidence.exchange.own_data.table import OwnTable
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.wording.phrases import numbered
from ipt_evidence.wording.plain import plain

__all__ = ["MISSING", "Document", "Request", "Sample", "combined", "fitted", "statistic"]

MISSING = ("", "NA", "NaN", "nan", "<NA>")  # what a spreadsheet leaves where nothing is known


@dataclass(frozen=True)
class Sample:
    """Effects with what is known about each.

    ``study`` is None when rows are not grouped. ``table`` has a row for each effect, from which
    moderators are taken; ``values`` holds those taken. ``notes`` say what was left out. ``measure``
    is a name of `escalc.MEASURES`, or of the column of effects; ``sampling`` the covariance of the
    effects, (K, K), where arms are shared; ``references`` the key of the reference of each row that
    makes an effect, where a bibliography is given.
    """

    yi: npt.NDArray[np.float64]
    vi: npt.NDArray[np.float64]
    study: list[str] | None
    labels: list[str]
    table: pd.DataFrame
    values: dict[str, list[Any]]
    notes: tuple[str, ...] = ()
    measure: str = "SMD"
    sampling: npt.NDArray[np.float64] | None = None
    references: pd.DataFrame | None = None

    def numbers(self, name: str) -> list[float]:
        """Give the values taken from column ``name``, refusing words."""
        words = [value for value in self.values[name] if isinstance(value, str)]
        if words:
            raise DataError(f"{name} holds words, like {words[0]!r}: name a column of numbers")
        return self.values[name]

    def texts(self, name: str) -> list[str]:
        """Values of a column as words; one of `MISSING` where there is none.

        Raises
        ------
        QuestionError
            When there is no such column.
        """
        if name not in self.table:
            raise QuestionError(f"No column {name!r}. Known are {', '.join(self.table.columns)}")
        return [_text(value) for value in self.table[name]]

    def taking(self, columns: Sequence[str], groups: Sequence[str] = ()) -> Sample:
        """Take ``columns`` as numbers or words; rows without a value are left out, and counted.

        Those of ``groups`` only distinguish groups and may mix numbers and words.

        Raises
        ------
        QuestionError
            When there is no such column.
        DataError
            When a column of numbers holds a few words, which would make it a category.
        """
        texts = {name: self.texts(name) for name in columns}
        rows = range(self.yi.size)
        keep = [i for i in rows if all(texts[name][i] not in MISSING for name in columns)]
        notes = self.notes
        if lost := len(rows) - len(keep):
            what = f"{lost} of {len(rows)} effects have no value for {', '.join(columns)}"
            notes += (f"{what}: left out",)
        labels = [self.labels[i] for i in keep]
        values = {
            name: typed(name, [column[i] for i in keep], labels, grouping=name in groups)
            for name, column in texts.items()
        }
        for name, column in values.items():
            notes += same_but_for_case(name, column)
        return replace(
            self,
            yi=self.yi[keep],
            vi=self.vi[keep],
            study=None if self.study is None else [self.study[i] for i in keep],
            labels=labels,
            table=self.table.iloc[keep],
            values=values,
            notes=notes,
            sampling=None if self.sampling is None else self.sampling[np.ix_(keep, keep)],
        )


@dataclass(frozen=True, slots=True)
class Request:
    """Where the effects come from and how they are pooled, as the options say."""

    words: Words
    level: float
    data: Path | None
    table: Path | None
    yi: str
    vi: str
    cluster: str | None
    label: str | None
    settings: Settings = field(default_factory=Settings)
    sheet: str | None = None
    bibliography: Path | None = None

    @property
    def model(self) -> Model:
        """How effects are pooled."""
        return replace(read_model(self.words), level=self.level)

    def answer(self) -> tuple[EvidenceBase, Estimate, Sample]:
        """The base, its estimate of the view, and the effects behind it."""
        base = current_base(self.data)
        answer = estimate_of(base, View(view_of(self.words, base).question, self.model))
        rows = answer.selection.effects
        yi, vi = (rows[name].to_numpy(float) for name in ("yi", "vi"))
        study, labels = (rows[name].astype(str).tolist() for name in ("study_id", "label"))
        return base, answer, Sample(yi, vi, study, labels, rows, {})

    def effects(self, columns: Sequence[str] = ()) -> Sample:
        """Every effect, several of one study included, with the values of ``columns``.

        Raises
        ------
        EvidenceError
            When the input cannot be read or holds no effect that every method can use.
        """
        return _usable(self._all(columns))

    def sample(self, columns: Sequence[str] = ()) -> Sample:
        """One effect for each study, where studies are known; else as `effects`."""
        return _usable(combined(self._all(columns), self.model.rho))

    def _all(self, columns: Sequence[str]) -> Sample:
        found = self.file(columns) if self.table else self.answer()[2]
        return found.taking(columns)

    def file(self, columns: Sequence[str] = ()) -> Sample:
        """Effects of the user's file; DataError names the file, line and column at fault.

        Effects and variances that stand ready are read as they are, and every one must be sound.
        Otherwise an effect is made of each row that holds what one needs; the others are left out,
        and counted.
        """
        table = opened(Path(str(self.table)), self.sheet)
        self._refuse_absent(table, columns)
        ready = {self.yi, self.vi} <= set(table.cells.columns)
        sound = ready and self.settings == Settings()
        sample = self._ready(table) if sound else self._made(table)
        return sample if self.bibliography is None else self._cited(sample, table)

    def _refuse_absent(self, table: OwnTable, columns: Sequence[str] = ()) -> None:
        named = (self.cluster, self.label, *columns)
        if missing := [name for name in named if name is not None and name not in table.cells]:
            known = ", ".join(table.cells.columns)
            raise DataError(f"{table.name} has no column {missing[0]!r}; it has {known}")

    def _cited(self, sample: Sample, table: OwnTable) -> Sample:
        """The sample with the references of its rows, and what is said of the bibliography."""
        alone = read_effects(table, self._settings())
        found = joined(alone, self.bibliography)
        return replace(
            sample,
            notes=(*sample.notes, *found.notes[len(alone.notes) :]),
            references=found.rows[["label", "reference"]],
        )

    def _settings(self) -> Settings:
        """The settings with the columns of effects and variances, where they are named."""
        columns = dict(self.settings.columns)
        for meaning, column in (("yi", self.yi), ("vi", self.vi)):
            if column != meaning:
                columns.setdefault(meaning, column)
        return replace(self.settings, columns=columns)

    def _ready(self, table: OwnTable) -> Sample:
        """Effects and variances as they stand in two columns."""
        yi, vi = (_numbers(table, name) for name in (self.yi, self.vi))
        _refuse(np.isinf(yi), table, self.yi, "is not a finite number")
        _refuse(~np.isfinite(vi) | (vi <= 0.0), table, self.vi, "is not a variance above 0")
        notes = table.notes
        study = None if self.cluster is None else _names(table, self.cluster)
        if study is not None:
            notes += same_but_for_case(self.cluster or "", study)
        if self.label is not None:
            labels = table.cells[self.label].tolist()
        else:
            labels = study or [f"line {line}" for line in table.lines]
        return Sample(yi, vi, study, labels, table.cells, {}, notes, measure=self.yi)

    def _made(self, table: OwnTable) -> Sample:
        """Effects made of the rows; those of a study that stands in several rows are its own."""
        found = read_effects(table, self._settings())
        self._refuse_absent(found.table)  # arms in rows have other columns once they are paired
        rows = found.rows
        cells = found.table.cells.iloc[rows["place"]].reset_index(drop=True)
        study: list[str] | None = rows["study"].tolist()
        if self.cluster is not None:
            study = cells[self.cluster].tolist()
        elif "study" not in found.mapped or rows["study"].is_unique:
            study = None
        labels = cells[self.label].tolist() if self.label else rows["label"].tolist()
        checked = tuple(str(check) for check in checks_of(found))
        return Sample(
            rows["yi"].to_numpy(float),
            rows["vi"].to_numpy(float),
            study,
            labels,
            cells,
            {},
            (*found.notes, *checked),
            measure=found.measure,
            sampling=found.covariance,
        )


def _usable(sample: Sample) -> Sample:
    """Refuse a sample without effects, or with one that no method can use."""
    if not sample.yi.size:
        raise DataError(
            "; ".join(sample.notes) or "No usable effect: ask for another condition or comparison"
        )
    effects_and_variances(sample.yi, sample.vi)  # unusable rows are at fault in every method alike
    return sample


def _refuse(bad: npt.NDArray[np.bool_], table: OwnTable, name: str, what: str) -> None:
    for row in np.flatnonzero(bad)[:1]:
        raise DataError(
            f"{table.name}, line {table.lines[row]}, column {name}: "
            f"{table.cells[name].iloc[row]!r} {what}. Correct it, or take the row out"
        )


def _numbers(table: OwnTable, name: str) -> npt.NDArray[np.float64]:
    cells = table.cells[name]
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    hint = " with a decimal point" if cells.str.contains(",").any() else ""
    _refuse(np.isnan(numbers), table, name, f"is not a number{hint}")
    return numbers


def _names(table: OwnTable, name: str) -> list[str]:
    names = table.cells[name].tolist()
    for row in [row for row, value in enumerate(names) if value in MISSING][:1]:
        raise DataError(
            f"{table.name}, line {table.lines[row]}, column {name}: the study has no name. Give it "
            "one, or take the row out"
        )
    return names


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return "; ".join(str(item) for item in value)
    return "" if pd.isna(value) else str(value).strip()


def combined(sample: Sample, rho: float) -> Sample:
    """One effect for each study; numbers known about its effects are averaged.

    Raises
    ------
    DataError
        When the effects of one study differ in a word, such as the subgroup.
    """
    if sample.study is None or not sample.yi.size:
        return sample
    found = aggregate(sample.yi, sample.vi, sample.study, rho)
    members: dict[str, list[int]] = {str(study): [] for study in found.study}
    for row, study in enumerate(sample.study):
        members[study].append(row)
    notes = list(sample.notes)
    values = {
        name: _of_studies(name, column, members, notes) for name, column in sample.values.items()
    }
    first = [rows[0] for rows in members.values()]
    return replace(
        sample,
        yi=np.asarray(found.yi),
        vi=np.asarray(found.vi),
        study=list(members),
        labels=[sample.labels[i] for i in first],
        table=sample.table.iloc[first],
        values=values,
        notes=tuple(notes),
    )


def _of_studies(
    name: str, column: list[Any], members: dict[str, list[int]], notes: list[str]
) -> list[Any]:
    different = [s for s, rows in members.items() if len({column[i] for i in rows}) > 1]
    if different and isinstance(column[0], str):
        raise DataError(
            f"{name} differs among the effects of {different[0]}, which are combined: "
            "give it to pool --mods with --model three-level or che, where each effect counts"
        )
    if different:
        notes.append(
            f"{name} differs within {numbered(len(different), 'study')}: its mean was taken"
        )
        return [float(np.mean([column[i] for i in rows])) for rows in members.values()]
    return [column[rows[0]] for rows in members.values()]


Document = dict[str, Any]
Answered = tuple[Document, str | None]
# What follows from one effect a study, however several of them would be modelled.
_ONE_A_STUDY = ("method", "test", "rho")
_FILE_OPTIONS: tuple[Option, ...] = (
    click.option(
        "--input",
        "table",
        type=click.Path(path_type=Path),
        help="Effects of this CSV or XLSX instead, or arms of which effects are made.",
    ),
    click.option("--yi", default="yi", help="Column of effects in --input."),
    click.option("--vi", default="vi", help="Column of variances in --input."),
    click.option("--cluster", help="Column of studies in --input, for several effects of one."),
    click.option("--label", help="Column of --input by which rows are called."),
    *OWN_OPTIONS,
    click.option(
        "--level",
        type=click.FloatRange(1, 99.9999),
        default=95.0,
        help="Percent of every interval.",
    ),
)


def statistic(
    name: str,
    *options: Option,
    text: Callable[[Document], str] = lambda document: "\n".join(nested_lines(document)),
    uses: Sequence[str] = _ONE_A_STUDY,
) -> Callable[[Callable[..., Document | Answered]], click.Command]:
    """Make the command ``name`` of a function of a `Request` and of ``options``.

    The function gives a document, or a document with sentences that stand for it as text.

    Parameters
    ----------
    text
        Shows the document, in plain types, to people; by default a line for each value.
    uses
        The words of the model that the result depends on. Others are taken, so that every address
        of a view can be asked about, and a note says that they change nothing.
    """

    def made(function: Callable[..., Document | Answered]) -> click.Command:
        @functools.wraps(function)
        def command(words: Words, as_json: bool, **given: Any) -> None:
            names = ("level", "data", "table", "yi", "vi", "cluster", "label", "bibliography")
            settings, sheet = settings_of(given)
            facts = {one: given.pop(one) for one in names}
            request = Request(words, settings=settings, sheet=sheet, **facts)
            _check(request, name, uses)
            found = function(request, **given)
            document, sentences = found if isinstance(found, tuple) else (found, None)
            if as_json:
                echo_json(document)
            else:
                click.echo(sentences or text(plain(document)))

        gathered: Callable[..., Any] = json_option(command)
        for option in (*reversed(options), *reversed(_FILE_OPTIONS)):
            gathered = option(gathered)
        return click.command(name, context_settings={"show_default": True})(
            view_options()(gathered)
        )

    return made


def _check(request: Request, name: str, uses: Sequence[str]) -> None:
    """Refuse options that contradict each other; say which change nothing."""
    if request.table is None and (request.cluster or request.label):
        raise click.UsageError("--cluster and --label name columns of --input")
    of_trials = [word for word in request.words if word not in MODEL_WORDS or word == "outliers"]
    if request.table is not None and of_trials:
        raise click.UsageError(
            f"--input goes without {', '.join(f'--{word}' for word in of_trials)}: it takes all "
            "effects of the file"
        )
    needed = {*uses, "outliers", *(_ONE_A_STUDY if "outliers" in request.words else ())}
    if idle := [f"--{word}" for word in MODEL_WORDS if word in {*request.words} - needed]:
        click.echo(f"Note: {', '.join(idle)} does not change what {name} gives", err=True)


def fitted(model: Model) -> dict[str, Any]:
    """Method, test and level, as functions of `meta_analysis` take them."""
    return {"method": model.method, "test": model.test, "level": model.level}
