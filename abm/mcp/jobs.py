"""Twins that a client has asked for: run by `embers compare` in a process of its own, within limits, one at a time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from abm.runs.identity import as_used, map_of
from abm.runs.pool import usable_cores
from abm.runs.progress import duration
from abm.runs.status import Status
from abm.scenario.cost import seconds_at_most
from abm.scenario.read import load_arms
from abm.scenario.scenario import Scenario
from abm.studies.compare import TwinStudy, is_comparison, plan, status

MOST_RUNS = 1000
LAST_WORDS = 2000  # characters of what a command wrote last
PATIENCE = 20.0  # s in which a command that is told to end keeps what is finished


class LimitError(ValueError):
    """A study that takes more than this server allows, or a second one at the same time."""


@dataclass(frozen=True)
class Limits:
    """What a client may start. minutes: of one study. workers: processes of it."""

    minutes: float = 10.0
    workers: int = field(default_factory=usable_cores)


@dataclass
class TwinJob:
    """A study that was started.

    Attributes:
        study: what is run.
        folder: of its results.
        process: the command that runs it.
        written: file of what the command writes.
        is_stopped: whether it was ended before it was complete.
        is_late: whether this was because it took longer than allowed.
    """

    study: TwinStudy
    folder: Path
    process: subprocess.Popen[bytes]
    written: Path
    is_stopped: bool = False
    is_late: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    @property
    def progress(self) -> Status:
        """How far it is."""
        if is_comparison(self.folder):
            return status(self.folder)
        return Status(len(self.study.arms) * len(self.study.seeds), 0, 0, 0, None)

    def end(self) -> None:
        """End it; finished runs are kept."""
        if self.is_running:
            self.is_stopped = True
            self.process.terminate()  # the command takes it like Ctrl-C
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        """What the command wrote last."""
        try:
            return self.written.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:].strip()
        except OSError:
            return ""


class TwinJobs:
    """The studies of a server.

    Args:
        outputs: folder in which those of the results are made. limits: what may be started.
    """

    def __init__(self, outputs: Path, limits: Limits) -> None:
        """Run nothing yet."""
        self.outputs, self.limits = outputs, limits
        self._inputs = tempfile.TemporaryDirectory(prefix="embers-mcp-")
        self._jobs: dict[str, TwinJob] = {}
        self._starting = threading.Lock()

    def start(self, scenarios: Sequence[Scenario], seeds: Sequence[int]) -> TwinJob:
        """Start a study, or continue one that was interrupted; one that runs already is only found.

        Raises:
            LimitError: it takes too long, or another one is running.
        """
        with self._starting:
            self._check(scenarios, len(seeds))
            files = self._written(scenarios)
            study = plan(load_arms([str(file) for file in files]), seeds)
            found = self._jobs.get(study.name)
            if found is not None and found.is_running:
                return found
            if others := [name for name, job in self._jobs.items() if job.is_running]:
                raise LimitError(f"{others[0]} is running: wait for it (run_status) or end it (stop_run) first")
            self._jobs[study.name] = job = self._begun(study, files)
            return job

    def job(self, name: str) -> TwinJob | None:
        """The job of a study that this server has started."""
        return self._jobs.get(name)

    def close(self) -> None:
        """End what is running."""
        for job in self._jobs.values():
            if job.is_running:
                job.process.terminate()  # all at once: a client may not wait for the end of this process
        for job in self._jobs.values():
            job.end()
        self._inputs.cleanup()

    def _check(self, scenarios: Sequence[Scenario], replicates: int) -> None:
        runs = replicates * len(scenarios)
        if runs > MOST_RUNS:
            raise LimitError(f"{runs} runs: are too many for one study; allowed: 1 to {MOST_RUNS}")
        seconds = sum(map(seconds_at_most, scenarios)) * replicates / min(self.limits.workers, runs)
        if seconds > 60.0 * self.limits.minutes:
            raise LimitError(
                f"{runs} runs may take up to {duration(seconds)}; this server allows {self.limits.minutes:g} min. Ask "
                "for fewer days, replicates or arms, or a smaller size. Only the person who started the server can "
                "allow more: embers mcp --most-minutes"
            )

    def _written(self, scenarios: Sequence[Scenario]) -> list[Path]:
        """Files of the scenarios, for the command."""
        folder = Path(tempfile.mkdtemp(dir=self._inputs.name))
        for scenario in scenarios:
            (folder / f"{scenario.name}.toml").write_text(as_used(scenario), encoding="utf-8")
            if content := map_of(scenario):
                (folder / f"{scenario.name}.png").write_bytes(content)
        return [folder / f"{scenario.name}.toml" for scenario in scenarios]

    def _begun(self, study: TwinStudy, files: Sequence[Path]) -> TwinJob:
        runs = len(study.arms) * len(study.seeds)
        options = {"replicates": len(study.seeds), "seed": study.seeds[0], "out": self.outputs.absolute()}
        options["workers"] = min(self.limits.workers, runs)
        command = [sys.executable, "-m", "abm", "compare", *map(str, files), "--no-figures"]
        command += [text for name, value in options.items() for text in (f"--{name}", str(value))]
        written = files[0].parent / "said.txt"
        with written.open("wb") as said:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        job = TwinJob(study, self.outputs / study.name, process, written)
        timer = threading.Timer(60.0 * self.limits.minutes, self._end_late, [job])
        timer.daemon = True
        timer.start()
        threading.Thread(target=_cancelled_with, args=(process, timer), daemon=True).start()
        return job

    def _end_late(self, job: TwinJob) -> None:
        if job.is_running:
            job.is_late = True
            job.end()


def _cancelled_with(process: subprocess.Popen[bytes], timer: threading.Timer) -> None:
    process.wait()
    timer.cancel()
