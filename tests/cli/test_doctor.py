"""``doctor``: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.about import VERSION
from ipt_evidence.cli import main


def states(document: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for one in document["findings"]}


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)


@pytest.mark.usefixtures("without_programs")
def test_a_sound_installation(
    call: Any, base: EvidenceBase, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("IPT_EVIDENCE_CACHE", str(tmp_path / "new" / "cache"))
    document = call("doctor", "--json", "--port", "8999")
    found = {one["name"]: one for one in document["findings"]}
    assert document["sound"] is True
    assert found["ipt-evidence"]["found"].startswith(VERSION)
    assert base.version in found["evidence"]["found"]
    assert found["cache of replies"]["state"] == "ok"
    assert not (tmp_path / "new").exists()  # it changes nothing
    assert found["Chromium"]["state"] == found["R"]["state"] == "note"
    assert "apt install chromium" in found["Chromium"]["remedy"]
    text = call("doctor", "--port", "8999")
    assert "ok     ipt-evidence: " in text


@pytest.mark.usefixtures("without_programs")
def test_what_is_missing_is_named_with_its_remedy(
    capsys: pytest.CaptureFixture[str],
    data_copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (data_copy / "taxonomy.toml").write_text("[", encoding="utf-8")
    blocked = tmp_path / "a file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("IPT_EVIDENCE_CACHE", str(blocked))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            main(["--data", str(data_copy), "doctor", "--json", "--port", str(port)])
    assert stopped.value.code == 1
    document = json.loads(capsys.readouterr().out)
    found = {one["name"]: one for one in document["findings"]}
    assert document["sound"] is False
    assert found["evidence"]["state"] == "fault"
    assert "taxonomy.toml" in found["evidence"]["found"]
    assert "--data DIR" in found["evidence"]["remedy"]
    assert "IPT_EVIDENCE_CACHE" in found["cache of replies"]["remedy"]
    assert f"{port} is taken" in found["port"]["found"]


@pytest.mark.usefixtures("without_programs")
def test_services_are_asked_only_by_request(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(url: str, timeout: float) -> str:
        asked.append(url)
        return f"{url} does not answer (ConnectionError)"

    monkeypatch.setattr("ipt_evidence.services.connection.unreachable", refuse)
    call("doctor", "--json")
    assert asked == []
    document = call("doctor", "--json", "--network")
    assert len(asked) >= 5
    assert states(document)["Crossref"] == "note"
    assert document["sound"] is True  # reading needs no network
