import os
import subprocess
import sys

from tests.commands import ROOT, environment


def python(*arguments, path=None, cwd=None):
    settings = environment() | ({"PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])} if path else {})
    return subprocess.run(
        [sys.executable, *arguments], env=settings, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_package_of_its_own_name_gives_what_abm_gives():
    ended = python(
        "-c", "import abm, embers_lung as el; assert all(getattr(el, n) == getattr(abm, n) for n in dir(el))"
    )
    assert ended.returncode == 0, ended.stderr


def test_the_package_of_its_own_name_is_the_command():
    assert python("-m", "embers_lung", "--version").stdout.startswith("embers ")


def test_a_foreign_package_of_the_name_abm_is_told_in_a_sentence(tmp_path):
    (tmp_path / "abm").mkdir()
    (tmp_path / "abm" / "__init__.py").write_text("import no_such_library\n")
    ended = python("-c", "import embers_lung", path=tmp_path, cwd=tmp_path)
    assert "is not that of Embers" in ended.stderr
    assert "no_such_library" not in ended.stderr


def test_what_a_reader_finds_in_the_package_is_its_public_names():
    ended = python("-c", "import abm; assert dir(abm) == sorted(abm.__all__); [getattr(abm, n) for n in dir(abm)]")
    assert ended.returncode == 0, ended.stderr


def test_a_name_that_is_not_public_is_refused():
    ended = python("-c", "import abm; abm.simulat")
    assert "module 'abm' has no attribute 'simulat'" in ended.stderr


def test_the_page_on_python_explains_every_public_name():
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    ended = python("-c", "import abm; print(*dir(abm))")
    assert [name for name in ended.stdout.split() if f"`abm.{name}" not in page] == []
