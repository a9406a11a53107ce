import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from abm.runs.pool import ONE_THREAD, TRIES, WorkerDiedError, run_all, usable_cores
from tests.commands import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")


def square(number):
    return number * number


def fail_on_three(number):
    if number == 3:
        raise ValueError("three")
    return number


def threads(_):
    return [os.environ[name] for name in ONE_THREAD]


def die_once(job):
    number, folder = job
    mark = folder / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    return number


def die_always_on_two(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_long(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def test_every_job_comes_back_with_what_it_gave():
    assert dict(run_all(square, range(7), 2)) == {number: number**2 for number in range(7)}


def test_a_job_that_raises_comes_back_with_its_error_and_the_others_go_on():
    results = dict(run_all(fail_on_three, range(6), 2))
    assert isinstance(results.pop(3), ValueError)
    assert results == {number: number for number in range(6) if number != 3}


def test_after_the_death_of_a_worker_every_job_is_still_done(tmp_path):
    jobs = [(number, tmp_path) for number in range(8)]
    results = {job[0]: result for job, result in run_all(die_once, jobs, 2)}
    assert results == {number: number for number in range(8)}


def test_a_job_that_always_kills_its_worker_is_given_up_and_no_other_with_it():
    results = dict(run_all(die_always_on_two, range(6), 2))
    error = results.pop(2)
    assert isinstance(error, WorkerDiedError)
    assert str(TRIES) in str(error)
    assert results == {number: number for number in range(6) if number != 2}


def test_workers_use_one_thread_each_and_the_parent_is_left_as_it_was():
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    assert dict(run_all(threads, [0], 1))[0] == ["1"] * len(ONE_THREAD)
    assert {name: os.environ.get(name) for name in ONE_THREAD} == before


def is_imported(module):
    return module in sys.modules


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports by itself")
def test_modules_are_there_before_the_work_asks_for_them():
    program = (
        "from abm.runs.pool import run_all\nfrom tests.runs.test_pool import is_imported\n"
        "print(sorted(run_all(is_imported, ['colorsys', 'wave'], 2, ['colorsys', 'no_such_module'])))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[('colorsys', True), ('wave', False)]"


def test_closing_ends_the_workers_at_once(tmp_path):
    with closing(run_all(wait_or_return, [tmp_path, None], 2)) as outcomes:
        assert next(outcomes) == (None, 1)
        while not list(tmp_path.iterdir()):
            time.sleep(0.02)
    (worker,) = (int(path.name) for path in tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def wait_or_return(folder):
    return wait_long(folder) if folder else 1


def test_usable_cores_is_at_least_one():
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


UNGUARDED = """\
import sys
from abm.runs.pool import run_all
print(sorted(run_all(abs, range(4), 2)))
"""


def test_a_script_without_a_main_guard_is_told(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith('put what starts them under `if __name__ == "__main__":`')
    assert list(tmp_path.iterdir()) == [script]
    guarded = UNGUARDED.replace("print", 'if __name__ == "__main__":\n    print')
    script.write_text(guarded)
    ended = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.strip() == "[(0, 0), (1, 1), (2, 2), (3, 3)]"
