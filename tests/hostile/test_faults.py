"""Killed, on a full disk, beside another writer, under a strange locale: old or new, never half."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipt_evidence.cli import main
from ipt_evidence.errors import DataError
from ipt_evidence.evidence import files
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import new_folder, replaced, write_atomically, writing
from ipt_evidence.evidence.package import name_of
from ipt_evidence.living import changes, corrections
from ipt_evidence.living.snapshots import take
from ipt_evidence.services.completion import Difference

ROOT = Path(__file__).parents[2]
METAPSY = ROOT / "tests" / "evidence" / "fixtures" / "metapsy" / "comma-depression"
CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir")
MOST = 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which Windows lacks")


def killed_at(number: int, folder: Path, work: Callable[[], object]) -> bool:
    """Run ``work`` in a process that is killed before its change ``number`` inside ``folder``.

    True when it was; False when the work ended before.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            writes = event == "open" and any(
                isinstance(mode, str) and set(mode) & set("wax+") for mode in arguments[1:2]
            )
            inside = str(arguments[0]).startswith(str(folder)) if arguments else False
            if inside and (writes or event in CHANGES):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            work()
        except SystemExit:
            pass
        except BaseException:  # noqa: BLE001 - the parent sees the code
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def visible(folder: Path) -> dict[str, bytes]:
    """What stands in ``folder``, without what a killed writer left under a name of its own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".new")
    }


def kills(folder: Path, work: Callable[[], object]) -> Iterator[int]:
    """The numbers of the changes before which ``work`` was killed, one after the other."""
    for number in range(1, MOST):
        if not killed_at(number, folder, work):
            assert number > 1, "nothing was written"
            return
        yield number
    raise AssertionError(f"more than {MOST} changes")


def described(folder: Path) -> str:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["version"]


@pytest.fixture
def changed_base(data_copy: Path) -> Path:
    """A base that differs from its last release."""
    effects = data_copy / "effects.csv"
    text = effects.read_text(encoding="utf-8")
    effects.write_text(text.replace(",clinician,", ",self_report,", 1), encoding="utf-8")
    return data_copy


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_release_that_is_killed_is_no_release(
    changed_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = EvidenceBase.load(changed_base)
    before = base.version
    name = f"{before.partition('+')[0]}9"
    snapshot = take(base, name=name, date="2026-11-30")
    monkeypatch.setattr(changes, "take", lambda *_, **__: snapshot)
    entry = f"## {name} (2026-11-30)\n\nA test"
    for _ in kills(changed_base, lambda: changes.publish(base, name, "2026-11-30", entry)):
        # Before the last step there is only what nobody reads yet: a version is its snapshot.
        version = name_of(changed_base, base.fingerprint)
        assert version == before or (version, described(changed_base)) == (name, name)
    after = EvidenceBase.load(changed_base)
    assert after.version == name
    text = (changed_base / "CHANGES.md").read_text(encoding="utf-8")
    assert text.count(f"## {after.version} (") == 1
    assert described(changed_base) == name


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_what_is_killed_leaves_the_old_or_the_new(
    data_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`enrich --accept` and `export`, each killed before every change that it makes."""
    found = corrections.Correction.of(
        Difference("weissman1979", "pages", "different", "1-2", "555-558", "crossref", "2026-11-30")
    )
    corrections.save(data_copy, [found], set())
    accept = ["--data", str(data_copy), "enrich", "--accept", found.correction_id]
    output = tmp_path / "exported" / "out.zip"
    output.parent.mkdir()
    output.write_bytes(b"the old one")
    export = ["--data", str(data_copy), "export", "--condition", "anxiety", "--output", str(output)]
    for _ in kills(data_copy, lambda: main(accept)):
        assert [one.decision for one in corrections.load(data_copy)] in (["open"], ["accepted"])
    assert corrections.load(data_copy)[0].decision == "accepted"
    monkeypatch.setattr("ipt_evidence.exchange.bundle.bundle", lambda *_: b"PK the new one")
    for _ in kills(output.parent, lambda: main(export)):
        content = output.read_bytes()
        assert content == b"the old one" or content.startswith(b"PK")
    assert output.read_bytes().startswith(b"PK")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_new_base_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def make() -> None:
        with new_folder(tmp_path / "base") as place:
            for name in "abc":
                write_atomically(place / name, name)

    for _ in kills(tmp_path, make):
        assert not (tmp_path / "base").exists()
    assert visible(tmp_path / "base") == {"a": b"a", "b": b"b", "c": b"c"}


def test_an_import_that_fails_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ipt_evidence.evidence.starting.rederive", full)
    out = tmp_path / "new"
    with pytest.raises(SystemExit):
        main(["import-metapsy", str(METAPSY), "--out", str(out)])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "effects.csv"
    path.write_text("old", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signals = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"effects\.csv cannot be written: File too"):
            write_atomically(path, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, signals)
    assert visible(tmp_path) == {"effects.csv": b"old"}
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with writing(tmp_path):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    with pytest.raises(DataError, match=r"Another program is writing into.*wait until"):
        with writing(tmp_path):
            pytest.fail("both write")
    leave.set()
    thread.join()
    with writing(tmp_path):
        assert list(tmp_path.iterdir()) == []  # the lock is no file


def test_two_writers_of_one_file_leave_one_of_both(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with replaced(path) as one:
        one.write_text("one", encoding="utf-8")
        started = threading.Thread(target=write_atomically, args=(path, "two"))
        started.start()
        started.join()
        assert path.read_text(encoding="utf-8") == "two"
    assert visible(tmp_path) == {"a.csv": b"one"}


def run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ipt_evidence", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, encoding="utf-8", **settings,  # type: ignore[call-overload]
    )  # fmt: skip


def surroundings(**changed: str) -> dict[str, str]:
    kept = ("PATH", "PYTHONPATH", "IPT_EVIDENCE_DATA", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | changed


STRANGE = {
    "C": surroundings(LC_ALL="C", TZ="Pacific/Kiritimati", HOME="/nonexistent"),
    "tr_TR": surroundings(LC_ALL="tr_TR.UTF-8", LANG="tr_TR.UTF-8", TZ="America/Anchorage"),
}


def test_locale_time_zone_and_a_missing_home_change_nothing() -> None:
    asked = ("pool", "--condition", "depression", "--json")
    usual = run(*asked, env=surroundings(HOME=os.environ.get("HOME", "/")))
    assert usual.returncode == 0
    for name, env in STRANGE.items():
        found = run(*asked, env=env)
        assert (found.stdout, found.returncode) == (usual.stdout, 0), name


def without_privileges() -> None:
    """Of root, take the right to pass over permissions, from here on and in what is started."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; refused to who is not root


@pytest.fixture
def locked(data_copy: Path) -> Iterator[Path]:
    """A base that nobody may write."""
    for path in (*data_copy.rglob("*"), data_copy):
        path.chmod(path.stat().st_mode & ~0o222)
    yield data_copy
    for path in (data_copy, *data_copy.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def test_unprivileged_on_a_tree_that_cannot_be_written(locked: Path, tmp_path: Path) -> None:
    env = surroundings(HOME="/nonexistent", IPT_EVIDENCE_CACHE=str(locked / "cache"))
    data = ("--data", str(locked))

    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(*data, *arguments, env=env, preexec_fn=without_privileges)

    found = ask("pool", "--condition", "anxiety", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    for command in (("derive",), ("enrich", "--service", "crossref")):
        refused = ask(*command)
        assert refused.returncode == 1, command
        assert refused.stderr.startswith("Error: ")
        assert "cannot be written" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert os.access(tmp_path, os.W_OK)
    unwritable = run(
        "export", "--condition", "anxiety", "--output", str(locked / "a.zip"),
        env=env, preexec_fn=without_privileges,
    )  # fmt: skip
    assert "a.zip cannot be written" in unwritable.stderr


def test_a_file_that_cannot_be_read_is_said(data_copy: Path) -> None:
    (data_copy / "effects.csv").unlink()
    (data_copy / "effects.csv").mkdir()
    with pytest.raises(DataError, match=r"effects\.csv cannot be read"):
        EvidenceBase.load(data_copy)


@pytest.mark.parametrize("name", ["studies.csv", "taxonomy.toml", "sources.toml", "claims.toml"])
def test_truncated_data_are_said_or_left_out(data_copy: Path, name: str) -> None:
    path = data_copy / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    try:
        base = EvidenceBase.load(data_copy)
    except DataError as error:
        assert name in str(error)
    else:
        assert any(name in str(problem) for problem in base.problems)
