"""A flow of studies or records after PRISMA 2020: for the R package PRISMA2020, and as SVG.

Page et al. 2021, doi:10.1136/bmj.n71; Haddaway et al. 2022, doi:10.1002/cl2.1230.

The program counts two flows: the studies of a view, from those in the base to those pooled, and
the records that the searches for new trials found. What a flow does not count is missing, not 0.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.living.candidates import Flow
from ipt_evidence.wording import tables

__all__ = [
    "COLUMNS",
    "Prisma",
    "prisma_of_searches",
    "prisma_of_view",
    "prisma_svg",
    "prisma_table",
]

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
_NEW = "Identification of new studies via databases and registers"
# The rows that the package reads (PRISMA2020 1.1.4, inst/extdata/PRISMA.csv), in their order: name
# of the number, node, box, words. A node has a tooltip; rows without a name head a column.
_ROWS = (
    ("", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    ("previous_reports", "", "box1", "Reports of studies included in previous version of review"),
    ("", "node6", "newstud", _NEW),
    ("database_results", "node7", "box2", "Databases"),
    ("database_specific_results", "", "box2", "Specific Databases"),
    ("register_results", "", "box2", "Registers"),
    ("register_specific_results", "", "box2", "Specific Registers"),
    ("", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "Websites"),
    ("organisation_results", "", "box11", "Organisations"),
    ("citations_results", "", "box11", "Citation searching"),
    ("duplicates", "node8", "box3", "Duplicate records"),
    ("excluded_automatic", "", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "", "box3", "Records removed for other reasons"),
    ("records_screened", "node9", "box4", "Records screened"),
    ("records_excluded", "node10", "box5", "Records excluded"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility"),
    ("dbr_excluded", "node14", "box9", "Reports excluded"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility"),
    ("other_excluded", "node21", "box15", "Reports excluded"),
    ("new_studies", "node15", "box10", "New studies included in review"),
    ("new_reports", "", "box10", "Reports of new included studies"),
    ("total_studies", "node22", "box16", "Total studies included in review"),
    ("total_reports", "", "box16", "Reports of total included studies"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
    ("total_studies_ma", "node23", "box17", "Total studies included in meta-analysis"),
    ("total_reports_ma", "", "box17", "Reports of total included studies in meta-analysis"),
)

_NO_QUOTES = str.maketrans({"'": "\u2019", '"': "\u201d", "\\": "/"})
_UNUSABLE = "No result with a usable number"
_Step = tuple[str, tuple[str, ...], tuple[str, ...]]
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Prisma:
    """Counts of a flow by the package's names; a name that is missing was not counted.

    ``listed`` holds counts by database or by reason, ``texts`` words other than the usual ones.
    """

    counts: Mapping[str, int]
    listed: Mapping[str, Counts] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, box: str, usual: str) -> str:
        """The words of a row, which is known by its name or, at the head of a column, its box."""
        return self.texts.get(name or box, usual)


def prisma_of_view(base: EvidenceBase, answer: Estimate) -> Prisma:
    """The studies of a view by source, those lost by reason, and those pooled.

    It begins with the studies that the base holds on the question: how many records each source
    screened to find them stands in the sources. A study lost for several reasons counts once, under
    the one that most of its usable results share.
    """
    selection, used = answer.selection, set(answer.trials["study_id"])
    studies, left_out = selection.studies, selection.left_out
    # Of the reasons that a view gives; why a single number cannot be used the base tells in words.
    usable = left_out.loc[left_out["include"].astype(bool)]
    reasons = {
        str(study): str(own.mode()[0]) for study, own in usable.groupby("study_id")["reason"]
    }
    lost = Counter(
        reasons.get(study, _UNUSABLE) for study in studies["study_id"] if study not in used
    )
    found = Counter(base.sources[name].label for name in studies["source_id"])
    own_reports = studies.loc[studies["study_id"].isin(used), "references"]
    reports = len({key for references in own_reports for key in references})
    total = len(studies)
    return Prisma(
        {
            "database_results": total, "records_screened": total,
            "records_excluded": 0, "dbr_sought_reports": total, "dbr_notretrieved_reports": 0,
            "dbr_assessed": total, "new_studies": answer.k, "new_reports": reports,
            "total_studies": answer.k, "total_reports": reports, "total_studies_ma": answer.k,
            "total_reports_ma": reports,
        },
        {"database_specific_results": _most_first(found), "dbr_excluded": _most_first(lost)},
        {
            "newstud": "Studies of this question in the evidence base, by source",
            "database_results": "Databases of trials and reports",
            "records_screened": "Studies screened",
            "records_excluded": "Studies excluded at this step",
            "dbr_sought_reports": "Studies with a report",
            "dbr_notretrieved_reports": "Studies without a report",
            "dbr_assessed": "Studies assessed for this view",
            "dbr_excluded": "Studies not pooled",
            "new_studies": "Studies pooled",
            "new_reports": "Reports of the studies pooled",
        },
    )  # fmt: skip


def prisma_of_searches(base: EvidenceBase, flow: Flow) -> Prisma:
    """The records of all finished searches for new trials, by database, and the decisions.

    Full texts are sought and assessed outside this program.
    """
    reports = {key for references in base.studies["references"] for key in references}
    whole = sum(count for _, count in flow.databases) == flow.found
    wait = "waits" if flow.waiting == 1 else "wait"
    waiting = f" ({tables.count(flow.waiting)} {wait} for a decision)" if flow.waiting else ""
    return Prisma(
        {
            "previous_studies": len(base.studies), "previous_reports": len(reports),
            "database_results": flow.found, "duplicates": flow.repeated + flow.known,
            "excluded_automatic": 0, "excluded_other": flow.in_base,
            "records_screened": flow.queued - flow.waiting, "records_excluded": flow.excluded,
            "dbr_sought_reports": flow.included + flow.unsure,
        },
        {"database_specific_results": flow.databases} if whole else {},
        {
            "previous_studies": "Studies in the evidence base",
            "previous_reports": "Reports of these studies",
            "excluded_other": "Records of references that the base holds",
            "records_screened": f"Records screened{waiting}",
        },
    )  # fmt: skip


def _most_first(counts: Mapping[str, int]) -> Counts:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def prisma_table(flow: Prisma) -> pd.DataFrame:
    """The rows of ``PRISMA.csv``, the template of the R package PRISMA2020, with these counts.

    ``PRISMA2020::PRISMA_data(read.csv(FILE))`` takes it, and
    ``PRISMA_flowdiagram(…, other = FALSE, detail_databases = TRUE)`` draws it.
    """
    rows = []
    for name, node, box, usual in _ROWS:
        words = _quoted(flow.text(name, box, usual))
        listed = flow.listed.get(name)
        n = "; ".join(f"{_plain(label)}, {count}" for label, count in listed) if listed else None
        if n is None and name in flow.counts:
            n = str(flow.counts[name])
        tip = words if node else None
        rows.append((name or None, node or None, box, words, words, tip, None, _quoted(n)))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _plain(label: str) -> str:
    """A label without the signs that part one count from the next."""
    return label.replace(";", " /").replace(",", "")


def _quoted(words: str | None) -> str | None:
    """Words that the package puts between quotation marks, which must not end there."""
    return words.translate(_NO_QUOTES) if words else None


_LEFT, _RIGHT, _BAND, _WIDE, _LINE, _GAP = 56, 420, 12, 330, 17, 26  # pixels
_LETTERS = 46  # of a line


def prisma_svg(flow: Prisma, title: str) -> str:
    """The flow as a drawing: what went on to the left, what fell away to the right."""
    parts: list[str] = []
    bands: dict[str, tuple[float, float]] = {}
    top = 56
    above: tuple[str, ...] = ()
    for band, left, right in _steps(flow):
        boxes = [(x, _lines(flow, names)) for x, names in ((_LEFT, left), (_RIGHT, right))]
        high = max(24 + _LINE * len(lines) for _, lines in boxes)
        if above and "previous_studies" not in above:  # these are no step before the records
            middle = _LEFT + _WIDE / 2
            parts.append(_arrow(middle, top - _GAP, middle, top))
        for x, lines in boxes:
            if lines:
                parts.append(_box(x, top, 24 + _LINE * len(lines), lines))
        if boxes[1][1]:
            parts.append(_arrow(_LEFT + _WIDE, top + 20, _RIGHT, top + 20))
        first = bands.setdefault(band, (top, top))[0]
        bands[band] = (first, top + high)
        # The next arrow starts at the foot of the left box, also where the right one is higher.
        own = 24 + _LINE * len(boxes[0][1])
        if high > own:
            middle = _LEFT + _WIDE / 2
            parts.append(_line(middle, top + own, middle, top + high))
        top += high + _GAP
        above = left
    parts += [_side(band, *ends) for band, ends in bands.items()]
    wide = _RIGHT + _WIDE + _BAND
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {top}" width="{wide}" '
        f'height="{top}" role="img" font-family="IBM Plex Sans, Helvetica, Arial, sans-serif" '
        f'font-size="13">\n<title>{escape(title)}</title>\n'
        '<rect width="100%" height="100%" fill="white"/>\n'
        f'<text x="{_LEFT}" y="34" font-size="15" font-weight="bold">{escape(title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _steps(flow: Prisma) -> list[_Step]:
    """The steps whose numbers are known: band, names of the left box, names of the right one."""
    every: tuple[_Step, ...] = (
        ("Identification", ("previous_studies", "previous_reports"), ()),
        ("Identification", ("database_results",),
         ("duplicates", "excluded_automatic", "excluded_other")),
        ("Screening", ("records_screened",), ("records_excluded",)),
        ("Screening", ("dbr_sought_reports",), ("dbr_notretrieved_reports",)),
        ("Screening", ("dbr_assessed",), ("dbr_excluded",)),
        ("Included", ("new_studies", "new_reports"), ()),
    )  # fmt: skip
    drawn: list[_Step] = []
    for step in every:
        left, right = (sum(flow.counts.get(name, 0) for name in names) for names in step[1:])
        listed = any(flow.listed.get(name) for name in step[2])
        nothing_lost = not right and not listed and step[2]
        before = flow.counts.get(drawn[-1][1][0]) if drawn else None
        if any(name in flow.counts for name in step[1]) and not (nothing_lost and left == before):
            drawn.append(step)
    return drawn


_LISTED_BELOW = {"database_results": "database_specific_results"}


def _lines(flow: Prisma, names: Iterable[str]) -> list[str]:
    usual = {name: words for name, _, _, words in _ROWS}
    lines = []
    for name in names:
        words = flow.text(name, "", usual[name])
        listed = flow.listed.get(_LISTED_BELOW.get(name, name), ())
        count = flow.counts.get(name)
        if count is None and listed:  # of reasons
            count = sum(n for _, n in listed)
        if count is None:
            continue
        lines += textwrap.wrap(f"{words} {_n(count)}", _LETTERS)
        for label, n in listed:
            wrapped = textwrap.wrap(f"{label} {_n(n)}", _LETTERS - 2)
            lines += ["\u2003" + line for line in wrapped]
    return lines


def _n(count: int) -> str:
    return f"(n\u00a0=\u00a0{tables.count(count)})"


def _box(x: float, y: float, high: float, lines: list[str]) -> str:
    rows = "".join(
        f'<tspan x="{x + 12}" y="{y + 24 + _LINE * number}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{high}" fill="white" stroke="#22262E"/>'
        f'<text fill="#22262E">{rows}</text>'
    )


def _line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#22262E"/>'


def _arrow(x0: float, y0: float, x1: float, y1: float) -> str:
    head = (
        f"{x1},{y1} {x1 - 5},{y1 - 8} {x1 + 5},{y1 - 8}"
        if x0 == x1
        else f"{x1},{y1} {x1 - 8},{y1 - 5} {x1 - 8},{y1 + 5}"
    )
    return _line(x0, y0, x1, y1) + f'<polygon points="{head}" fill="#22262E"/>'


def _side(words: str, top: float, foot: float) -> str:
    middle = (top + foot) / 2
    return (
        f'<rect x="{_BAND}" y="{top}" width="26" height="{foot - top}" rx="6" fill="#C9D8E2"/>'
        f'<text x="{_BAND + 18}" y="{middle}" text-anchor="middle" font-size="12" fill="#22262E" '
        f'transform="rotate(-90 {_BAND + 18} {middle})">{escape(words)}</text>'
    )
