"""What a validation writes: Markdown with the pictures, and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from abm.reporting.measured import linked, measured_entry
from abm.reporting.report import DISCLAIMER
from abm.runs.progress import Show
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text
from abm.validate.curves import ArmCurves
from abm.validate.figure import draw
from abm.validate.scoreboard import MARKS, counts, outcomes, summed_up, tables
from abm.validate.scoring import source
from abm.validate.suite import TargetResult
from abm.validate.target import target_ids

FILE = "validation"
INTRODUCTION = f"""\
`embers verify` compares the implementation with its mathematics; `embers validate` compares the results of the model \
with findings in mice. Run it on your machine with

```
embers validate
```

or a part of it with `embers validate --only F2,N` (ids or whole groups), or a first look with `embers validate \
--quick`. It writes this page, the same results as JSON, and one figure per target; `--panel` draws all in one picture.

Targets come in groups: the infection in mice without cancer (A), dormant cancer cells (B, ids F), cytokines (E), \
findings of others (G), signs of the infection (N) and people (H). A target that fails stays on the scoreboard, with \
what seems to be missing and what was tried; one that needs what the model does not have *cannot be run*.

A target is a finding with its tolerance, stored as data (`abm/validate/targets`). It is *fitted* if parameters were \
chosen to match it, *reproduced* if not, and a *prediction* if nothing of the kind was measured; predictions neither \
pass nor fail. A number has passed if its whole 95 % interval lies within its bound, and failed if the whole interval \
lies outside. In between it is inconclusive, which does not count as passed, and its arms are run with more seeds, up \
to a limit (three looks at most). All arms are run on sections of 3 mm x 3 mm, which nearly every infection reaches. \
Averages include all sections, since a lung is the sum of its sections. Intervals come from a bootstrap over sections \
that keeps twins (same seed) together: they describe how well the mean is known, not how mice differ. All targets are \
read from runs with one set of parameters for the mouse: SARS-CoV-2 differs from influenza only by the parameters of \
the virus, and a depletion or knockout only by that treatment.

Source of the mouse data of targets A1 and A2: {source()["citation"]}, doi:{source()["doi"]}; \
`abm/validate/mouse_lung.toml` contains their medians, ranges and numbers. {DISCLAIMER}"""


def prepare(out: Path) -> None:
    """Make the folder, and clear it of the pictures of an earlier run.

    Raises:
        StorageError: it cannot be written.
    """
    with storage(out):
        (out / FILE).mkdir(parents=True, exist_ok=True)
        for name in target_ids():
            (out / FILE / f"{name}.png").unlink(missing_ok=True)


def write(out: Path, results: Sequence[TargetResult], curves: ArmCurves, show: Show) -> dict[str, Any]:
    """Write pictures, Markdown and JSON; gives what the JSON says.

    Raises:
        StorageError: no room, no right to write.
    """
    told = as_json(results)
    with storage(out):
        with show.bar("drawing", len(results), "pictures") as tell:
            for done, result in enumerate(results, start=1):
                if result.target.can_run:
                    draw(result, curves, told["versions"]["embers"], out / FILE / f"{result.target.id}.png")
                tell(done)
        write_text(out / f"{FILE}.json", json.dumps(told, indent=1) + "\n")
        write_text(out / f"{FILE}.md", _markdown(results, told))
    return told


def as_json(results: Sequence[TargetResult]) -> dict[str, Any]:
    """The scoreboard as plain data; a bound or interval that there is not is null."""
    return {
        **circumstances(),
        "outcomes": dict(outcomes(results)),
        "groups": counts(results),
        "targets": [_entry(result) for result in results],
    }


def _entry(result: TargetResult) -> dict[str, Any]:
    target = result.target
    return {
        "id": target.id, "group": target.group, "title": target.title, "kind": target.kind, "verdict": result.said,
        "outcome": result.outcome,
        "finding": target.finding, "tolerance": target.tolerance, "source": target.source, "note": target.note,
        "missing": target.missing, "tried": target.tried, "arms": list(target.arms), "replicates": result.replicates,
        "one_suffices": target.any_of, "values": [measured_entry(one) for one in result.measured],
    }  # fmt: skip


def _markdown(results: Sequence[TargetResult], told: dict[str, Any]) -> str:
    with_versions = ", ".join(f"{name} {found}" for name, found in told["versions"].items())
    parts = [
        "# Validation",
        INTRODUCTION,
        f"This page was written by `{told['command']}` on {told['time'][:10]} ({told['machine']['system']}, "
        f"{told['machine']['architecture']}; {with_versions}; {stamp(told)}).",
        f"**{summed_up(results)}**",
        tables(results),
        *(part for result in results for part in _section(result)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(result: TargetResult) -> list[str]:
    target = result.target
    fails = result.verdict in ("failed", "inconclusive") or not target.can_run
    facts = {
        "Finding": target.finding,
        "Tolerance": target.tolerance,
        "Source": linked(target.source.replace(", doi", "; doi")),
        "Note": target.note,
        "Missing": target.missing if fails else "",
        "Tried": target.tried if fails else "",
        "Runs": f"{', '.join(target.arms)}; {result.replicates} sections of each" if target.can_run else "",
    }
    return [
        f"## {target.id}: {target.title}",
        f"{MARKS[result.said]}" + (f" ({target.kind})" if target.kind != result.said else ""),
        "\n".join(f"- {name}: {text}" for name, text in facts.items() if text),
        f"![{target.id}: {target.title}]({FILE}/{target.id}.png)" if target.can_run else "",
    ]
