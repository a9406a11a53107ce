"""Run a capsule, or a folder of results, again and compare the digests of the final states."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from abm.capsule.contents import CapsuleError, facts_of
from abm.model.results_version import RESULTS
from abm.runs.identity import source_digest
from abm.runs.progress import Show
from abm.runs.provenance import versions
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.scenario.read import load_scenario
from abm.studies.compare import perform, plan

KEY = ["arm", "seed"]


@dataclass(frozen=True)
class Rerun:
    """How running again went.

    Attributes:
        runs: one row per run: arm, seed, digest, again (the digest now; missing where the run failed or was left).
        differences: what the runs are computed with now that was another before, in sentences.
        folder: of the new results.
    """

    runs: pd.DataFrame
    differences: list[str]
    folder: Path

    @property
    def same(self) -> int:
        """How many runs ended in the same state, bit for bit."""
        return int((self.runs["digest"] == self.runs["again"]).sum())

    def in_words(self) -> str:
        """The outcome as text."""
        lines = [f"{self.same} of {len(self.runs)} runs ended in the same state, bit for bit."]
        for row in self.runs[self.runs["digest"] != self.runs["again"]].itertuples():
            ended = f"{row.again[:16]} now" if isinstance(row.again, str) else "not finished now"
            lines.append(f"- {row.arm}, seed {row.seed}: {row.digest[:16]} then, {ended}")
        if self.same < len(self.runs):
            lines += self.differences or ["Source and versions are the same, so the machine or the capsule differs."]
        return "\n".join(lines)


def rerun(source: Path, replicates: int | None, out: Path, workers: int, show: Show) -> Rerun:
    """Run what a capsule or a folder of results holds again.

    Args:
        source: capsule (zip), or folder.
        replicates: how many of its seeds; None: all.
        out: folder in which the new folder of results stands.
        workers: processes.
        show: reporter of progress.

    Raises:
        CapsuleError: it is no capsule or result, or cannot be run from what it holds.
        ScenarioError: this version does not accept its scenarios.
        StorageError: no room, no right to write.
    """
    with _opened(source) as folder:
        told = facts_of(folder)
        _check(told)
        seeds = told["seeds"][:replicates]
        arms = tuple(load_scenario(str(folder / "scenarios" / f"{name}.toml")) for name in told["arms"])
        before = _digests(folder)
        study = plan(arms, seeds)
        result = perform(study, out, workers, show, figures=False)
    again = _digests(result.folder).rename(columns={"digest": "again"})
    runs = before[before["seed"].isin(seeds)].merge(again, how="left", on=KEY)
    return Rerun(runs, _differences(told), result.folder)


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The folder of a capsule, unpacked where it is a zip.

    Raises:
        CapsuleError: it is neither.
    """
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory() as scratch:
        try:
            with zipfile.ZipFile(source) as file:
                file.extractall(scratch)
        except OSError as error:
            raise CapsuleError(f'"{source}" cannot be read: {error.strerror or error}') from error
        except ZIP_DAMAGE as error:
            raise CapsuleError(f'"{source}" is no capsule, or damaged: {error}') from error
        yield Path(scratch)


def _check(told: dict[str, Any]) -> None:
    """Refuse what a capsule does not hold all of."""
    if told.get("own_laws"):
        laws = ", ".join(sorted({law for arm in told["own_laws"].values() for law in arm}))
        raise CapsuleError(f"its arms have functions in the place of laws ({laws}), which a capsule cannot run")
    if told.get("begin"):
        raise CapsuleError(f"its runs went on from a saved state ({told['begin']}), which is not in it")
    if told.get("replaced_in_memory"):
        raise CapsuleError(f"parts of the model were replaced in memory: {', '.join(told['replaced_in_memory'])}")


def _digests(folder: Path) -> pd.DataFrame:
    try:
        runs = pd.read_parquet(folder / "runs.parquet", columns=[*KEY, "digest"])
    except (OSError, ValueError) as error:
        raise CapsuleError(f"runs.parquet cannot be read: {error}") from error
    return runs.astype({"arm": str})


def _differences(told: dict[str, Any]) -> list[str]:
    """What was another when the runs were made."""
    found = []
    if told["results"] != RESULTS:
        found.append(
            f"Results version {told['results']} then, {RESULTS} now: laws or numbers have changed (CHANGELOG.md); "
            "the version of then gives the same bits."
        )
    elif told["source_digest"] != source_digest():
        found.append("The source is another one than then, though its results should be the same (CHANGELOG.md).")
    now = versions()
    found += [
        f"{name} {one} then, {now.get(name, 'none')} now."
        for name, one in told["versions"].items()
        if now.get(name) != one
    ]
    return found
