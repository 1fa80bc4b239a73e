"""Where hostile input arrives, each with samples to damage and what must hold of its answer.

A surface takes bytes. It may refuse them with one of the package's own errors; any other exception
is a fault, and so is an answer in which something is lost (`Lost`).
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import random
import shlex
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import click
from starlette.requests import Request

from benchmarks.fuzz.damage import MOST_BYTES, damaged_text
from ipt_evidence.analyses.registry import ANALYSES
from ipt_evidence.api import routes
from ipt_evidence.api.answers import RESOURCES
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.readers.plain_text import read_lines, read_plain_text
from ipt_evidence.citations.tagging import tag_text
from ipt_evidence.cli import cli
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import VIEW_WORDS, parameters, read_view, view_of
from ipt_evidence.exchange.metapsy import import_database, open_database
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.effects import read_effects
from ipt_evidence.exchange.own_data.networks import read_network
from ipt_evidence.exchange.own_data.table import read_table

__all__ = ["NAME", "SURFACES", "Lost", "Surface", "samples"]

TESTS = Path(__file__).parents[2] / "tests"
BASE = TESTS / "fixtures" / "base"
NAME = "a file.txt"


class Lost(Exception):
    """Something that was in the input is neither in the answer nor among what was rejected."""


@dataclass(frozen=True)
class Surface:
    """A place where input arrives.

    ``share`` is how many of 100,000 cases in the long run are its own; ``samples`` are made when
    they are asked for. ``said`` has to stand in every refusal.
    """

    name: str
    share: int
    samples: Callable[[], list[bytes]]
    take: Callable[[bytes], object]
    said: str = ""


def samples(folders: list[Path]) -> list[bytes]:
    """The content of every file in ``folders``, cut where it is long."""
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        path.read_bytes()[: 2 * MOST_BYTES if path.suffix == ".xlsx" else MOST_BYTES]
        for path in files
        if path.suffix not in (".py", ".pyc")
    ]


@cache
def _bibliographies() -> list[bytes]:
    """Every kind of export by itself, and files of several."""
    fixtures = TESTS / "citations" / "fixtures"
    kinds = [
        block.partition("\n")[2].partition("\n====\n")[0].encode()
        for name in ("export_kinds.txt", "printed_kinds.txt")
        for block in (fixtures / name).read_text(encoding="utf-8").split("@@@@ ")[1:]
    ]
    kinds.append(json.dumps(_EPPI).encode())
    return [*kinds, *(data[:8_000] for data in samples([fixtures])), *_archives(kinds)]


_EPPI = {
    "CodeSets": [{"SetName": "Screening", "Attributes": {"AttributesList": [
        {"AttributeId": 1, "AttributeName": "Not a trial", "AttributeType": "Exclude"},
    ]}}],
    "References": [
        {"ItemId": 9, "Title": "A talk", "ParentTitle": "J Imag", "Authors": "Alder A B; Oak C ;",
         "Year": "2020", "Pages": "1-4", "DOI": "10.9999/e.1", "TypeName": "Journal, Article",
         "ItemStatus": "E", "Codes": [{"AttributeId": 1}]},
    ],
}  # fmt: skip
"""A report of EPPI-Reviewer."""


def _archives(kinds: list[bytes]) -> list[bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number, kind in enumerate(kinds[:4]):
            file.writestr(f"{number}.ris", kind)
    return [packed.getvalue(), _workbook([["Title", "Authors", "Year"], ["One", "Elm, A", 2016]])]


def _workbook(rows: list[list[object]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _load(data: bytes) -> None:
    result = load_text(data, NAME)
    for table in (result.citations, result.rejected, result.repaired):
        "".join(map(str, table.to_numpy().ravel())).encode("utf-8")
    counted = int(result.files["records"].sum())
    if counted != len(result.citations):
        raise Lost(f"{counted} records counted, {len(result.citations)} given")


_INTACT = {
    "ris": "TY  - JOUR\nTI  - Intact title {n}\nAU  - Elm, Ada\nPY  - 2016\nER  - \n\n",
    "nbib": "PMID- 1000{n}\nTI  - Intact title {n}\nFAU - Elm, Ada\nDP  - 2016\n\n",
    "enw": "%0 Journal Article\n%T Intact title {n}\n%A Elm, Ada\n%D 2016\n\n",
    "bib": "@article{{key{n},\n  title = {{Intact title {n}}},\n  author = {{Elm, Ada}}\n}}\n\n",
    "ciw": "PT J\nAU Elm, A\nTI Intact title {n}\nPY 2016\nER\n\n",
}


def _neighbours(data: bytes) -> None:
    """Three whole records before a damaged one are kept, whatever is in that one."""
    chance = random.Random(data)
    kind = chance.choice(sorted(_INTACT))
    record = _INTACT[kind]
    whole = [f"Intact title {number}" for number in range(3)]
    before = "".join(record.format(n=number) for number in range(3))
    before = f"FN Clarivate\n{before}" if kind == "ciw" else before
    last = damaged_text(record.format(n=9), data.decode("utf-8", "replace")[:400], chance)
    result = load_text(before + last, f"a file.{kind}")
    titles = result.citations["title"].dropna().tolist()
    if lost := [own for own in whole if not any(title.startswith(own) for title in titles)]:
        raise Lost(f"{kind}: {lost} lost before {last!r}")


def _printed(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for reader in (read_plain_text, read_lines):
        found = reader(text)
        if text.strip() and not (found.records or found.rejected or found.note):
            raise Lost("a printed list gave nothing at all")


@cache
def _printed_lists() -> list[bytes]:
    fixtures = TESTS / "citations" / "fixtures"
    kinds = (fixtures / "printed_kinds.txt").read_text(encoding="utf-8").split("@@@@ ")[1:]
    lists = [kind.partition("\n")[2].partition("\n====\n")[0] for kind in kinds]
    lines = [line for text in lists for line in text.split("\n") if line.strip()]
    return [text.encode() for text in (*lists, *lines)]


def _tag(data: bytes) -> None:
    title, _, abstract = data.decode("utf-8", "replace").partition("\n")
    tag_text(title, _base().taxonomy, abstract=abstract)


@cache
def _base() -> EvidenceBase:
    return EvidenceBase.load(BASE)


@cache
def _addresses() -> list[bytes]:
    usual = [
        "condition=depression&comparison=control",
        "condition=anxiety&comparison=control&time=follow_up_12&method=DL&test=z",
        "condition=postpartum&comparison=control&rho=0.4&outliers=1&double=1",
        "condition=eating_disorders&omit=bulimia&excluded=x&without=se_for_sd&dependence=che",
        "page=studies&q=telephone&study=a&layers=egger&order=weight",
    ]
    return [*(text.encode() for text in usual), urlencode(dict.fromkeys(VIEW_WORDS, "1")).encode()]


def _address(data: bytes) -> None:
    words = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)
    view, _ = read_view(words, _base())
    if view.question.condition and view_of(parameters(view), _base()) != view:
        raise Lost(f"{parameters(view)} does not give its view again")


_ASKED = ("estimate", "trials", "panels/forest", "panels/funnel", "panels/groups", "coverage")
"""Resources that answer fast; all others take the same words by the same code."""


@cache
def _requests() -> list[bytes]:
    return [
        f"{resource.name}.{form}?{query.decode()}".encode()
        for resource in RESOURCES
        for form in ("json", "csv")
        for query in _addresses()[:3]
        if resource.name in _ASKED or not resource.analysis
    ]


def _rest(data: bytes) -> None:
    path, _, query = data.decode("utf-8", "replace").partition("?")
    slow = {f"panels/{name}" for name in ANALYSES} - set(_ASKED)
    if path.partition(".")[0] in slow:
        return
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode("utf-8", "replace"),
        "headers": [],
        "path_params": {"name": path},
    }
    answer = routes()[-1].endpoint(Request(scope))  # type: ignore[attr-defined]
    if answer.status_code not in (200, 304, 400, 404, 413, 414):
        raise Lost(f"status {answer.status_code}: {answer.body[:300]!r}")
    if answer.status_code >= 400 and not json.loads(answer.body)["error"]:
        raise Lost("a refusal without words")


_READING = ("effects", "load", "pool", "power", "show", "tag", "units", "validate", "coverage")
"""Commands that write nothing, ask nobody and start nothing: these are also run."""

_COMMANDS = cli.list_commands(click.Context(cli))


@cache
def _command_lines() -> list[bytes]:
    lines = ["pool --condition depression --rho 0.5 --json", "show forest --condition anxiety"]
    for name in _COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        options = [option for one in (command.params if command else []) for option in one.opts]
        lines += [
            f"{name} {option} {value}"
            for option in options
            for value in ("1", "x", "-1", "depression")
        ]
    return [line.encode() for line in lines]


def _command_line(data: bytes) -> None:
    text = data.decode("utf-8", "replace").replace("\0", " ")[:2_000]
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        _parsed(words)


def _parsed(words: list[str]) -> None:
    named = [word for word in words if word in _COMMANDS]
    reading = set(named) <= set(_READING) and "-" not in words
    try:
        if reading:
            cli.main(words, prog_name="ipt-evidence", standalone_mode=False)
        elif command := cli.get_command(click.Context(cli), named[0] if named else ""):
            command.make_context(named[0], words[words.index(named[0]) + 1 :]).close()
    except (click.exceptions.Exit, click.exceptions.Abort, click.ClickException) as stopped:
        if isinstance(stopped, click.ClickException) and not stopped.format_message():
            raise Lost("a refusal without words") from stopped


@cache
def _own_tables() -> list[bytes]:
    heads = (
        "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nElm 2001,9.2,5.1,42,13.4,6.2,40\nAsh,8,4,30,11,5,31\n",
        "Study;yi;vi;year\nElm;0,5;0,04;2001\nAsh;-0,2;0,1;2010\n",
        "study\tai\tn1i\tci\tn2i\nElm\t3\t40\t0\t41\nAsh\t5\t20\t5\t20\n",
        "study,d,ci_lower,ci_upper\nElm,0.4,0.1,0.7\nElm,0.5,NA,0.9\n",
        "study,r,n\nElm,0.3,50\nAsh,-1,20\n",
        "study,t,n1i,n2i,p\nElm,2.1,20,22,0.04\nAsh,,20,22,0.5\n",
        "study,treat1,treat2,TE,seTE\nElm,A,B,0.4,0.2\nAsh,B,C,0.1,0.3\nOak,A,C,0.6,0.2\n",
        "study,treatment,mean,sd,n\nElm,A,3,1,20\nElm,B,4,1,21\nAsh,B,4,2,9\nAsh,C,5,2,9\n",
    )
    book = _workbook([["study", "yi", "vi"], ["Elm", 0.5, 0.04], ["Ash", -0.2, 0.1]])
    return [*(text.encode() for text in heads), book]


def _own(data: bytes) -> None:
    found = read_effects(read_table(data, NAME))
    if len(found.rows) + len(found.left_out) != len(found.table.cells):
        raise Lost(
            f"{len(found.table.cells)} rows, of which {len(found.rows)} are effects and "
            f"{len(found.left_out)} left out"
        )
    checks_of(found)


def _own_network(data: bytes) -> None:
    read_network(read_table(data, NAME))


@cache
def _scratch() -> Path:
    """A folder in memory where there is one; emptied by the system or at the next start."""
    shm = Path("/dev/shm")  # noqa: S108 - a name of our own inside it
    place = Path(tempfile.mkdtemp(prefix="ipt-evidence-fuzz-", dir=shm if shm.is_dir() else None))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


@cache
def _databases() -> list[bytes]:
    folders = (TESTS / "evidence" / "fixtures" / "metapsy").glob("*/data.csv")
    return [path.read_bytes() for path in sorted(folders)]


def _metapsy(data: bytes) -> None:
    folder = _scratch() / "depression"
    folder.mkdir(exist_ok=True)
    (folder / "data.csv").write_bytes(data)
    import_database(open_database(folder), _base(), condition="depression", positive="benefit")


_PARTS = tuple(sorted(path.name for path in BASE.iterdir() if path.is_file()))


@cache
def _parts_of_base() -> list[bytes]:
    """Every file of the base after its name, from a part of it on."""
    found = []
    for name in _PARTS:
        content = (BASE / name).read_bytes()
        found += [name.encode() + b"\n" + content]
    return found


def _evidence_base(data: bytes) -> None:
    """Load a base of which one file is what ``data`` says, after the name of the file."""
    name, _, content = data.partition(b"\n")
    part = name.decode("utf-8", "replace")
    folder = _scratch() / "base"
    if not folder.is_dir():
        folder.mkdir()
        for own in _PARTS:
            (folder / own).symlink_to(BASE / own)
        (folder / "versions").symlink_to(BASE / "versions")
    if part not in _PARTS:
        part, content = random.Random(data).choice(_PARTS), data
    try:
        (folder / part).unlink()
        (folder / part).write_bytes(content)
        EvidenceBase.load(folder)
    finally:
        (folder / part).unlink()
        (folder / part).symlink_to(BASE / part)


SURFACES = {
    one.name: one
    for one in (
        Surface("bibliography", 11_000, _bibliographies, _load, said=NAME),
        Surface("neighbours", 2_500, _bibliographies, _neighbours),
        Surface("printed", 10_000, _printed_lists, _printed),
        Surface("tagger", 25_000, _printed_lists, _tag),
        Surface("address", 25_000, _addresses, _address),
        Surface("rest", 11_400, _requests, _rest),
        Surface("command-line", 11_000, _command_lines, _command_line),
        Surface("own-data", 2_800, _own_tables, _own),
        Surface("own-network", 1_000, _own_tables, _own_network),
        Surface("metapsy", 250, _databases, _metapsy),
        Surface("base", 50, _parts_of_base, _evidence_base),
    )
}
