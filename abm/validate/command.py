"""What `embers validate` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.runs.pool import usable_cores
from abm.runs.progress import Show, page_console
from abm.runs.store.folder import recorded
from abm.scenario.posterior import PosteriorSample
from abm.scenario.read import with_overrides
from abm.scenario.scenario import Scenario
from abm.validate import assumptions, convergence, parameter_sets, report, scoreboard, suite
from abm.validate.panel_figure import draw_panel


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        ids: of the targets. quick: with few replicates. as_json: print JSON in place of the table. readme: a file that
            gets the scoreboard too. size, step: of all arms, as on the command line; as the scenarios say where empty.
        panel: draw all findings in one picture, too. sample: parameter sets to run everything under instead.
    """

    ids: Sequence[str]
    quick: bool = False
    as_json: bool = False
    readme: Path | None = None
    size: str | None = None
    step: str | None = None
    panel: bool = False
    sample: PosteriorSample | None = None

    def changed(self, scenario: Scenario) -> Scenario:
        """The scenario of an arm with size and step put in, founders as dense as before."""
        return suite.as_dense(scenario, with_overrides(scenario, size=self.size, step=self.step))


def perform(wanted: Wanted, out: Path, workers: int | None, show: Show) -> bool:
    """Validate, write and tell; gives whether a target failed, or a parameter set could not be run.

    Args:
        wanted: what is asked for.
        out: folder for runs, page, pictures and numbers.
        workers: processes; else one a core.
        show: reporter of progress.

    Raises:
        ScenarioError: size or step cannot be.
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error, or the file has no place for the scoreboard.
    """
    if wanted.sample:
        return _under_sets(wanted, wanted.sample, out, workers or usable_cores(), show)
    if wanted.readme:
        report.check_readme(wanted.readme)
    plan, processes = suite.QUICK if wanted.quick else suite.FULL, workers or usable_cores()
    with recorded(out, {"targets": list(wanted.ids), "size": wanted.size, "step": wanted.step}, processes):
        report.prepare(out)
        suite.clear_others(out, wanted.changed)
        results, curves = suite.validate(wanted.ids, out, processes, show, plan, wanted.changed)
        told = report.write(out, results, curves, show)
        if wanted.panel:
            picture = draw_panel(results, told["versions"]["embers"], out)
    if wanted.readme:
        report.write_readme(wanted.readme, results, told)
    if wanted.as_json:
        print(json.dumps(told, indent=1))
    else:
        scoreboard.print_table(page_console(), results)
        print(f"pictures and reasons: {out / report.FILE}.md")
        if wanted.panel:
            print(f"all findings: {' and '.join(map(str, picture))}")
    return any(result.verdict == "failed" for result in results)


def examine_convergence(ids: Sequence[str], out: Path, workers: int | None, show: Show) -> None:
    """Run targets at shorter steps and on other sections, write and tell.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
    """
    processes = workers or usable_cores()
    with recorded(out, {"targets": list(ids), "what": "at shorter steps and on other sections"}, processes):
        settings = convergence.examine(ids, out, processes, show)
    print(convergence.page(settings))
    print(f"page: {convergence.write(out, settings)}")


def examine_assumptions(out: Path, workers: int | None, show: Show) -> None:
    """Move the weakest assumptions over their ranges, write and tell.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
    """
    processes = workers or usable_cores()
    with recorded(out, {"targets": "those of the weakest assumptions"}, processes):
        settings = assumptions.examine(out, processes, show)
    assumptions.print_table(page_console(), settings)
    print(f"page: {assumptions.write(out, settings)}")


def _under_sets(wanted: Wanted, sample: PosteriorSample, out: Path, processes: int, show: Show) -> bool:
    """Run the targets under parameter sets, write and tell; gives whether a set could not be run."""
    plan = suite.QUICK if wanted.quick else suite.FULL
    facts = {"targets": list(wanted.ids), "size": wanted.size, "step": wanted.step, "parameter_sets": len(sample)}
    with recorded(out, facts, processes):
        found = parameter_sets.examine(wanted.ids, out, processes, show, sample, plan.first, wanted.changed)
        told = parameter_sets.write(out, found)
    if wanted.as_json:
        print(json.dumps(told, indent=1))
    else:
        parameter_sets.print_table(page_console(), found)
        print(f"page: {out / parameter_sets.FILE}.md")
    return bool(found.failed)
