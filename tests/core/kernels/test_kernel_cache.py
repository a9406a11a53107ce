import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import abm
from abm.core.compiled import Kernel
from abm.core.kernels.floors import is_of_floor
from abm.core.kernels.kernel_cache import FOLDERS_KEPT, PACKAGE

RULE_THEN_RESULT = """
from abm.rules.dormancy import Dormancy, occupancy
print(occupancy(1.5, 1.0, Dormancy(half_response=1.5)), sum(occupancy.dispatcher.stats.cache_hits.values()))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package to edit."""
    shutil.copytree(PACKAGE, tmp_path / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(home: Path, code: str, cache: Path | None = None, before: tuple[str, ...] = (), **more: str) -> list[str]:
    """Words that this code prints in a fresh Python with the copied package; `before`: what starts it."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    surroundings |= {"PYTHONPATH": str(home), "EMBERS_CACHE_DIR": str(cache or home / "cache")}
    (home / "temporary").mkdir(mode=0o777, exist_ok=True)
    surroundings |= {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(home / "temporary")} | more
    # A fresh Python looks in the folder it starts in first: it must never find, and edit, the package itself.
    guarded = f"import abm; assert abm.__file__.startswith({str(home)!r}), abm.__file__\n{code}"
    command = [*before, sys.executable, "-c", guarded]
    result = subprocess.run(command, cwd=home, env=surroundings, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def edit_hill(home: Path) -> None:
    """Change a rule that `occupancy`, in another file, calls."""
    path = home / "abm" / "rules" / "response.py"
    other = "@compiled\ndef hill(amount: float, half: float, power: float) -> float:\n    return 0.25\n"
    path.write_text(f"{path.read_text()}\n\n{other}")


def test_an_edit_or_another_name_of_any_file_that_is_compiled_makes_another_cache_folder(copied):
    code = """
from pathlib import Path
from abm.core.kernels import imported, kernel_cache
import abm
from abm.core.compiled import Kernel
from abm.core.kernels.floors import FLOORS, is_of_floor
from abm.core.kernels.kernel_cache import PACKAGE
seen = {kernel_cache.source_digest()}
files = [path for floor in FLOORS for path in sorted((PACKAGE / floor).rglob("*.py"))]
for path in files:
    path.write_text(path.read_text() + "# edited\\n")
    imported._sources.clear()
    kernel_cache.source_digest.cache_clear()
    seen.add(kernel_cache.source_digest())
for name in ("zz.py", "zzz.py"):
    files[-2] = files[-2].rename(files[-2].with_name(name))
    imported._sources.clear()
    kernel_cache.source_digest.cache_clear()
    seen.add(kernel_cache.source_digest())
print(len(files), len(seen))
"""
    files, digests = map(int, run(copied, code))
    assert files > 30
    assert digests == files + 3


def test_everything_that_is_compiled_stands_where_the_digest_looks():
    modules = [importlib.import_module(module.name) for module in pkgutil.walk_packages(abm.__path__, "abm.")
               if not module.name.endswith("__main__")]  # fmt: skip
    kernels = {thing for module in modules for thing in vars(module).values() if isinstance(thing, Kernel)}
    above = {kernel.__module__ for kernel in kernels if not is_of_floor(kernel.__module__)}
    assert len({kernel.__module__ for kernel in kernels} - above) > 20
    for kernel in kernels:
        read = [vars(sys.modules[kernel.__module__]).get(name) for name in kernel.__wrapped__.__code__.co_names]
        called = {thing.__module__ for thing in read if isinstance(thing, Kernel)}
        assert called & above <= {kernel.__module__}, kernel


def test_what_was_compiled_is_kept_on_disk(copied):
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "0"]
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "1"]


def test_an_edited_rule_in_another_file_changes_the_result_of_a_cached_kernel(copied):
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "0"]
    edit_hill(copied)
    assert run(copied, RULE_THEN_RESULT) == ["0.25", "0"]


def test_everything_compiled_goes_there_also_after_the_environment_of_numba_has_changed(copied):
    code = """
import os
from abm.rules.response import decay_rate
decay_rate(1.0)
os.environ["NUMBA_NUM_THREADS"] = "1"  # at its next compilation numba reads all its settings again
"""
    run(copied, code + RULE_THEN_RESULT)
    assert len(list((copied / "cache").rglob("*.kernel"))) >= 3
    assert not list((copied / "abm").rglob("*.nb?"))


@pytest.mark.slow
def test_where_the_cache_cannot_be_written_kernels_run_and_still_see_edits(copied):
    (copied / "file").write_text("no folder can be made in a file")
    cache = copied / "file" / "cache"
    assert run(copied, RULE_THEN_RESULT, cache)[0] == "0.5"
    edit_hill(copied)
    assert run(copied, RULE_THEN_RESULT, cache)[0] == "0.25"


@pytest.mark.slow
def test_the_cache_folders_that_were_not_used_for_longest_go(copied):
    kernels = copied / "cache" / "kernels"
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "0"]
    (own,) = kernels.iterdir()
    os.utime(own, (1_000, 1_000))  # compiled long ago, and used today
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "1"]
    for age in range(FOLDERS_KEPT + 3):
        old = kernels / f"old{age}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    edit_hill(copied)
    assert run(copied, RULE_THEN_RESULT) == ["0.25", "0"]
    left = {path.name for path in kernels.iterdir()}
    assert len(left) == FOLDERS_KEPT
    assert {own.name, *(f"old{age}" for age in range(FOLDERS_KEPT - 2))} < left


def test_what_was_imported_before_an_edit_is_not_kept_as_the_edited_source(copied):
    code = """
from pathlib import Path
import abm.rules.response
from abm.runs.identity import source_digest
path = Path(abm.rules.response.__file__)
plain = path.read_text()
rule = "@compiled\\ndef hill(amount: float, half: float, power: float) -> float:\\n    return 0.25\\n"
path.write_text(f"{plain}\\n\\n{rule}")
print(source_digest())
"""
    (poisoner, result, _) = run(copied, code + RULE_THEN_RESULT)
    assert result == "0.5"  # the rule that this process had imported
    digest = "from abm.runs.identity import source_digest; print(source_digest())"
    assert run(copied, digest) != [poisoner]
    assert run(copied, RULE_THEN_RESULT) == ["0.25", "0"]


def test_a_module_imported_after_the_digest_was_taken_is_of_the_source_that_was_digested(copied):
    code = """
from pathlib import Path
from abm.runs.identity import PACKAGE, source_digest
before = source_digest()
import sys
assert "abm.processes.secretion" not in sys.modules
path = PACKAGE / "processes" / "secretion.py"
path.write_text(path.read_text() + "\\nLATE = True\\n")
import abm.processes.secretion
print(hasattr(abm.processes.secretion, "LATE"), source_digest() == before)
"""
    assert run(copied, code) == ["False", "True"]
    assert run(copied, "import abm.processes.secretion; print(hasattr(abm.processes.secretion, 'LATE'))") == ["True"]


def test_a_number_changed_in_place_within_a_second_of_the_last_run_is_seen(copied):
    path = copied / "abm" / "core" / "lattice.py"
    path.write_text(path.read_text() + "\nLATE = 1\n")
    code = "from abm.core import lattice; print(lattice.LATE)"
    assert run(copied, code, PYTHONDONTWRITEBYTECODE="") == ["1"]
    stamp = path.stat().st_mtime_ns
    path.write_text(path.read_text().replace("LATE = 1", "LATE = 2"))
    os.utime(path, ns=(stamp, stamp))
    if not list((path.parent / "__pycache__").glob("lattice*")):
        pytest.skip("Python kept no compiled file")
    assert run(copied, code, PYTHONDONTWRITEBYTECODE="") == ["2"]


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "one byte", "a folder", "another kernel"])
def test_a_damaged_file_of_the_cache_is_replaced(copied, damage):
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "0"]
    (path,) = (copied / "cache").rglob("*occupancy-*.kernel")
    whole = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        (other,) = (copied / "cache").rglob("*hill*.kernel")
        path.write_bytes({
            "empty": b"", "cut": whole[: len(whole) // 2], "noise": os.urandom(len(whole)),
            "one byte": whole[:-1] + bytes([whole[-1] ^ 1]), "another kernel": other.read_bytes(),
        }[damage])  # fmt: skip
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "0"]
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "1"]
    assert not list((copied / "cache").rglob(".*"))


def test_processes_that_compile_at_once_give_each_other_nothing_wrong(copied):
    surroundings = os.environ | {"PYTHONPATH": str(copied), "EMBERS_CACHE_DIR": str(copied / "cache")}
    several = [
        subprocess.Popen([sys.executable, "-c", RULE_THEN_RESULT], cwd=copied, env=surroundings, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate()[0].split()[0] for process in several] == [b"0.5"] * 3
    assert run(copied, RULE_THEN_RESULT) == ["0.5", "1"]


OWNER = ("setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups")
STRANGER = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A copy of the package that every user can read, with folders that every user can write to."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)
        shutil.copytree(PACKAGE, home / "abm", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("cache", "temporary"):
            (home / name).mkdir()
            (home / name).chmod(0o777)
        surroundings = os.environ | {"PYTHONPATH": str(home)}
        probe = [*STRANGER, sys.executable, "-c", "import numba, abm"]
        if subprocess.run(probe, env=surroundings, cwd=home, capture_output=True, check=False).returncode:
            pytest.skip("another user cannot read this Python")
        yield home


@pytest.mark.slow
def test_another_user_uses_a_cache_that_can_be_read_only(shared):
    assert run(shared, RULE_THEN_RESULT, before=OWNER, HOME="/") == ["0.5", "0"]
    assert run(shared, RULE_THEN_RESULT, before=STRANGER, HOME="/") == ["0.5", "1"]
    edit_hill(shared)
    assert run(shared, RULE_THEN_RESULT, before=STRANGER, HOME="/") == ["0.25", "0"]
    assert run(shared, RULE_THEN_RESULT, before=STRANGER, HOME="/") == ["0.25", "1"]  # kept in the temporary folder


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/", "", "/nowhere"])
def test_without_a_home_compiled_code_is_kept_in_a_temporary_folder_of_the_users_own(shared, home):
    more = {"EMBERS_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": home}
    assert run(shared, RULE_THEN_RESULT, before=STRANGER, **more) == ["0.5", "0"]
    assert run(shared, RULE_THEN_RESULT, before=STRANGER, **more) == ["0.5", "1"]
    assert not (shared / "~").exists()


@pytest.mark.skipif(os.name == "nt", reason="no limit on files there")
def test_on_a_full_disk_kernels_run_and_one_line_says_so(copied):
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
{RULE_THEN_RESULT}
"""
    surroundings = os.environ | {"PYTHONPATH": str(copied), "EMBERS_CACHE_DIR": str(copied / "cache")}
    ended = subprocess.run([sys.executable, "-c", code], cwd=copied, env=surroundings, capture_output=True, text=True,
                           check=False)  # fmt: skip
    assert ended.stdout.split() == ["0.5", "0"]
    assert ended.stderr.count("\n") == 1
    assert "Compiled code cannot be kept" in ended.stderr
    assert "File too large" in ended.stderr
    assert "EMBERS_CACHE_DIR" in ended.stderr
    assert not [path for path in (copied / "cache").rglob("*") if path.is_file()]
