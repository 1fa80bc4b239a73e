"""Effects for a statistical command: a question to the evidence base, or a CSV file of effects."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.cli.output import data_option
from ipt_evidence.cli.samples import (
    DECIMAL_COMMA,
    MISSING,
    Sample,
    combined,
    same_but_for_case,
    with_values,
)
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import DEFAULT_RHO, Estimate, Model, estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.models import TESTS

__all__ = [
    "Request",
    "all_effects",
    "effect_options",
    "level_option",
    "method_option",
    "read_base",
    "read_table",
    "sample_of",
    "test_option",
    "usable",
    "usable_sample",
]

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}  # the first of equals is taken
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")

method_option = click.option(
    "--method",
    type=click.Choice(METHODS),
    default="REML",
    show_default=True,
    help="Estimator of tau²; EE and FE take it as 0.",
)
test_option = click.option(
    "--test",
    type=click.Choice(TESTS),
    help="Test and interval.  [default: knha (Hartung-Knapp); t for --model three-level, che]",
)
level_option = click.option(
    "--level",
    type=click.FloatRange(1, 99.9999),
    default=95.0,
    show_default=True,
    help="Percent of every interval.",
)
_OPTIONS = (
    click.option("--condition", help="Condition id, like depression or social_anxiety."),
    click.option("--comparison", help="Comparison id, like control.  [default: control]"),
    click.option("--source", "sources", multiple=True, help="Only this source; may be repeated."),
    click.option(
        "--input", "table", type=click.Path(path_type=Path), help="Effects of this CSV instead."
    ),
    click.option("--yi", default="yi", show_default=True, help="Column of effects in --input."),
    click.option("--vi", default="vi", show_default=True, help="Column of variances in --input."),
    click.option("--cluster", help="Column of studies in --input, for several effects of one."),
    click.option("--label", help="Column of --input by which rows are called."),
    click.option(
        "--rho",
        type=click.FloatRange(0, 1),
        default=DEFAULT_RHO,
        show_default=True,
        help="Correlation of effects of one study.",
    ),
    data_option,
)


@dataclass(frozen=True, slots=True)
class Request:
    """Where the effects come from, as the options say."""

    question: Question
    table: Path | None
    yi: str
    vi: str
    cluster: str | None
    label: str | None
    rho: float
    data: Path | None


def effect_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where effects come from; ``function`` gets a `Request`."""

    @functools.wraps(function)
    def gathered(
        *,
        condition: str | None,
        comparison: str | None,
        sources: tuple[str, ...],
        table: Path | None,
        cluster: str | None,
        label: str | None,
        **rest: Any,
    ) -> None:
        if table is not None and (condition or comparison or sources):
            raise click.UsageError("--input goes without --condition, --comparison and --source")
        if table is None and (cluster or label):
            raise click.UsageError("--cluster and --label name columns of --input")
        request = Request(
            question=Question(condition, comparison or "control", sources),
            table=table,
            cluster=cluster,
            label=label,
            **{name: rest.pop(name) for name in ("yi", "vi", "rho", "data")},
        )
        function(request, **rest)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def sample_of(request: Request, columns: Sequence[str] = ()) -> Sample:
    """Effects of a request, one for each study where studies are known.

    Raises
    ------
    EvidenceError
        When the input cannot be read or holds no usable effect.
    """
    return combined(all_effects(request, columns), request.rho)


def all_effects(request: Request, columns: Sequence[str] = ()) -> Sample:
    """Every effect of a request, several of one study included; see `sample_of`."""
    if request.table is not None:
        return with_values(read_table(request, columns), columns)
    return with_values(read_base(request, Model(rho=request.rho))[2], columns)


def usable(sample: Sample) -> Sample:
    """Refuse a sample without effects, or with one that no method can use."""
    if not sample.yi.size:
        raise DataError(
            "; ".join(sample.notes) or "No usable effect: ask for another condition or comparison"
        )
    effects_and_variances(sample.yi, sample.vi)  # unusable rows are at fault in every method alike
    return sample


def usable_sample(request: Request) -> Sample:
    """One usable effect for each study of a request."""
    return usable(sample_of(request))


def read_base(request: Request, model: Model) -> tuple[EvidenceBase, Estimate, Sample]:
    """The base, its answer to the question, and all effects behind the answer."""
    base = EvidenceBase.load(request.data)
    answer = estimate(base, request.question, model)
    rows = answer.selection.effects
    sample = Sample(
        yi=rows["yi"].to_numpy(float),
        vi=rows["vi"].to_numpy(float),
        study=rows["study_id"].astype(str).tolist(),
        labels=rows["label"].astype(str).tolist(),
        table=rows,
        values={},
    )
    return base, answer, sample


def read_table(request: Request, columns: Sequence[str] = ()) -> Sample:
    """Effects of the user's CSV; DataError names the file, line and column at fault.

    Columns may be separated by commas, semicolons or tabs. Decimal commas are read where the whole
    file has them and no decimal point.
    """
    path = Path(str(request.table))
    frame, notes = _read_csv(path)
    named = (request.yi, request.vi, request.cluster, request.label, *columns)
    missing = [name for name in named if name is not None and name not in frame]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}; it has {', '.join(frame.columns)}")
    yi, vi = (_numbers(frame, name, path) for name in (request.yi, request.vi))
    _refuse(np.isinf(yi), frame, request.yi, path, "is not a finite number")
    _refuse(~np.isfinite(vi) | (vi <= 0.0), frame, request.vi, path, "is not a variance above 0")
    study = None if request.cluster is None else _names(frame, request.cluster, path)
    if study is not None:
        notes += same_but_for_case(request.cluster or "", study)
    if request.label is not None:
        labels = frame[request.label].tolist()
    else:
        labels = study or [f"line {line}" for line in range(2, len(frame) + 2)]
    return Sample(yi, vi, study, labels, frame, {}, notes)


def _read_csv(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells of a CSV as text, decimal commas made points, and notes on how it was read."""
    try:
        text = path.read_text("utf-8-sig")
        header = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
        found = {mark: next(csv.reader([header], delimiter=mark)) for mark in _SEPARATORS}
        separator = max(found, key=lambda mark: len(found[mark]))
        names = [name.strip() for name in found[separator]]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(
                f"{path} has more than one column called {', '.join(map(repr, twice))}: give each "
                "column a name of its own"
            )
        frame = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist. Give the path of a CSV file") from None
    except UnicodeDecodeError as err:
        raise DataError(f"{path} is not in UTF-8: {err}. Save it as CSV UTF-8") from err
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, StopIteration) as err:
        raise DataError(f"{path} is not a CSV file: {err or 'it is empty'}") from err
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    notes: tuple[str, ...] = ()
    if separator != ",":
        notes += (f"columns are separated by {_SEPARATORS[separator]}",)
    cells = [str(cell).strip() for name in frame for cell in frame[name]]
    if any(map(DECIMAL_COMMA.fullmatch, cells)) and not any(map(_POINT.fullmatch, cells)):
        frame = frame.map(_with_point)
        notes += ("numbers have decimal commas throughout, read as decimal points",)
    return frame, notes


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell.strip()) else cell


def _refuse(
    bad: npt.NDArray[np.bool_], frame: pd.DataFrame, name: str, path: Path, what: str
) -> None:
    for row in np.flatnonzero(bad)[:1]:
        raise DataError(
            f"{path}, line {row + 2}, column {name}: {frame[name].iloc[row]!r} {what}. "
            "Correct it, or take the row out"
        )


def _numbers(frame: pd.DataFrame, name: str, path: Path) -> npt.NDArray[np.float64]:
    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(float)
    hint = " with a decimal point" if frame[name].str.contains(",").any() else ""
    _refuse(np.isnan(numbers), frame, name, path, f"is not a number{hint}")
    return numbers


def _names(frame: pd.DataFrame, name: str, path: Path) -> list[str]:
    names = [str(value).strip() for value in frame[name]]
    empty = [i for i, value in enumerate(names) if value in MISSING]
    if empty:
        raise DataError(
            f"{path}, line {empty[0] + 2}, column {name}: the study has no name. Give it one, "
            "or take the row out"
        )
    return names
