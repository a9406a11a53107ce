"""The text that explains a folder of results, written into each."""

from __future__ import annotations

from abm.model.measures import MEASURES
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Cause, EpithelialState, EpithelialType, EventKind, Phenotype, SiteKind

_TEXT = """\
Results of Embers: an agent-based simulation of dormant breast-cancer cells in a lung under respiratory infection.
A research and teaching model, not medical advice.

summary.md          the table; summary.csv and summary.json: the same numbers, one row or entry per number
                    (arm, against, quantity, unit, value, low, high, n, ends: what low and high are, prediction, note)
uncertainty.md      with --posterior: each number with its interval by chance and its median and range over parameter
                    sets; uncertainty.csv and uncertainty.json: the same numbers (chance_low, chance_high: 95 % interval
                    at the defaults, n: replicates; median, low, high: middle 90 % of the sets, sets: how many)
sets/               with --posterior: posterior.csv (the sets: one row each, `--posterior` accepts this folder),
                    series.parquet, events.parquet, runs.parquet as below, with the column set (row of posterior.csv,
                    from 1), and summary.csv, summary.json: each number under each set
series.parquet      curves, one row per run and time: arm, replicate, seed, hour, one column per measure. The fields of
                    all tables tell their unit and meaning (metadata of the Parquet schema)
events.parquet      events of cancer cells, one row per event: arm, replicate, seed, hour,
                    kind ({kinds}),
                    cause (of the last awakening: {causes}),
                    uid, parent (uid), clone, x, y (sites of 10 um), il6 (local, ng/mL)
runs.parquet        one row per run: arm, replicate, seed, id, status (done, failed, missing), seconds, seeded (dormant
                    cells at the start), digest (equal if and only if two runs ended in the same state, bit for bit),
                    peak_infected (largest share of the epithelium infected at a recorded time)
failures.parquet    only if a run failed: arm, replicate, seed, id, traceback
snapshots/ARM/SEED/day_DD.npz
                    the tissue on day DD (number of the day, decimals where it is not a whole one). Arrays:
                      hour
                      epithelium  uint8[rows, columns]: {epithelium}; 255 no cell
                      il6         float32[rows / 4, columns / 4], ng/mL, squares of 40 um; as each other substance
                      interferon  float32[rows / 2, columns / 2], ng/mL, squares of 20 um
                      virus       float32[rows, columns], virions
                      cancer_*    one entry per living cancer cell: uid, parent, clone, x, y, signal (STAT3, 0 to 1),
                                  awoke (hour), awoke_il6 (ng/mL),
                                  state: {cancer}
                                  phenotype: {phenotype}
                                  cause: {cause}
                      mobile_*    one entry per mobile cell: uid, x, y, activation (0 to 1), activated, memory,
                                  kind: {mobile}
                    Sites are squares of 10 um; y is the row, x the column.
snapshots/ARM/section.npz
                    kind          uint8[rows, columns]: {site}
                    epithelium_y, epithelium_x
                                  int32[cells]: the site of each epithelial cell nearest to its middle
                    epithelium_cell_type
                                  uint8[cells]: {epithelial_type}
figures/            pictures of the above
scenarios/          one file per arm, as it was run, with every default and unit. `embers compare` accepts them.
provenance.json     command, seeds, versions, digest of the source, machine, time (UTC)
runs/ID.zip         each run as it landed (run.json, series.arrow, events.arrow, pictures); all of the above is made of
                    these. ID stands for scenario, seed, source and versions. A study that was interrupted goes on from
                    here when the same command is given again.
failed/ID.json      runs that failed, with their traceback; ID.csv: what was recorded until then, if a run was stopped
                    for having too many cells
study.lock, progress.json
                    which process runs the study, and how far it is, for `embers status`

In Python: study = abm.open_study("."); study.series("il6", arm="ARM"), study.events(kind="awakening"), study.runs();
abm.open_run(".", arm="ARM", replicate=1).snapshot(15).to_anndata(). In other languages: read the Parquet tables.
For other programs: embers export . --arm ARM --replicate 1 --to h5ad (or ome-tiff, ome-zarr, netcdf, csv ...).

Measures:
{measures}
"""


def folder_readme() -> str:
    """What every file is, the columns of each table, the codes of each array, and all measures."""
    kinds = {
        "epithelium": EpithelialState, "cancer": CancerState, "phenotype": Phenotype, "cause": Cause,
        "mobile": CellKind, "site": SiteKind, "epithelial_type": EpithelialType,
    }  # fmt: skip
    codes = {key: ", ".join(f"{member.value} {member.name.lower()}" for member in kind) for key, kind in kinds.items()}
    lines = [f"{item.name:<22}{item.meaning}{f' [{item.unit}]' if item.unit else ''}" for item in MEASURES.values()]
    names = {key: ", ".join(member.name.lower() for member in kind)
             for key, kind in {"kinds": EventKind, "causes": Cause}.items()}  # fmt: skip
    return _TEXT.format(**codes, **names, measures="\n".join(lines))
