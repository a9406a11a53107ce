"""The page of all columns: docs/reference/columns.md, made from the declarations of the tables."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from abm.cohort import tables as cohort
from abm.model.measures import MEASURES
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Cause, EpithelialState, EventKind, Phenotype, SiteKind
from abm.runs.store.tables import ARM, events_schema, series_schema, with_units
from abm.studies.compare_tables import FAILURES, RUNS
from abm.studies.sweep.tables import Columns

HEAD = """\
# Columns of every table

Tables are Parquet; the metadata of each column contain its unit and meaning. Some are text (`.csv`). In Python:
`pandas.read_parquet("outputs/NAME/series.parquet")`, or `abm.open_study("outputs/NAME")`. Each folder of results has a
`README.txt` with the same for its own tables.
"""

COMPARISON = {
    "series.parquet": series_schema(ARM, {}), "events.parquet": events_schema(ARM), "runs.parquet": RUNS,
    "failures.parquet": FAILURES,
}  # fmt: skip
COMPARISON_ROWS = {
    "series.parquet": "One row per arm, replicate and time, with one column per measure (below).",
    "events.parquet": "One row per event of a cancer cell.",
    "runs.parquet": "One row per run.",
    "failures.parquet": "One row per failed run; only if a run failed.",
}
SUMMARY = {
    "arm": "name of the scenario", "against": "arm that it is compared with; empty for a number of one arm",
    "quantity": "what it is", "unit": "its unit", "value": "the estimate", "low": "lower end, see `ends`",
    "high": "upper end, see `ends`", "n": "replicates", "ends": "what `low` and `high` are, such as a 95 % interval",
    "prediction": "whether no experiment has tested this arm", "note": "what else a reader must know",
}  # fmt: skip
UNCERTAINTY = SUMMARY | {
    "value": "with the defaults", "chance_low": "lower end of its 95 % interval by chance",
    "chance_high": "upper end of its 95 % interval by chance", "median": "over parameter sets",
    "low": "lower end of the middle 90 % of the sets", "high": "upper end of the middle 90 % of the sets",
    "sets": "number of parameter sets",
}  # fmt: skip
UNCERTAINTY = {name: meaning for name, meaning in UNCERTAINTY.items() if name != "ends"}
OVERVIEW = {
    "arm": "name of the scenario", "measure": "what is reported", "hour": "time since the start (h)",
    "runs": "number of runs",
    "established": "runs in which the infection established, or did so in a twin of another arm",
    "mean": "mean over the runs", "smallest": "smallest value", "largest": "largest value",
    "ratio": "ratio of the mean to that of the twins in the first arm", "ratio_low": "lower end of its 95 % interval",
    "ratio_high": "upper end of its 95 % interval", "pairs": "number of twins",
    "sets": "number of parameter sets (with `--posterior`); `sets_median`, `sets_low`, `sets_high`: over them",
    "ratio_sets": "the same for the ratio",
}  # fmt: skip
SENSITIVITY = {
    "group": "arms and values of the other axes", "measure": "what is analyzed", "hour": "time since the start (h)",
    "value_is": "what `value` is: mean absolute effect (Morris) or total index (Sobol)",
    "second_is": "what `second_value` is: spread (Morris) or first-order index (Sobol)", "axis": "name of the axis",
    "value": "the effect, with `low` and `high`", "second_value": "the second number",
}  # fmt: skip
SCORE = {
    "day": "time of the data (d)", "n": "number of replicates in the data", "data": "geometric mean of the data",
    "lowest": "lowest value of the data", "highest": "highest value of the data", "model": "mean of the model",
    "residual_log10": "log10 of model over data", "residual_sd": "the same in SDs between replicates",
    "unit": "unit of data and model",
}  # fmt: skip
TRIAL = {
    "arm": "policy", "against": "what it is compared with", "outcome": "what is counted",
    "scan_every": "time between scans (month)", "months": "follow-up (month)", "hazard_ratio": "hazard ratio",
    "share": "share of patients with the outcome", "share_against": "the same in the other arm",
    "per_arm": "patients per arm", "per_arm_median": "median over the values that agree with the registries",
    "per_arm_low": "lower end of the middle 90 %", "per_arm_high": "upper end of the middle 90 %",
}  # fmt: skip
CODES = {
    "kind of event": EventKind, "cause of an awakening": Cause, "state of a cancer cell": CancerState,
    "phenotype": Phenotype, "state of an epithelial cell": EpithelialState, "kind of site": SiteKind,
    "type of mobile cell": CellKind,
}  # fmt: skip


def page() -> str:
    """The page as it should be."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    yield "## `embers compare`, `run` and `continue`\n"
    for name, schema in COMPARISON.items():
        yield from _table(name, COMPARISON_ROWS[name], _of_schema(with_units(schema)))
    yield from _table("summary.csv, summary.json", "One row per number of the summary.", _of_text(SUMMARY))
    yield from _table("uncertainty.csv, .json", "With `--posterior`: one row per number.", _of_text(UNCERTAINTY))
    yield "The tables in `sets/` have the column `set` besides.\n"
    yield "## `embers sweep`, `sensitivity` and `calibrate`\n"
    columns = Columns((), {})
    for name, rows, schema in (
        ("design.parquet", "One row per planned run.", columns.design),
        ("runs/", "One row per finished run.", columns.runs),
        ("series/arm=ARM/", "One row per run and time.", columns.series),
        ("events/arm=ARM/", "One row per event; the folder names the arm.", columns.events),
    ):
        yield from _table(name, f"{rows} Each axis is a further column.", _of_schema(schema))
    yield "The series of a sweep have one column per measure (below).\n"
    yield from _table("overview.csv", "One row per point. Each axis is a further column.", _of_text(OVERVIEW))
    yield from _table("sensitivity.csv", "One row per axis.", _of_text(SENSITIVITY))
    yield (
        "`posterior.csv` of a calibration has one row per posterior sample and one column per axis. Where every axis "
        "changes\nparameters, `parameter_sets.csv` has the same samples in the units of the parameters, for "
        "`--posterior`.\n"
    )
    yield "## `embers score`\n"
    yield from _table("score.csv", "One row per time of the data.", _of_text(SCORE))
    yield "## `embers cohort` and `trial`\n"
    for name, own in cohort.COLUMNS.items():
        yield from _table(f"{name}.parquet", "", ((one, unit, meaning) for one, _, unit, meaning in own))
    yield from _table("trial.csv, trial.json", "One row per policy and design.", _of_text(TRIAL))
    yield "## Measures\n"
    measures = ((one.name, one.unit, one.meaning) for one in MEASURES.values())
    yield from _table("series", "A scenario's own substances and cells have measures, too.", measures)
    yield "## Codes\n"
    yield "Tables hold names; arrays in snapshots hold numbers.\n"
    yield "| what | codes |\n|---|---|"
    for what, kind in CODES.items():
        yield f"| {what} | {', '.join(f'{member.value} `{member.name.lower()}`' for member in kind)} |"


def _table(name: str, rows: str, columns: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    heads = ", ".join(f"`{one}`" for one in name.split(", "))
    yield f"### {heads}\n"
    if rows:
        yield f"{rows}\n"
    yield "| column | unit | meaning |\n|---|---|---|"
    yield from (f"| `{column}` | {unit} | {meaning} |" for column, unit, meaning in columns)
    yield ""


def _of_schema(schema: pa.Schema) -> Iterator[tuple[str, str, str]]:
    for field in schema:
        told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        yield field.name, told.get("unit", ""), told["meaning"]


def _of_text(columns: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    yield from ((name, "", meaning) for name, meaning in columns.items())
