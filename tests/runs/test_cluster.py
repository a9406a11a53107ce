"""On a Dask cluster of real processes: a scheduler and workers that listen on the loopback only."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import distributed
import pytest

from abm.runs.cluster import Cluster, ClusterError
from abm.runs.compile_ahead import warm_up
from abm.runs.identity import calculation
from abm.runs.job import Outcome
from abm.runs.store.lock import is_held
from tests.commands import environment
from tests.studies.studies import run, silent, small, tables, told, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # of Dask, about itself
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
REPLICATES = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of the same study, run on this machine."""
    warm_up()
    return tables(run(small(replicates=REPLICATES), tmp_path_factory.mktemp("whole")).folder)


def process(*arguments, **settings):
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *map(str, arguments[1:])],
        env=environment() | {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"} | settings,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tempfile.gettempdir(),
    )  # fmt: skip


def worker(address, folder, **settings):
    options = ("--nthreads", 1, "--no-dashboard", "--no-nanny", "--host", "127.0.0.1", "--local-directory", folder)
    return process("dask_worker", address, *options, **settings)


@contextmanager
def cluster(folder, workers=2, **settings):
    """Address, scheduler and workers."""
    scheduler = process("dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--no-show")
    address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
    others = [worker(address, folder, **settings) for _ in range(workers)]
    drains = [threading.Thread(target=part.stderr.read, daemon=True) for part in (scheduler, *others)]
    for drain in drains:
        drain.start()
    try:
        with distributed.Client(address, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=60)
        yield address, scheduler, others
    finally:
        for part, drain in zip((*others, scheduler), (*drains[1:], drains[0]), strict=True):
            part.kill()
            part.wait()
            drain.join()
            part.stderr.close()


def while_running(folder, count, action):
    """Do something once so many runs have landed."""
    landed = folder / "small/landed"

    def act():
        wait_until(lambda: len(list(landed.glob("*.zip"))) >= count)
        action()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_a_cluster_gives_the_same_bits_as_this_machine(tmp_path, whole):
    with cluster(tmp_path / "dask", 3) as (address, *_):
        result = run(small(replicates=REPLICATES), tmp_path, scheduler=address)
    assert result.done == result.total
    assert tables(result.folder) == whole


def test_a_worker_that_is_killed_takes_no_run_with_it(tmp_path, whole):
    with cluster(tmp_path / "dask", 3) as (address, _, workers):
        thread = while_running(tmp_path, 5, workers[0].kill)
        result = run(small(replicates=REPLICATES), tmp_path, scheduler=address)
        thread.join()
    assert tables(result.folder) == whole


def test_when_the_scheduler_is_killed_it_says_so_and_goes_on_later_or_here(tmp_path, whole):
    with cluster(tmp_path / "dask") as (address, scheduler, _):
        thread = while_running(tmp_path, 5, scheduler.kill)
        with pytest.raises(ClusterError, match=r"is gone.*\n.*are kept"):
            run(small(replicates=REPLICATES), tmp_path, scheduler=address)
        thread.join()
    assert not is_held(tmp_path / "small")
    kept = len(list((tmp_path / "small/landed").glob("*.zip")))
    assert kept >= 5
    show = silent()
    result = run(small(replicates=REPLICATES), tmp_path, show)
    assert f"{kept} of 72 runs are there already" in told(show)
    assert tables(result.folder) == whole


@dataclass(frozen=True)
class Odd:
    """Work of which one breaks whatever task it is in."""

    number: int
    path: Path
    calculation: str = field(default_factory=calculation)

    kind = "odd"

    @property
    def name(self):
        return f"odd {self.number}"

    def done(self, _=None):
        if self.number == BAD:
            raise ArithmeticError("odd")
        return Outcome("done", 0.001), b"%d" % self.number


BAD = 37


def test_work_that_fails_outside_of_a_run_takes_none_with_it_that_shared_its_task(tmp_path):
    with cluster(tmp_path / "dask") as (address, *_):
        used = Cluster(address, silent())
        found = {job.number: outcome for job, outcome in used.run(Odd(at, tmp_path / f"{at}.zip") for at in range(60))}
        used.close()
    assert found.pop(BAD).detail == "ArithmeticError: odd"
    assert len(found) == 59
    assert all((tmp_path / f"{at}.zip").read_bytes() == b"%d" % at for at in found)


OTHER = "import abm.runs.identity as identity; identity.CALCULATING = ('numba', 'scipy')"


def other_version(folder):
    """Settings of a process that computes with another version of something."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(OTHER)
    return {"PYTHONPATH": f"{folder}{os.pathsep}{environment()['PYTHONPATH']}"}


def test_workers_of_another_version_are_refused(tmp_path):
    settings = other_version(tmp_path / "other")
    with cluster(tmp_path / "dask", 1) as (address, *_):
        wrong = worker(address, tmp_path / "dask", **settings)
        try:
            with distributed.Client(address, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=60)
            with pytest.raises(ClusterError) as caught:
                run(small(replicates=1), tmp_path, scheduler=address)
        finally:
            wrong.kill()
            wrong.communicate()
    message = str(caught.value)
    assert message.count("tcp://") == 1  # the other one is fine
    assert re.search(r"numpy [\d.]+, here [\d.]+", message)
    assert "constraints.txt" in message
    assert not (tmp_path / "small").exists()  # nothing has run, so nothing is left


def test_a_worker_of_another_version_that_comes_later_is_refused_too(tmp_path):
    settings = other_version(tmp_path / "other")
    with cluster(tmp_path / "dask", 0) as (address, *_):
        late = []
        thread = threading.Timer(3.0, lambda: late.append(worker(address, tmp_path / "dask", **settings)))
        thread.start()
        with pytest.raises(ClusterError, match="this worker computes with"):
            run(small(replicates=1), tmp_path, scheduler=address)
        thread.join()
        late[0].kill()
        late[0].communicate()
    assert not (tmp_path / "small").exists()  # nothing has run, so nothing is left


def test_workers_without_embers_are_refused(tmp_path):
    (tmp_path / "without/abm").mkdir(parents=True)
    (tmp_path / "without/abm/__init__.py").write_text('raise ImportError("no Embers here")\n')
    with (
        cluster(tmp_path / "dask", 1, PYTHONPATH=str(tmp_path / "without")) as (address, *_),
        pytest.raises(ClusterError, match="cannot load Embers"),
    ):
        Cluster(address, silent())


@pytest.mark.slow
def test_where_no_scheduler_is_it_says_so():
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        Cluster("tcp://127.0.0.1:9", silent())


def test_dask_settings_that_make_workers_slow_are_told(tmp_path):
    with cluster(tmp_path / "dask", 1, MALLOC_TRIM_THRESHOLD_="65536") as (address, *_):
        show = silent()
        Cluster(address, show).close()
    assert "MALLOC_TRIM_THRESHOLD_" in told(show)


@pytest.fixture
def interruptible():
    """Let Ctrl-C be heard also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_the_cluster_to_others(tmp_path):
    with cluster(tmp_path / "dask") as (address, *_):
        thread = while_running(tmp_path, 4, lambda: os.kill(os.getpid(), signal.SIGINT))  # the last may not count yet
        result = run(small(replicates=REPLICATES), tmp_path, scheduler=address)
        thread.join()
        assert result.interrupted
        assert 3 <= result.done < result.total
        assert run(small(replicates=REPLICATES), tmp_path, scheduler=address).done == result.total
