"""Files that may not grow, as on a full disk, in real processes: a sentence, and with room made it goes on."""

import subprocess
import sys

import pytest

from abm.runs.compile_ahead import is_compiled, warm_up
from tests.cohort.patients import TINY
from tests.commands import environment
from tests.studies.studies import write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits as on POSIX")
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
"""
LIMITED_WHEN_DRAWN = """
import resource
from matplotlib.backends.backend_agg import FigureCanvasAgg
drawn = FigureCanvasAgg.draw
def draw(canvas):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    drawn(canvas)
FigureCanvasAgg.draw = draw
"""
PROGRAM = "{first}\nfrom abm.__main__ import main\nif __name__ == '__main__':\n    main()"


def embers(*arguments, cwd, first=""):
    """The command with something that is done in its process beforehand."""
    command = [sys.executable, "-c", PROGRAM.format(first=first), *map(str, arguments)]
    text = {"capture_output": True, "text": True, "encoding": "utf-8"}
    return subprocess.run(command, cwd=cwd, env=environment(), timeout=300, check=False, **text)


CASES = {
    "run": (
        ("run", "influenza", "--days", "1", "--size", "200um"),
        LIMITED.format(limit=60_000),
        "The figures could not be drawn",
    ),
    "design": (("sweep", "small.toml"), LIMITED.format(limit=20_000), "cannot write to the folder"),
    "sweep": (("sweep", "small.toml"), LIMITED_WHEN_DRAWN, "cannot write to the folder"),  # all runs are done by then
    "cohort": (("cohort", "tiny.toml", "--patients", "2"), LIMITED.format(limit=20_000), "cannot write to the folder"),
}


@pytest.mark.parametrize(
    "name", ["run", *(pytest.param(name, marks=pytest.mark.slow) for name in ("design", "sweep", "cohort"))]
)
def test_a_file_that_may_not_grow_ends_it_with_a_sentence_and_with_room_made_it_goes_on(tmp_path, name):
    arguments, limited, sentence = CASES[name]
    if not is_compiled():
        warm_up()  # else each process would compile, with no room to keep what it compiled
    write(tmp_path)
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    full = embers(*arguments, cwd=tmp_path, first=limited)
    assert full.returncode == 1, full.stdout + full.stderr
    assert sentence in full.stdout + full.stderr
    assert "File too large" in full.stdout + full.stderr
    assert "Traceback" not in full.stderr
    assert not list((tmp_path / "outputs").rglob(".*.part"))
    done = embers(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if name == "sweep":
        assert "12 of 12 runs are there already" in done.stderr
