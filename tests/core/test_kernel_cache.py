import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from abm.core.kernel_cache import COMPILED_FLOORS, FOLDERS_KEPT, PACKAGE

RULE_THEN_RESULT = """
from abm.rules.dormancy import Dormancy, occupancy
print(occupancy(1.5, 1.0, Dormancy(half_response=1.5)), sum(occupancy.dispatcher.stats.cache_hits.values()))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package to edit."""
    shutil.copytree(PACKAGE, tmp_path / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(home: Path, code: str, cache: Path | None = None) -> list[str]:
    """Words that this code prints in a fresh Python with the copied package."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    surroundings |= {"PYTHONPATH": str(home), "EMBERS_CACHE_DIR": str(cache or home / "cache")}
    surroundings |= {"PYTHONDONTWRITEBYTECODE": "1"}
    # A fresh Python looks in the folder it starts in first: it must never find, and edit, the package itself.
    guarded = f"import abm; assert abm.__file__.startswith({str(home)!r}), abm.__file__\n{code}"
    command = [sys.executable, "-c", guarded]
    result = subprocess.run(command, cwd=home, env=surroundings, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def edit_hill(home: Path) -> None:
    """Change a rule that `occupancy`, in another file, calls."""
    path = home / "abm" / "rules" / "response.py"
    other = "@compiled\ndef hill(amount: float, half: float, power: float) -> float:\n    return 0.25\n"
    path.write_text(f"{path.read_text()}\n\n{other}")


def test_an_edit_of_any_file_that_is_compiled_makes_another_cache_folder(copied):
    code = """
from pathlib import Path
from abm.core import kernel_cache
from abm.core.kernel_cache import COMPILED_FLOORS, PACKAGE
seen = {kernel_cache.source_digest()}
files = [path for floor in COMPILED_FLOORS for path in sorted((PACKAGE / floor).glob("*.py"))]
files.append(PACKAGE / "schedule.py")
for path in files:
    path.write_text(path.read_text() + "# edited\\n")
    seen.add(kernel_cache.source_digest())
print(len(files), len(seen))
"""
    files, digests = map(int, run(copied, code))
    assert files > 30
    assert digests == files + 1


def test_everything_that_is_compiled_stands_where_the_digest_looks():
    users = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if "\n@compiled" in path.read_text()]
    above = [path for path in users if path.parts[0] not in COMPILED_FLOORS and path != Path("schedule.py")]
    assert len(users) - len(above) > 20
    for path in users:
        assert len(path.parts) <= 2, path
    for path in above:
        module = f"abm.{path.parts[0]}.{path.stem}"
        callers = [other for other in users if f"from {module} import" in (PACKAGE / other).read_text()]
        assert not callers, (path, callers)


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
    assert len(list((copied / "cache").rglob("*.nbi"))) >= 3
    assert not list((copied / "abm").rglob("*.nbi"))


def test_where_the_cache_cannot_be_written_kernels_run_and_still_see_edits(copied):
    (copied / "file").write_text("no folder can be made in a file")
    cache = copied / "file" / "cache"
    assert run(copied, RULE_THEN_RESULT, cache)[0] == "0.5"
    edit_hill(copied)
    assert run(copied, RULE_THEN_RESULT, cache)[0] == "0.25"


def test_only_the_newest_cache_folders_are_kept(copied):
    kernels = copied / "cache" / "kernels"
    for age in range(FOLDERS_KEPT + 3):
        old = kernels / f"old{age}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    run(copied, "from abm.core.lattice import area_of; area_of(3)")
    left = {path.name for path in kernels.iterdir()}
    assert len(left) == FOLDERS_KEPT
    assert {f"old{age}" for age in range(FOLDERS_KEPT - 1)} < left
