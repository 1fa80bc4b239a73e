"""Corpora of every kind, scanned on every engine, stopped and gone on with."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.tagging import tag_text
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.cli import cli
from ipt_evidence.corpora import lines as corpus_lines
from ipt_evidence.corpora import running, scanning
from ipt_evidence.corpora.coarse import SOUGHT, Coarse, coarse_of
from ipt_evidence.corpora.files import ScaleError, find_files
from ipt_evidence.corpora.lines import passed
from ipt_evidence.corpora.running import MANIFEST, Scan, scan

duckdb = pytest.importorskip("duckdb")
SHARED = Path(__file__).resolve().parents[2].parent / "shared"

IPT = "Interpersonal psychotherapy for depressed women: a randomized controlled trial"
OTHER = "Soil bacteria & their descript manuscript"


def work(number: int, title: str, abstract: str | None = None) -> dict[str, Any]:
    """A work as OpenAlex's snapshot has it."""
    words: dict[str, list[int]] = {}
    for place, word in enumerate((abstract or "").split()):
        words.setdefault(word, []).append(place)
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.1000/{number}",
        "title": title,
        "publication_year": 2001,
        "authorships": [{"author": {"display_name": "José Núñez"}}],
        "abstract_inverted_index": words or None,
    }


def article(pmid: int, title: str, version: int = 1) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="{version}">{pmid}</PMID><Article>'
        f"<ArticleTitle>{title}</ArticleTitle><AuthorList><Author><LastName>Ipt</LastName>"
        "<Initials>IPT</Initials></Author></AuthorList></Article></MedlineCitation>"
        f"</PubmedArticle>\n"
    )


def pubmed(path: Path, articles: str, deleted: str = "") -> None:
    end = f"<DeleteCitation>{deleted}</DeleteCitation>" if deleted else ""
    text = f"<?xml version='1.0'?>\n<PubmedArticleSet>{articles}{end}</PubmedArticleSet>"
    path.write_bytes(gzip.compress(text.encode()))


def lines(path: Path, *items: object) -> None:
    text = "\n".join(i if isinstance(i, str) else json.dumps(i) for i in items) + "\n"
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each kind; six candidates, of which PubMed revises one away and deletes one."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "works").mkdir()
    hidden = work(3, "A trial in mothers", "We gave Interpersonal Psychotherapy (IPT) to women")
    teeth = work(4, "Intensive periodontal therapy (IPT) and gingivitis")
    lines(folder / "works" / "part_000.gz", work(1, IPT), work(2, OTHER), "{broken", hidden, teeth)
    crossref = {"items": [{"DOI": "10.1/a", "title": [IPT]}, {"DOI": "10.1/b", "title": [OTHER]}]}
    (folder / "0.json.gz").write_bytes(gzip.compress(json.dumps(crossref).encode()))
    once = article(11, IPT) + article(12, IPT) + article(13, OTHER) + article(14, IPT)
    pubmed(folder / "pubmed26n0001.xml.gz", once)
    later = article(11, OTHER) + article(14, "IPT for bulimia nervosa", 2)
    pubmed(folder / "pubmed26n0002.xml.gz", later, '<PMID Version="1">12</PMID>')
    (folder / "own.ris").write_text(
        f"TY  - JOUR\nTI  - {IPT}\nER  - \nTY  - JOUR\nTI  - Tea\nER  -\n"
    )
    table = pd.DataFrame(
        {"title": [OTHER, IPT], "authors": [["A"], ["B"]], "doi": [None, "10.1/p"]}
    )
    table.to_parquet(folder / "list.parquet")
    (folder / "0.json.gz.md5").write_text("no bibliography")
    return folder


def test_every_kind_of_file_gives_its_candidates(
    corpus: Path, tmp_path: Path, base: EvidenceBase
) -> None:
    found = scan([str(corpus)], tmp_path, base.taxonomy, workers=1)
    assert [
        (Path(one.place).name, one.kind, one.records, one.candidates) for one in found.files
    ] == [
        ("0.json.gz", "items", 2, 1),
        ("list.parquet", "parquet", 2, 1),
        ("own.ris", "bibliography", 2, 1),
        ("pubmed26n0001.xml.gz", "pubmed", 4, 3),
        ("pubmed26n0002.xml.gz", "pubmed", 2, 1),
        ("part_000.gz", "lines", 5, 2),
    ]
    assert (found.records, found.failed, found.problems) == (17, 1, ())
    assert found.gathered.prisma(found.records, found.failed) == {
        "identified": 17, "superseded": 2, "deleted": 1, "unreadable": 1,
        "ineligible_by_automation": 7, "to_screen": 6,
    }  # fmt: skip
    table = pd.read_parquet(tmp_path / "candidates.parquet")
    assert table["key"].is_unique
    places = list(
        zip(table["source_file"].map(lambda p: Path(p).name), table["source_line"], strict=True)
    )
    assert places == [
        ("0.json.gz", 1), ("list.parquet", 2), ("own.ris", 1), ("pubmed26n0002.xml.gz", 2),
        ("part_000.gz", 1), ("part_000.gz", 4),
    ]  # fmt: skip
    hidden = table.iloc[-1]
    assert hidden["abstract"] == "We gave Interpersonal Psychotherapy (IPT) to women"
    assert {"kind": "intervention", "value": "ipt", "matched": "Interpersonal Psychotherapy; IPT",
            "field": "abstract"} in list(hidden["matched"])  # fmt: skip
    assert list(table["pmid"].dropna()) == ["14"]
    assert list(table.iloc[3]["conditions"]) == ["eating_disorders", "bulimia"]
    assert list(table.iloc[0]["designs"]) == ["rct"]


def _titles(base: EvidenceBase) -> list[str]:
    titles = [str(title) for title in base.references["title"].dropna()]
    for file in (SHARED / "samples" / "dedupe").glob("*.xml"):
        titles += [str(title) for title in load_citations(file).citations["title"].dropna()]
    for file in (SHARED / "metapsy").glob("*/*.csv"):
        head = pd.read_csv(file, low_memory=False, nrows=0).columns
        for column in set(head) & {"title", "full_ref"}:
            titles += pd.read_csv(file, usecols=[column])[column].dropna().astype(str).tolist()
    return titles


def taken(text: str, taxonomy: Taxonomy) -> bool:
    tags = tag_text(text, taxonomy)
    return any(kind == "intervention" and value in SOUGHT for kind, value, _ in tags)


def test_the_coarse_pass_loses_no_title_that_the_tagger_takes(
    base: EvidenceBase, live_base: EvidenceBase
) -> None:
    coarse = coarse_of(live_base.taxonomy)
    titles = list(dict.fromkeys(_titles(live_base) + _titles(base)))
    wanted = [title for title in titles if taken(title, live_base.taxonomy)]
    assert len(wanted) > 100
    for ascii_only in (False, True):
        written = [json.dumps({"title": title}, ensure_ascii=ascii_only) for title in wanted]
        assert through(written, coarse) == written
    assert [title for title in wanted if not coarse.matches(title)] == []
    # And it is worth having: it passes few that the tagger does not take.
    assert sum(map(coarse.matches, titles)) < 1.5 * len(wanted)


def through(written: list[str], coarse: Coarse) -> list[str]:
    """The lines of JSON that pass when all are looked at in one block."""
    block = "".join(f"{line}\n" for line in written).encode("utf-8", "replace")
    (found,) = passed([block], coarse)
    return [written[number - 1] for number in found.lines]


FORMS = {"i": "ıíＩ𝐢", "e": "éＥ", "n": "ñＮ", "t": "ｔ", "p": "Ｐ", "s": "š", "r": "ř", "o": "ö"}
letters = st.sampled_from(["plain", "upper", "form"])


@given(st.data())
@settings(max_examples=50)
def test_the_coarse_pass_reads_letters_as_the_tagger_does(
    base: EvidenceBase, data: st.DataObject
) -> None:
    terms = [
        t for c in base.taxonomy.interventions if c.id in SOUGHT for t in c.terms + c.weak_terms
    ]
    term = data.draw(st.sampled_from(terms)).replace(" + ", " and ").split("|")[0].replace("*", "")
    word = ""
    for sign in term:
        how = data.draw(letters)
        form = data.draw(st.sampled_from(FORMS.get(sign, sign))) if how == "form" else sign
        word += form.upper() if how == "upper" else form
    left = data.draw(st.sampled_from(["", "(", "a ", "–", "\n"]))
    text = left + word + data.draw(st.sampled_from(["", ".", "’s", " x", "—"]))
    if taken(text, base.taxonomy):
        coarse = coarse_of(base.taxonomy)
        assert coarse.matches(text)
        entities = "".join(s if s.isascii() else f"&#{ord(s)};" for s in text)
        written = [
            json.dumps({"t": text}),
            json.dumps({"t": OTHER}),
            json.dumps({"t": text}, ensure_ascii=False),
            json.dumps({"t": "".join(f"{s}\u0301" for s in text)}),
            json.dumps({"t": entities}),
        ]
        assert through(written, coarse) == [written[at] for at in (0, 2, 3, 4)]


def test_lines_are_counted_whatever_they_hold(
    tmp_path: Path, base: EvidenceBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = '{"title": "Interpersonal psychotherapy",, "doi": 1}'
    far = work(9, "É" * 90 + f" {IPT}", "soil " * 60)
    written = [work(1, OTHER), "", '{"title": "cut off', far, "  ", broken, work(2, IPT), "[1]"]
    lines(tmp_path / "works.jsonl", *written)
    text = (tmp_path / "works.jsonl").read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    (tmp_path / "works.jsonl").write_bytes(text)
    for size in (7, 300, 1_000_000):  # blocks that cut lines, and one that holds all
        monkeypatch.setattr(corpus_lines, "_BLOCK", size)
        found = scan([str(tmp_path / "works.jsonl")], tmp_path / str(size), base.taxonomy)
        assert (found.records, found.failed, found.gathered.candidates) == (6, 3, 2)
        table = pd.read_parquet(tmp_path / str(size) / "candidates.parquet")
        assert list(table["source_line"]) == [4, 7]
    monkeypatch.setattr(corpus_lines, "LONGEST", 500)
    (tmp_path / "long.jsonl").write_text('{"a": "' + "x" * 2_000_000)
    found = scan([str(tmp_path / "long.jsonl")], tmp_path / "long", base.taxonomy)
    assert [one.reason for one in found.problems] == ["long.jsonl has a line of more than 0 MB"]


@pytest.fixture
def whole(corpus: Path, tmp_path: Path, base: EvidenceBase) -> Scan:
    return scan([str(corpus)], tmp_path / "whole", base.taxonomy, workers=1)


def test_a_scan_that_was_killed_goes_on_with_nothing_lost_and_nothing_twice(
    corpus: Path, tmp_path: Path, base: EvidenceBase, whole: Scan
) -> None:
    output = tmp_path / "stopped"

    class Killed(BaseException):
        pass

    def stop(progress: running.Progress) -> None:
        if progress.done == 3:
            raise Killed

    with pytest.raises(Killed):
        scan([str(corpus)], output, base.taxonomy, workers=1, say=stop)
    assert not (output / "candidates.parquet").exists()
    again = scan([str(corpus)], output, base.taxonomy, workers=1)
    assert again.resumed == 3
    assert again.gathered == whole.gathered
    # A part that is there without being named, as after a kill between the two, counts once.
    document = json.loads((output / MANIFEST).read_text())
    document["files"] = document["files"][:2]
    (output / MANIFEST).write_text(json.dumps(document))
    third = scan([str(corpus)], output, base.taxonomy, workers=1)
    assert (third.resumed, third.gathered) == (2, whole.gathered)
    (output / MANIFEST).write_text("{")
    with pytest.raises(ScaleError, match=r"manifest\.json is no manifest"):
        scan([str(corpus)], output, base.taxonomy)


def test_a_dask_cluster_finds_the_same(
    corpus: Path, tmp_path: Path, base: EvidenceBase, whole: Scan
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None,
        protocol="tcp", host="127.0.0.1",
    ) as cluster:  # fmt: skip
        address = cluster.scheduler_address
        found = scan([str(corpus)], tmp_path / "cluster", base.taxonomy, cluster=address)
    assert found.gathered == whole.gathered


def test_a_lost_worker_costs_its_files_and_no_record(
    corpus: Path, tmp_path: Path, base: EvidenceBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [str(corpus / "own.ris"), str(corpus / "0.json.gz")]
    whole = scan(files, tmp_path / "whole", base.taxonomy, workers=1)
    monkeypatch.setattr(running, "scan_file", partial(_killed_once, str(tmp_path / "once")))
    found = scan(files, tmp_path / "lost", base.taxonomy, workers=2)
    assert (tmp_path / "once").exists()
    assert (found.problems, found.gathered) == ((), whole.gathered)


def _killed_once(mark: str, file: Any, **options: Any) -> scanning.Scanned:
    """`scan_file` in a process that is killed at a file, once."""
    if file.place.endswith("own.ris") and not Path(mark).exists():
        Path(mark).touch()
        signal.raise_signal(signal.SIGKILL)
    return scanning.scan_file(file, **options)


def test_a_damaged_file_costs_itself_alone(
    corpus: Path, tmp_path: Path, base: EvidenceBase
) -> None:
    shutil.copytree(corpus, tmp_path / "corpus")
    part = tmp_path / "corpus" / "pubmed26n0001.xml.gz"
    part.write_bytes(part.read_bytes()[:-20])
    lines(tmp_path / "corpus" / "empty.jsonl")
    result = CliRunner().invoke(
        cli, ["scan", str(tmp_path / "corpus"), "--output", str(tmp_path / "out"), "--json",
              "--workers", "1"],
    )  # fmt: skip
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [Path(p["file"]).name for p in document["problems"]] == ["pubmed26n0001.xml.gz"]
    assert (document["records"], document["candidates"], document["files"]) == (13, 6, 7)
    shutil.copy(corpus / part.name, part)
    mended = scan([str(tmp_path / "corpus")], tmp_path / "out", base.taxonomy, workers=1)
    assert (mended.resumed, mended.gathered.candidates, mended.problems) == (6, 6, ())


def test_unique_leaves_one_record_of_each_publication(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = f"TY  - JOUR\nTI  - {IPT}\nDO  - 10.1/x\nPY  - 2001\nER  - \n"
        (tmp_path / f"{name}.ris").write_text(text)
    asked = ["scan", str(tmp_path), "--output", str(tmp_path / "out"), "--workers", "1"]
    result = CliRunner().invoke(cli, [*asked, "--unique", "--json"])
    boxes = json.loads(result.stdout)["prisma"]
    assert (boxes["identified"], boxes["duplicates"], boxes["to_screen"]) == (2, 1, 1)
    assert len(pd.read_parquet(tmp_path / "out" / "unique.parquet")) == 1


def test_duckdb_draws_nothing_and_keeps_to_its_memory(tmp_path: Path) -> None:
    with scanning.connection(tmp_path) as database:
        asked = "SELECT current_setting('enable_progress_bar'), current_setting('memory_limit')"
        assert database.execute(asked).fetchall() == [(False, "286.1 MiB")]


def test_sources_are_files_folders_and_addresses(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    assert len(find_files([str(corpus), str(corpus / "own.ris")])) == 6
    remote = find_files([f"file://{corpus}"])
    assert [Path(file.place).name for file in remote] == [
        "0.json.gz", "list.parquet", "own.ris", "pubmed26n0001.xml.gz", "pubmed26n0002.xml.gz",
        "part_000.gz",
    ]  # fmt: skip
    with pytest.raises(ScaleError, match="no such file or folder"):
        find_files([str(tmp_path / "none")])
    with pytest.raises(ScaleError, match="holds no file to scan"):
        find_files([str(tmp_path)])
    with pytest.raises(ScaleError, match="cannot be opened"):
        find_files(["nothing://x/y"])


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_files_at_an_address_are_fetched_when_their_turn_comes(
    corpus: Path, tmp_path: Path, base: EvidenceBase, whole: Scan
) -> None:
    pytest.importorskip("aiohttp")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(corpus)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        names = [Path(one.place).relative_to(corpus).as_posix() for one in whole.files]
        found = scan([f"{address}/{name}" for name in names], tmp_path / "http", base.taxonomy)
        assert (found.problems, found.gathered.candidates) == ((), whole.gathered.candidates)
        with pytest.raises(ScaleError, match=r"none\.jsonl cannot be listed"):
            find_files([f"{address}/none.jsonl"])
    finally:
        server.shutdown()
        server.server_close()
    table = pd.read_parquet(tmp_path / "http" / "candidates.parquet")
    assert set(table["source_file"]) < {f"{address}/{name}" for name in names}


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path, corpus: Path) -> None:
    program = (
        "import sys; sys.modules['duckdb'] = None; from ipt_evidence.cli import main; "
        f"main(['scan', {str(corpus)!r}, '--output', {str(tmp_path)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: duckdb is not installed")
    assert 'pip install "ipt-evidence[scale]"' in done.stderr
