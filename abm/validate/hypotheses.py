"""Rival hypotheses against published findings: which of them survives which finding.

A hypothesis is a scenario with rules, substances and cells of its own, such as those of `scenarios/hypotheses`. What it
declares is added to every arm of a finding, and so is every parameter that it sets to another value than usual.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.core.quantity import declared, replaced
from abm.reporting.measured import STYLES, Measured, Verdict, measured_entry, value_text
from abm.reporting.report import markdown_table
from abm.reporting.statistics import FEWEST_FOR_RESAMPLING
from abm.runs.progress import Show
from abm.runs.provenance import circumstances
from abm.runs.store.files import storage, write_text
from abm.scenario.catalog import hypothesis_paths
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.from_python import check
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.validate.pages import made_by, write_page
from abm.validate.suite import Change, Plan, TargetResult, validate
from abm.validate.target import find_targets, target_ids

FILE = "hypotheses"
OF_CANCER = (  # curves of cancer cells: findings that read one tell hypotheses of awakening apart
    "arrived_per_seeded", "awakened_per_seeded", "cells_per_seeded", "epcam_share", "ki67_share", "lesions",
    "mesenchymal_share",
)  # fmt: skip
SHORT: dict[Verdict, str] = {"passed": "yes", "failed": "no", "inconclusive": "open", "skipped": "-"}


@dataclass(frozen=True)
class HypothesisResult:
    """A hypothesis, and what became of each finding under it.

    Attributes:
        scenario: that declares it. results: by finding.
    """

    scenario: Scenario
    results: tuple[TargetResult, ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.scenario.title or self.scenario.name

    @property
    def survived(self) -> int:
        """How many findings it reproduces."""
        return sum(result.verdict == "passed" for result in self.results)


def findings() -> list[str]:
    """Ids of the findings on cancer cells that the model can run, predictions left out."""
    targets = find_targets(target_ids())
    return [
        target.id
        for target in targets
        if target.can_run and target.kind != "prediction" and any(one.measure in OF_CANCER for one in target.values)
    ]


def runnable() -> list[str]:
    """Ids of all findings that the model can run."""
    return [target.id for target in find_targets(target_ids()) if target.can_run]


def hypotheses_of(names: Sequence[str]) -> list[Scenario]:
    """The hypotheses in these files, or those of the package; a packaged one may be given by its name.

    Raises:
        ScenarioError: with all faults of all of them, or two of the same name.
    """
    known = hypothesis_paths()
    found, faults = [], []
    for name in names or known:
        try:
            found.append(load_scenario(known.get(name, name)))
        except ScenarioError as error:
            faults += error.faults
    own = [one.name for one in found]
    faults += [
        Fault("command line", 0, "hypothesis", f'"{name}"', "stands there twice", hint="results are named after it")
        for name in dict.fromkeys(own)
        if own.count(name) > 1
    ]
    if faults:
        raise ScenarioError(faults)
    return found


def with_hypothesis(hypothesis: Scenario) -> Change:
    """What a hypothesis changes in the scenario of an arm.

    Raises:
        ScenarioError: when it is applied to an arm with which it does not go together.
    """
    usual = {item.name: item.value for item in declared(hypothesis.usual_parameters())}
    own = [one for one in declared(hypothesis.parameters) if usual[one.name] != one.value]

    def changed(arm: Scenario) -> Scenario:
        added: dict[str, Any] = {
            name: (*getattr(arm, name), *getattr(hypothesis, name)) for name in ("substances", "cells", "rules")
        }
        arm = replace(arm, **added)
        parameters = arm.parameters
        for one in own:
            if one.name.partition(".")[0] not in ("virus", "second_virus"):  # an arm may have another virus
                parameters = replaced(parameters, one.name, one.value)
        arm = replace(arm, parameters=parameters)
        check(arm)
        return arm

    return changed


def examine(
    hypotheses: Sequence[Scenario], ids: Sequence[str], out: Path, workers: int, show: Show, sections: int
) -> list[HypothesisResult]:
    """Run the arms of findings under each hypothesis.

    Args:
        hypotheses: scenarios that declare them.
        ids: of the findings.
        out: folder, opened; the runs are kept in `runs` of it.
        workers: processes.
        show: reporter of progress.
        sections: of each arm; twin arms of all hypotheses have the same seeds.

    Raises:
        ScenarioError: a hypothesis does not go together with an arm.
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    found = []
    for number, one in enumerate(hypotheses, start=1):
        show.say(f"hypothesis {number} of {len(hypotheses)}: {one.title or one.name}")
        results, _ = validate(ids, out, workers, show, Plan(sections, sections), with_hypothesis(one))
        found.append(HypothesisResult(one, tuple(results)))
    return found


def page(found: Sequence[HypothesisResult], sections: int) -> str:
    """The matrix as a page: which hypothesis survives which finding, then every number with its interval."""
    heads = ["finding", *(one.title for one in found)]
    rows = []
    for at, result in enumerate(found[0].results):
        rows.append([f"{result.target.id}: {result.target.title}", *(_said(one.results[at]) for one in found)])
    rows.append(["**survived**", *(f"**{one.survived} of {len(one.results)}**" for one in found)])
    numbers = [
        [result.target.id, measured.name, *(value_text(one.results[at].measured[number], 3) for one in found)]
        for at, result in enumerate(found[0].results)
        for number, measured in enumerate(result.measured)
    ]
    few = ["With so few there is no interval: the estimate alone decides."] * (sections < FEWEST_FOR_RESAMPLING)
    return "\n".join([
        "# Rival hypotheses against published findings", "",
        "Every hypothesis is a scenario file with rules of its own; its numbers are *assumed*, and none was fitted to",
        "the findings below. *yes*: the whole 95 % interval lies within the tolerance of the finding; *no*: none of it",
        f"does; *open*: a part. Each arm has {sections} sections of 9 mm2, the same seeds under every hypothesis.",
        *few, "",
        markdown_table(heads, rows), "",
        "## Numbers (95 % interval)", "", markdown_table(["finding", "number", *heads[1:]], numbers), "",
        "## The hypotheses", "", *(f"- **{one.title}** (`{one.scenario.name}`): {one.scenario.story}" for one in found),
        "", made_by("embers hypotheses"), "",
    ])  # fmt: skip


def _said(result: TargetResult) -> str:
    """What became of a finding, in a word."""
    return {"passed": "yes", "failed": "**no**"}.get(result.verdict, SHORT[result.verdict])


def as_data(found: Sequence[HypothesisResult], sections: int) -> dict[str, Any]:
    """The matrix as plain data."""
    return {
        **circumstances(),
        "sections": sections,
        "hypotheses": [
            {
                "name": one.scenario.name, "title": one.title, "survived": one.survived,
                "findings": {
                    result.target.id: {"verdict": result.verdict, "numbers": [*map(measured_entry, result.measured)]}
                    for result in one.results
                },
            }
            for one in found
        ],
    }  # fmt: skip


def write(out: Path, found: Sequence[HypothesisResult], sections: int) -> Path:
    """Write page and data into the folder.

    Raises:
        StorageError: no room, no right to write.
    """
    with storage(out):
        write_text(out / f"{FILE}.json", json.dumps(as_data(found, sections), indent=1))
    return write_page(out, FILE, page(found, sections))


def print_table(console: Console, found: Sequence[HypothesisResult]) -> None:
    """The matrix on the terminal, with the first number of each finding."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("finding")
    for one in found:
        table.add_column(one.title, justify="right")
    for at, result in enumerate(found[0].results):
        cells = [_cell(one.results[at]) for one in found]
        table.add_row(f"{result.target.id} {result.target.title}", *cells)
    table.add_row("survived", *(f"{one.survived} of {len(one.results)}" for one in found))
    console.print(table)


def _cell(result: TargetResult) -> str:
    """A verdict with the number that decides it."""
    style = STYLES[result.verdict]
    deciding: Measured = next((one for one in result.measured if one.verdict == result.verdict), result.measured[0])
    return f"[{style}]{SHORT[result.verdict]}[/] {value_text(replace(deciding, beside=None), 2)}"
