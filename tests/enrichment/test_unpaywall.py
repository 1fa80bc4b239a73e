"""Free full texts: read from the documented shape, kept, shown, and never without an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from service import Asked, Replay, Reply

from ipt_evidence import EvidenceBase
from ipt_evidence.cli import cli
from ipt_evidence.errors import ServiceError
from ipt_evidence.living.free_texts import find_free_texts, free_texts
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape
from ipt_evidence.services.settings import SERVICES, Settings
from ipt_evidence.services.unpaywall import FreeText, parse_reply


def paper(doi: str, url: str = "https://repository.example/1", **more: Any) -> dict[str, Any]:
    """A reply in the shape that Unpaywall documents."""
    best = {
        "url": url,
        "url_for_landing_page": url,
        "url_for_pdf": f"{url}.pdf",
        "version": "acceptedVersion",
        "license": "cc-by",
        "host_type": "repository",
    }
    return {"doi": doi, "is_oa": True, "best_oa_location": best, "oa_locations": [best]} | more


def test_the_best_copy_is_read() -> None:
    assert parse_reply(paper("10.1000/x")) == FreeText(
        "10.1000/x", "https://repository.example/1", "acceptedVersion", "cc-by"
    )
    assert parse_reply(paper("10.1000/x", is_oa=False, best_oa_location=None)) is None
    assert parse_reply(paper("10.1000/x", "javascript:alert(1)")) is None


@pytest.mark.parametrize("reply", [{}, {"doi": "10.1000/x"}, {"is_oa": True}])
def test_another_shape_is_named(reply: dict[str, Any]) -> None:
    with pytest.raises(ChangedShape, match="no doi or no is_oa"):
        parse_reply(reply)


@pytest.fixture
def named(open_client: Callable[..., Client], settings: Settings) -> Client:
    return open_client(replace(settings, contact="me@example.org"))


def test_free_copies_are_kept_beside_the_base(
    data_copy: Path, named: Client, replay: Replay
) -> None:
    base = EvidenceBase.load(data_copy)
    known = base.references.dropna(subset=["doi"])
    first = known.iloc[0]

    def answer(asked: Asked) -> Reply:
        assert asked.query == {"email": "me@example.org"}
        if asked.path.endswith(first["doi"]):
            return Reply.of(paper(first["doi"]))
        return Reply(b"", 404, "text/plain")

    replay.on("/unpaywall", answer)
    assert find_free_texts(base, named) == 1
    assert len(replay.asked) == len(known)
    assert free_texts(data_copy) == {first["key"]: "https://repository.example/1"}


def test_what_was_known_stays_when_nobody_answers(
    data_copy: Path, named: Client, replay: Replay
) -> None:
    replay.on("/unpaywall", Reply(b"", 503, "text/plain"))
    folder = data_copy / "living"
    folder.mkdir()
    kept = "key,doi,url,version,licence,checked\nsockol2018,10.1/x,https://a.example/,NA,NA,NA\n"
    (folder / "free_texts.csv").write_text(kept, "utf-8")
    assert find_free_texts(EvidenceBase.load(data_copy), named) == 1
    assert free_texts(data_copy) == {"sockol2018": "https://a.example/"}
    assert named.health["unpaywall"].silent
    assert "Try again later" in named.health["unpaywall"].left_alone
    assert len(replay.asked) < 20


def test_nothing_is_asked_without_a_contact(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    with pytest.raises(ServiceError, match="set IPT_EVIDENCE_CONTACT"):
        find_free_texts(EvidenceBase.load(data_copy), client)
    assert replay.asked == []


def test_the_command_says_how_many(
    data_copy: Path, replay: Replay, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay.on("/unpaywall", lambda asked: Reply.of(paper(asked.path.removeprefix("/unpaywall/"))))
    monkeypatch.setenv(SERVICES["unpaywall"].variable, settings.url("unpaywall"))
    monkeypatch.setenv("IPT_EVIDENCE_CACHE", str(settings.folder()))
    monkeypatch.setenv("IPT_EVIDENCE_CONTACT", "me@example.org")
    monkeypatch.setattr("ipt_evidence.services.connection.RateLimiter.wait", lambda self: None)
    done = CliRunner().invoke(cli, ["--data", str(data_copy), "enrich", "--free-texts"])
    assert done.exit_code == 0, done.output
    assert "references can be read free of charge" in done.stdout
    monkeypatch.delenv("IPT_EVIDENCE_CONTACT")
    refused = CliRunner().invoke(cli, ["--data", str(data_copy), "enrich", "--free-texts"])
    assert refused.exit_code == 1
    assert "set IPT_EVIDENCE_CONTACT" in str(refused.exception)
