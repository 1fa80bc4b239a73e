"""An arm a row → a comparison a row: the arms of a study are set beside its comparison arm."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pandas as pd

from ipt_evidence.exchange.own_data.columns import plain_name, recognised
from ipt_evidence.exchange.own_data.table import OwnTable

__all__ = ["paired"]

_ARM = "arm armname armlabel treatmentarm treatment treat trt group intervention condition".split()
_NUMBERS = {
    "Mean": "mean m mi average",
    "SD": "sd std stdev stddev sdi standarddeviation",
    "SE": "se sem standarderror",
    "N": "n ni total samplesize participants totaln",
    "Events": "events event cases responders xi x",
}
_ENOUGH = ({"Mean", "SD", "N"}, {"Mean", "SE", "N"}, {"Events", "N"})
_OF_TWO = frozenset("m1 e1 ch1 f1 pt1 yi d or rr r t p".split())
_CONTROL = re.compile(
    r"\b(?:controls?|ctrl|ctl|placebo|pbo|wait(?:ing)?[ -]?list|wl|wlc|tau|cau|usual (?:care|"
    r"treatment)|treatment as usual|care as usual|no treatment|comparison|comparator)\b",
    re.IGNORECASE,
)
SHOWN = 4  # names of comparison arms in the note


def paired(table: OwnTable) -> OwnTable:
    """The table with a comparison a row, if its rows are arms; else as it is.

    Of the arms of a study (and outcome, and time point) the comparison is the one whose name says
    so, else the one that most studies have, else the last. Several others are each compared with
    it. What all arms of a study share, such as its year, is kept.
    """
    names = list(map(str, table.cells.columns))
    known = recognised(names)
    plain = {plain_name(name): name for name in reversed(names)}
    arm = next((plain[word] for word in _ARM if word in plain), None)
    numbers = {
        label: plain[found]
        for label, words in _NUMBERS.items()
        if (found := next((word for word in words.split() if word in plain), None))
    }
    if arm is None or "study" not in known or _OF_TWO & set(known) - {"r", "p", "t"}:
        return table
    keys = [known[name] for name in ("study", "outcome", "time") if name in known]
    keys = [key for key in keys if key != arm and key not in numbers.values()]
    enough = any(needed <= set(numbers) for needed in _ENOUGH)
    if not enough or not table.cells.duplicated(keys, keep=False).any():
        return table
    return _beside(table, keys, arm, numbers)


def _beside(table: OwnTable, keys: list[str], arm: str, numbers: dict[str, str]) -> OwnTable:
    cells = table.cells
    usual = Counter(cells[arm].str.casefold())
    shared = [name for name in map(str, cells) if name not in (*keys, arm, *numbers.values())]
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    against: dict[str, None] = {}
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, key in enumerate(zip(*(cells[name] for name in keys), strict=True)):
        groups.setdefault(key, []).append(place)
    records: list[dict[str, str]] = [
        dict(zip(map(str, cells), row, strict=True)) for row in cells.to_numpy()
    ]
    for key, places in groups.items():
        last = _comparison([records[place][arm] for place in places], usual)
        other = records[places[last]] if len(places) > 1 else None
        against |= {other[arm]: None} if other else {}
        for place in [one for number, one in enumerate(places) if number != last or other is None]:
            own = records[place]
            row = dict(zip(keys, key, strict=True))
            row |= {"Treatment": own[arm], "Comparison": other[arm] if other else ""}
            for label, name in numbers.items():
                row |= {f"{label} 1": own[name], f"{label} 2": other[name] if other else ""}
            row |= {name: own[name] for name in shared}
            rows.append(row)
            lines.append(table.lines[place])
    named = ", ".join(list(against)[:SHOWN]) + (" …" if len(against) > SHOWN else "")
    note = f"rows are arms: those of a study are compared with its comparison arm ({named})"
    made = pd.DataFrame(rows, dtype=object).astype(str)
    return replace(table, cells=made, lines=tuple(lines), notes=(*table.notes, note))


def _comparison(arms: list[str], usual: Counter[str]) -> int:
    """Place of the comparison arm among the arms of a study."""
    named = [place for place, name in enumerate(arms) if _CONTROL.search(name)]
    if len(named) == 1:
        return named[0]
    among = named or range(len(arms))
    return max(among, key=lambda place: (usual[arms[place].casefold()], place))
