"""Everything that is on the stage as one archive: scenarios, curves, events, figure, provenance, how to get it again.

The unpacked folder has the names of a folder of `embers compare`, so that `embers serve FOLDER` opens it again.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.dashboard.content.downloads import curves, scenario_text
from abm.dashboard.content.naming import LETTERS
from abm.dashboard.live.stage import SECRETED_EVERY, Stage
from abm.dashboard.live.worker import EVERY, Series, measured_in
from abm.dashboard.mechanism.secretion import sources
from abm.dashboard.publication.figure import draw, sheet_of
from abm.dashboard.publication.wish import FigureWish
from abm.plots.sheet import Sheet, SheetSize
from abm.reporting.citation import DOI, PAPER, embers_version
from abm.reporting.report import DISCLAIMER
from abm.runs import provenance
from abm.runs.identity import map_of
from abm.scenario.prediction import is_prediction

PICTURES = ("pdf", "svg", "png")
Replicated = Sequence[Sequence[Series]]


class Taken(NamedTuple):
    """What was read of a stage, to be packed without it.

    Attributes:
        name: of the folder in the archive. texts: contents by file name. tables: by file name.
        sheet, size: of the figure.
    """

    name: str
    texts: dict[str, str | bytes]
    tables: dict[str, pd.DataFrame]
    sheet: Sheet
    size: SheetSize


def take(stage: Stage, wish: FigureWish, found: Replicated = ()) -> Taken:
    """Read everything; errors as of `sheet_of`. found: replicates of what is shown."""
    names = [scenario.name for scenario in stage.scenarios]
    texts: dict[str, str | bytes] = {
        f"scenarios/{name}.toml": scenario_text(stage, at) for at, name in enumerate(names)
    }
    for scenario in stage.scenarios:
        if content := map_of(scenario):
            texts[f"scenarios/{scenario.name}.png"] = content
    told = _facts(stage, len(found))
    texts["provenance.json"] = json.dumps(told, indent=1) + "\n"
    texts["README.txt"] = readme(stage, told["reproduce"])
    tables = {"curves.csv": curves(stage), "measures.csv": _measures(stage), "events.csv": _events(stage),
              "secretion.csv": _secretion(stage)}  # fmt: skip
    if found:
        tables["replicates.csv"] = _replicates(stage, found)
    return Taken(_folder(stage), texts, tables, sheet_of(stage, wish, found), wish.size)


def packed(taken: Taken) -> bytes:
    """The archive.

    Raises:
        SheetError: the figure is too small for what it is to show.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in taken.texts.items():
            archive.writestr(f"{taken.name}/{name}", content)
        for name, table in taken.tables.items():
            archive.writestr(f"{taken.name}/{name}", table.to_csv(index=False))
        for kind in PICTURES:
            archive.writestr(f"{taken.name}/figure.{kind}", draw(taken.sheet, taken.size, kind))
    return file.getvalue()


def compare_line(stage: Stage, replicates: int) -> str:
    """The command that runs the same arms, with this seed and as many background runs as were finished."""
    files = " ".join(f"scenarios/{scenario.name}.toml" for scenario in stage.scenarios)
    return f"embers compare {files} --seed {stage.recipe.seed} --replicates {replicates + 1} --days {stage.recipe.days}"


def readme(stage: Stage, line: str) -> str:
    """What the archive holds, and how to get it again."""
    arms = "\n".join(
        f"  {letter}  {scenario.title}{' (prediction: no experiment has tested it)' if is_prediction(scenario) else ''}"
        for letter, scenario in zip(LETTERS, stage.scenarios, strict=False)
    )
    count, day = len(stage.arms), f"{stage.hour / 24:.1f}"
    return f"""Embers {embers_version()}: {count} arm{"s" if count > 1 else ""} on day {day}
{DISCLAIMER}

{arms}

Run again (in this folder; the first seed is that of the page):
  {line}
Open again on the page (in the folder above):
  embers serve {_folder(stage)}

scenarios/       each arm as it was played, every change at its time
curves.csv       every measure per view and hour; measures.csv has units and meanings
events.csv       awakenings with cause, births, returns to dormancy, deaths, lesions
secretion.csv    rise of the mean IL-6 of the section by type of cell [ng/mL/h], every {SECRETED_EVERY} h
replicates.csv   every measure of the finished background runs (other seeds), every {EVERY} h, if there were any
figure.*         the figure as PDF, SVG and PNG
provenance.json  versions, seed, changes, the command above

Please cite Embers {embers_version()} and the study that it simulates: {PAPER}, doi:{DOI}.
"""


def _folder(stage: Stage) -> str:
    names = [scenario.name for scenario in stage.scenarios]
    day = f"{stage.hour / 24:.1f}".replace(".", "_")
    return f"embers_{names[0] if len(names) == 1 else f'{len(names)}_views'}_seed_{stage.recipe.seed}_day_{day}"


def _facts(stage: Stage, replicates: int) -> dict[str, Any]:
    """Provenance, with the keys that a folder of `embers compare` has."""
    scenarios = stage.scenarios
    return {
        "reproduce": compare_line(stage, replicates),
        "arms": [scenario.name for scenario in scenarios],
        "titles": {scenario.name: scenario.title for scenario in scenarios},
        "predictions": [scenario.name for scenario in scenarios if is_prediction(scenario)],
        "seeds": [stage.recipe.seed + number for number in range(replicates + 1)],
        "day": stage.hour / 24.0,
        "page": stage.recipe.plain(),
        **{name: value for name, value in provenance.circumstances().items() if name != "command"},
    }


def _measures(stage: Stage) -> pd.DataFrame:
    known = {name: one for run in stage.arms for name, one in run.model.recorder.measures.items()}
    return pd.DataFrame(
        [(one.name, one.unit, one.meaning) for one in known.values()], columns=["measure", "unit", "meaning"]
    )


def _events(stage: Stage) -> pd.DataFrame:
    tables = []
    for letter, scenario, run in zip(LETTERS, stage.scenarios, stage.arms, strict=False):
        table = run.model.events()
        for name, value in zip(("seed", "scenario", "view"), (stage.recipe.seed, scenario.name, letter), strict=True):
            table.insert(0, name, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _secretion(stage: Stage) -> pd.DataFrame:
    titles = [one.title for one in sources()]
    tables = []
    for letter, scenario, run in zip(LETTERS, stage.scenarios, stage.arms, strict=False):
        values = np.array(run.secreted)
        table = pd.DataFrame(values, columns=titles)
        table = table.loc[:, [one.secretes_il6 or bool(values[:, at].any()) for at, one in enumerate(sources())]]
        table.insert(0, "hour", np.arange(len(table)) * float(SECRETED_EVERY))
        table.insert(0, "scenario", scenario.name)
        table.insert(0, "view", letter)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _replicates(stage: Stage, found: Replicated) -> pd.DataFrame:
    tables = []
    for number, each in enumerate(found, start=1):
        for letter, scenario, series in zip(LETTERS, stage.scenarios, each, strict=False):
            table = pd.DataFrame(series, columns=measured_in(scenario))
            table.insert(0, "hour", np.arange(len(table)) * float(EVERY))
            table.insert(0, "seed", stage.recipe.seed + number)
            table.insert(0, "scenario", scenario.name)
            table.insert(0, "view", letter)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)
