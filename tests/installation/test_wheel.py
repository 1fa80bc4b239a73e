"""What a stranger installs: the wheel that the source distribution builds, outside the checkout."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from urllib3 import PoolManager
from urllib3.util import Retry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the installed package; its dependencies are those of the tests."""
    made = tmp_path_factory.mktemp("made")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(made)]
    subprocess.run([*build, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    source = next(made.glob("*.tar.gz"))
    with tarfile.open(source) as archive:
        archive.extractall(made, filter="data")
    unpacked = made / source.name.removesuffix(".tar.gz")
    subprocess.run([*build, "-t", "wheel"], cwd=unpacked, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
            "--target", str(folder), str(next(made.glob("*.whl"))),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a program in an empty folder, with the installed package; what it prints."""

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path, env=_environment(installed), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    return call


def _environment(installed: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "IPT_EVIDENCE_DATA"}
    return {**kept, "PYTHONPATH": str(installed)}


def test_the_installed_command_pools_the_bundled_evidence(
    run: Callable[..., str], installed: Path
) -> None:
    program = str(installed / "bin" / "ipt-evidence")
    answer = json.loads(run(program, "pool", "--condition", "depression", "--json"))
    assert answer["k"] >= 2
    assert answer["estimate"] > 0
    assert run(program, "--version").startswith("ipt-evidence, version ")


def test_the_installed_package_loads_its_own_base_and_is_typed(
    run: Callable[..., str], installed: Path
) -> None:
    program = (
        "from ipt_evidence import EvidenceBase, paths; base = EvidenceBase.load(); "
        "print(paths.default_data_folder()); print(len(base.studies), len(base.problems))"
    )
    folder, counts = run("-c", program).splitlines()
    assert Path(folder) == installed / "ipt_evidence" / "data"
    studies, problems = map(int, counts.split())
    assert studies > 0
    assert problems == 0
    assert (installed / "ipt_evidence" / "py.typed").exists()


def test_everything_of_the_data_is_in_the_wheel(installed: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "data"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    bundled = installed / "ipt_evidence"
    assert tracked
    for name in tracked:
        assert (bundled / name).read_bytes() == (ROOT / name).read_bytes(), name


@pytest.fixture
def app(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the app that the installed command serves from an empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "ipt_evidence", "run", "--headless", "--port", str(port)],
        cwd=tmp_path, env=_environment(installed),
    ) as process:  # fmt: skip
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_the_installed_app_serves_pages_interface_and_typefaces(app: str) -> None:
    """Typefaces are served only where .streamlit/config.toml, which holds the theme, was found."""
    patient = Retry(total=None, connect=300, read=0, backoff_factor=0.1, backoff_max=0.3)
    with PoolManager(retries=patient, timeout=60) as pool:
        assert pool.request("GET", f"{app}/_stcore/health").status == 200
        page = pool.request("GET", f"{app}/condition")
        assert "<title>" in page.data.decode()
        font = pool.request(
            "GET", f"{app}/app/static/fonts/newsreader-latin-opsz-normal.woff2", redirect=False
        )
        assert font.data[:4] == b"wOF2"
        summary = pool.request("GET", f"{app}/api/v1").json()
    assert summary["addresses"]
