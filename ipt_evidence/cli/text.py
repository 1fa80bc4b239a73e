"""Statistical results as short plain tables for people; numbers come from the JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipt_evidence.wording.sentences import TOO_FEW_TO_POOL

__all__ = [
    "ADJUSTED",
    "bias_table",
    "cells_table",
    "influence_table",
    "nested_lines",
    "pooled_table",
    "rows_table",
    "steps_table",
]

Document = Mapping[str, Any]

ADJUSTED = ("estimate", "se", "ci_lower", "ci_upper", "p")
"""An effect in a line: the fields that are shown."""

_PARTIAL = ("label", "k", "estimate", "ci_lower", "ci_upper", "tau2", "i2", "p")
_PRECISE = ("estimate", "se", "ci_lower", "ci_upper", "tau2", "i2", "p")
_READING = ("interpretable", "why_not")  # for programs; people read words in their place
_DIAGNOSTICS = ("label", "rstudent", "dffits", "cook", "hat", "weight", "influential")


def pooled_table(document: Document) -> str:
    """Show a pooled effect or the coefficients of a regression, heterogeneity, groups and notes.

    Of a document that is not interpretable its studies stand, one by one, and why.
    """
    if document.get("interpretable") is False:
        return _one_by_one(document)
    if document["estimate"] is not None:
        percent = f"{document['level']:g} %"
        lines = [
            f"k = {document['k']}, estimate {_number(document['estimate'])} "
            f"[{_number(document['ci_lower'])}, {_number(document['ci_upper'])}], "
            f"p = {_number(document['p'])} ({document['method']}, {document['test']}, {percent})"
        ]
        if plain := document.get("natural"):
            ends = f"[{_number(plain['ci_lower'])}, {_number(plain['ci_upper'])}]"
            lines.append(f"{plain['label']} {_number(plain['estimate'])} {ends}")
        if document["pi_lower"] is not None:
            limits = f"{_number(document['pi_lower'])} to {_number(document['pi_upper'])}"
            lines.append(f"Effect in a new study: {limits} (prediction interval)")
    else:
        lines = [f"k = {document['k']}"]
    if document["tau2"] is not None:
        between = ", ".join(
            f"{name} {_number(document[name])}"
            for name in ("tau2", "tau2_between", "tau2_within", "i2", "r2", "q", "q_p", "qm_p")
            if document.get(name) is not None
        )
        lines.append(f"Heterogeneity: {between}")
    if len(document["coefficients"]) > 1 or document["robust"]:
        lines += [
            "",
            rows_table(document["coefficients"], ("term", *ADJUSTED[:2], "df", *ADJUSTED[2:])),
        ]
    lines += _joint(document) if document["robust"] else []
    if document.get("variances"):
        fields = ("of", "variance", "ci_lower", "ci_upper", "stat", "p")
        lines += ["", "Variances, profile likelihood:", rows_table(document["variances"], fields)]
    lines += _groups(document.get("subgroups"))
    return "\n".join([*lines, *(f"Note: {note}" for note in document["notes"])])


def _one_by_one(document: Document) -> str:
    studies = document.get("studies") or ()
    lines = [rows_table(studies, ("label", "yi", "vi"))] if studies else []
    notes = [f"Note: {note}" for note in document["notes"]]
    return "\n".join([f"k = {document['k']}. {document['why_not']}.", *lines, *notes])


def _joint(document: Document) -> list[str]:
    """Robust tests of moderators with several coefficients, and of all together."""
    found = [one for one in document.get("robust_joint") or () if one["df1"] > 1]
    if not found:
        return []
    return ["", "Robust joint tests (HTZ):", rows_table(found, ("about", "f", "df1", "df2", "p"))]


def _groups(found: Document | None) -> list[str]:
    if found is None:
        return []
    table = rows_table(found["groups"], ("group", "k", "estimate", "ci_lower", "ci_upper", "tau2"))
    test = f"Between groups: Q or F {_number(found['q_between'])}, p = {_number(found['p'])}"
    return ["", table, test, *(f"Note: {note}" for note in found["notes"])]


def bias_table(document: Mapping[str, Document], shown: Mapping[str, Sequence[str]]) -> str:
    """One line for each method, its fields ``shown``, then what speaks against relying on it."""
    lines = []
    for name, found in document.items():
        if "error" in found:
            lines.append(f"{name}: cannot be run: {found['error']}")
            continue
        fields = (f"{field} {_number(found[field])}" for field in shown[name])
        lines.append(f"{name}: {', '.join(fields)}")
    cautions: dict[str, list[str]] = {}
    for name, found in document.items():
        for caution in found["cautions"]:
            cautions.setdefault(caution, []).append(name)
    lines += [f"Caution ({', '.join(names)}): {text}" for text, names in cautions.items()]
    return "\n".join(lines)


def influence_table(document: Document) -> str:
    """Show diagnostics for each study, the pooled effect without each, and outliers."""
    lines = [rows_table(document["studies"], _DIAGNOSTICS)] if document["studies"] else []
    if document["leave_one_out"]:
        lines += ["", "Without each study:", rows_table(document["leave_one_out"], _PARTIAL)]
    labels = document["outliers"]["labels"]
    lines.append(f"Outliers: {', '.join(labels) if labels else 'none'}")
    return "\n".join([*lines, *(f"Note: {note}" for note in document["notes"])])


def steps_table(document: Document) -> str:
    """Show the pooled effect as studies are added one by one."""
    return "\n".join([rows_table(document["steps"]), *document["notes"]])


def rows_table(rows: Sequence[Document], fields: Sequence[str] = _PARTIAL) -> str:
    """Give a plain table with the names of the fields above.

    In a row that is not interpretable the numbers give way to the words for that.
    """
    return cells_table(fields, [[_cell(row, field) for field in fields] for row in rows])


def _cell(row: Document, field: str) -> Any:
    if row.get("interpretable") is not False or field not in _PRECISE:
        return row[field]
    return TOO_FEW_TO_POOL if field == "estimate" else ""


def cells_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Give a plain table whose first column is flush left and whose others are flush right."""
    cells = [list(head), *([_number(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def nested_lines(document: Any, indent: str = "") -> list[str]:
    """Give a document line by line, a name before each value.

    Of a part that is not interpretable only the reason is given.
    """
    if document.get("interpretable") is False:
        return [f"{indent}{document['why_not']}"]
    lines: list[str] = []
    for name, value in document.items():
        if name in _READING:
            continue
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *nested_lines(value, f"{indent}  ")]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            fields = [field for field in value[0] if field not in _READING]
            lines += [f"{indent}{name}:", *rows_table(value, fields).splitlines()]
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: {', '.join(_number(item) for item in value) or '-'}")
        else:
            lines.append(f"{indent}{name}: {_number(value)}")
    return lines


def _number(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
