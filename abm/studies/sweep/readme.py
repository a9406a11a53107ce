"""The text that explains the folder of a study, written into each."""

from __future__ import annotations

from abm.rules.states import Cause
from abm.studies.design.study import Study

_TEXT = """\
Results of Embers: {title}
{story}
A research and teaching model, not medical advice. Run `embers sweep` with the same study to continue.

design.parquet      one row per planned run: arm, run (its number), point, replicate (from 1), seed, id (of
                    scenario, seed, source and versions) and the axes; an axis that is not in an arm is empty there
runs/               finished runs: the same columns, seeded (dormant cells at the start), digest (equal if and only if
                    two runs ended in the same state, bit for bit), peak_infected (largest share of the epithelium
                    infected at a recorded time)
series/arm=ARM/     curves, one row per run and time: run, point, replicate, seed, axes, hour, one column per measure
events/arm=ARM/     events of cancer cells (the kinds that the study keeps), one row per event: run, point,
                    replicate, seed, axes, hour, kind, cause, uid, parent, clone, x, y (sites of 10 um), il6 (local,
                    ng/mL). Kinds kept: {kinds}; causes (of the last awakening): {causes}
pictures/ID.zip     snapshots of the tissue, where the study keeps them
landed/ID.zip       finished runs that are in no block of the tables yet: run.json, series.arrow, events.arrow
failed/ID.json      runs that failed, with their traceback; `embers sweep --retry-failed` runs them again
study/              everything that was read: the study, its arms with every default, their section maps, the data;
                    `embers sweep study/NAME.toml` repeats the study from it alone, with the --days in provenance.json
design.txt          everything that is run, with every value
provenance.json     command, versions, digest of the source, machine, time (UTC)
sets/posterior.csv  parameter sets of `--posterior`, if any: row N is the value N of the axis "set" (0: the defaults)
overview.*          one measure on one day at every point: a table to read and one to compute with
figures/, *.md      results of `embers sweep`, `embers sensitivity` and `embers calibrate`

In Python: study = abm.open_study("."); study.runs(), study.series("cells_per_seeded", hour=360.0), study.events(),
study.open_run(0). The fields of all tables tell their unit and meaning (metadata of the Parquet schema).
In other languages: read runs/, series/ and events/ as Parquet (block-*.parquet; the arm is in the name of the folder).

Axes:
{axes}

Measures:
{measures}
"""


def folder_readme(study: Study) -> str:
    """What every file is, the columns of each table, axes and measures."""
    axes = [f"{axis.name:<22}{axis.meaning}{f' [{axis.unit}]' if axis.unit else ''}" for axis in study.axes]
    kept = [(name, study.known_measures[name]) for name in study.measures]
    measures = [f"{name:<22}{one.meaning}{f' [{one.unit}]' if one.unit else ''}" for name, one in kept]
    return _TEXT.format(
        kinds=", ".join(study.events) or "none",
        causes=", ".join(cause.name.lower() for cause in Cause),
        title=study.title,
        story=study.story,
        axes="\n".join(axes) or "none",
        measures="\n".join(measures),
    )
