"""Files from addresses, against a real server on this machine."""

from __future__ import annotations

import gzip
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ipt_evidence.cli import cli
from ipt_evidence.services import downloads, faults
from ipt_evidence.services.connection import Clock
from ipt_evidence.services.downloads import HOSTS_VARIABLE, allowed_hosts, download

HERE = ("127.0.0.1",)
DATABASE = Path(__file__).parents[1] / "evidence" / "fixtures" / "metapsy" / "semicolon-depression"


def archive() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for path in DATABASE.rglob("*"):
            file.write(path, f"top/{path.relative_to(DATABASE)}")
    return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        getattr(self, self.path.strip("/").split("/")[0].replace(".", "_"), self.missing)()

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def missing(self) -> None:
        self.answer(404)

    def file(self) -> None:
        self.answer(200, archive(), Content_Type="application/zip")

    def page(self) -> None:
        self.answer(200, b"<html>Sign in</html>", Content_Type="text/html; charset=utf-8")

    def moved(self) -> None:
        self.answer(302, Location="/file")

    def foreign(self) -> None:
        self.answer(302, Location="http://localhost:1/file")

    def scheme(self) -> None:
        self.answer(302, Location="file:///etc/hostname")

    def circle(self) -> None:
        self.answer(302, Location="/circle")

    def refused(self) -> None:
        self.answer(403)

    def large(self) -> None:
        self.answer(200, bytes(3_000_000), Content_Type="application/zip")

    def bomb(self) -> None:
        body = gzip.compress(bytes(3_000_000))
        self.answer(200, body, Content_Type="application/zip", Content_Encoding="gzip")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def fetch(url: str, target: Path, max_bytes: int = 1_000_000) -> Path:
    clock = Clock(sleep=lambda _: None)
    return download(url, target, hosts=HERE, schemes=("http",), max_bytes=max_bytes, clock=clock)


@pytest.mark.parametrize("path", ["file", "moved"])
def test_a_file_arrives_whole_also_after_a_redirect(server: str, tmp_path: Path, path: str) -> None:
    assert fetch(f"{server}/{path}", tmp_path / "x.zip").read_bytes() == archive()


@pytest.mark.parametrize(
    ("path", "fault", "words"),
    [
        ("nothing", faults.NotFound, "404"),
        ("page", faults.WrongContent, "is a page, not a file"),
        ("foreign", faults.ForeignRedirect, "localhost is not one of the hosts"),
        ("scheme", faults.Refused, "only http addresses"),
        ("circle", faults.Refused, "circles"),
        ("refused", faults.Refused, "403"),
        ("large", faults.TooLarge, "MB"),
        ("bomb", faults.TooLarge, "MB"),
    ],
)
def test_whatever_else_is_refused_and_nothing_is_written(
    server: str, tmp_path: Path, path: str, fault: type[Exception], words: str
) -> None:
    with pytest.raises(fault, match=words):
        fetch(f"{server}/{path}", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize(
    "url",
    ["https://example.org/x.zip", "https://user@github.com/x.zip", "https://github.com.evil.org/x",
     "http://github.com/x.zip", "file:///etc/hostname", "https:///x.zip"],
)  # fmt: skip
def test_only_known_hosts_are_asked_and_only_over_https(tmp_path: Path, url: str) -> None:
    with pytest.raises((faults.ForeignRedirect, faults.Refused)):
        download(url, tmp_path / "x.zip")


def test_a_mirror_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mirror.example.org" not in allowed_hosts()
    monkeypatch.setenv(HOSTS_VARIABLE, " Mirror.example.org, ")
    assert allowed_hosts()[-1] == "mirror.example.org"


def test_a_database_is_imported_from_its_address(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(url: str, target: Path) -> Path:
        return fetch(url, target)

    monkeypatch.setattr(downloads, "download", here)
    out = tmp_path / "out"
    address = f"{server}/file/data-invented/archive/main.zip"
    result = CliRunner().invoke(cli, ["import-metapsy", address, "--out", str(out)])
    assert result.exit_code == 0, result.output + str(result.exception)
    assert "10 studies, 11 effects" in result.output
    assert (out / "effects.csv").is_file()
