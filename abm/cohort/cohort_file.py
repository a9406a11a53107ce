"""Cohort files: TOML, checked like scenarios; all errors are reported at once with file, line, key and range."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.cohort.care_file import read_care, read_policies
from abm.cohort.death import Death
from abm.cohort.disease import MEASURED_AT, MONTH, YEAR, Disease, cells_of
from abm.cohort.distribution_file import read_distribution
from abm.cohort.host import OMICRON, USUAL_COMORBIDITY, Host
from abm.cohort.plan import Cohort, Distribution, Occasion
from abm.core.names import nearest
from abm.core.quantity import Quantity
from abm.rules.infection import VIRUSES
from abm.rules.parameters import Parameters
from abm.scenario.catalog import is_path, scenarios_folder
from abm.scenario.check import HOSTS, VIRUS_NAMES
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.hypothesis.entries import Own, own_of
from abm.scenario.read import note_conflicts
from abm.scenario.scenario import Scenario
from abm.scenario.toml.source import read_source
from abm.scenario.toml.table import Table, TableReading
from abm.scenario.toml.text import write_table
from abm.treatments.treatments import Infection

MOST_PATIENTS = 10_000_000
FOLLOW_UP = Quantity("length of follow-up", "h", 24.0, 20 * YEAR, "cohort")
AGE = Quantity("age at the start of follow-up", "years", 18.0, 100.0, "cohort")
COMORBIDITY = Quantity("number of other diseases of a patient", "", 0.0, 10.0, "cohort")
BURDEN = Quantity("dormant cells in the lung at diagnosis", "cell", 1.0, 1e9, "cohort")
SINCE = Quantity("time since diagnosis at the start of follow-up", "h", 0.0, 60 * YEAR, "cohort")
IMMUNITY = Quantity("strength of T cells at the usual age, 1 is usual", "", 0.05, 20.0, "cohort")
DOSE = Quantity("inoculum relative to that of the virus", "", 0.001, 1000.0, "cohort")
REACH = Quantity("share of the lung that an infection reaches at the usual age", "", 0.0, 1.0, "cohort")
SHARE = Quantity("share of the patients", "", 0.0, 1.0, "cohort")
EVERY = Quantity("time from one exposure to the next", "h", 24.0, 20 * YEAR, "cohort")
SEES = Quantity("smallest diameter that a scan can detect", "um", 500.0, 50000.0, "cohort")
TOP = (
    *("title", "story", "expect", "host", "patients", "follow_up", "seed"),
    *("patient", "virus", "infection", "care", "policy", "scan", "disease", "death", "host_laws", "section"),
    "parameters",
    *("substance", "cell", "rule"),
)
LIKE_THE_FIRST = dict.fromkeys(("Delta", "Alpha"), "leave it out: this variant is taken to be like the first one")
MOST_SECTIONS = 100  # of a patient
SIDE, FOUNDERS = 1000.0, 6.0  # um, cells: 1 mm2 with some clones; see docs/cohorts.md


def cohort_names() -> list[str]:
    """Names of the cohorts that come with Embers."""
    return sorted(path.stem for path in (scenarios_folder() / "cohorts").glob("*.toml"))


def load_cohort(name_or_path: str, patients: int | None = None) -> Cohort:
    """Load the cohort of this name, or from this .toml file.

    Args:
        name_or_path: of the cohort.
        patients: their number; default: as in the file.

    Raises:
        ScenarioError: the file has errors; reports all of them.
    """
    if is_path(name_or_path):
        path = Path(name_or_path)
    else:
        names = cohort_names()
        if name_or_path not in names:
            near = nearest(name_or_path, names)
            hint = f"nearest: {', '.join(near)}; " if near else ""
            hint += f"there are: {', '.join(names)}; a file of your own ends in .toml"
            raise ScenarioError([Fault("cohort", 0, "", f'"{name_or_path}"', "there is no such cohort", hint=hint)])
        path = scenarios_folder() / "cohorts" / f"{name_or_path}.toml"
    cohort = read_cohort(path)
    return cohort if patients is None else replace(cohort, patients=patients)


def read_cohort(path: Path, text: str | None = None) -> Cohort:
    """Read the cohort in a file, or in `text` in place of the file.

    Raises:
        ScenarioError: the file has errors; reports all of them.
    """
    faults: list[Fault] = []
    source = read_source(path, text, faults)
    reading = TableReading(source, faults)
    told = write_table({name: value for name, value in source.table.items() if name != "extends"})
    cohort = _cohort(path.stem, Table(reading, source.table, ()))
    if reading.faults:
        raise ScenarioError(sorted(reading.faults, key=lambda fault: (fault.file, fault.line)))
    return replace(cohort, text=told)


def _cohort(name: str, top: Table) -> Cohort:
    told = {key: top.text(key) for key in ("title", "story", "expect")}
    host = top.choice("host", HOSTS, "human")
    patients = top.whole("patients", 500, 1, MOST_PATIENTS)
    follow_up = top.number("follow_up", FOLLOW_UP, 52 * MONTH)
    values: dict[str, Any] = {"patients": patients, "follow_up": follow_up, "seed": top.whole("seed", 1)}
    values |= _patient(top.table("patient"))
    virus = top.table("virus")
    values |= _virus(virus)
    values["occasions"] = tuple(_occasion(row, follow_up) for row in top.rows("infection"))
    care = top.table("care")
    values["admission"] = care.number("admission", REACH, 0.25)
    names = tuple(virus_name for virus_name, _ in values["viruses"])
    own = own_of(top)
    treated = Scenario(
        host=host, duration=follow_up, record_every=240.0, snapshots=(), substances=own.substances, cells=own.cells,
        rules=own.rules,
    )  # fmt: skip
    values["care"] = read_care(care, None, treated, names)
    values["policies"] = read_policies(top.rows("policy"), values["care"], treated, names)
    scan = top.table("scan")
    values["scan_sees"] = scan.number("sees", SEES, 4000.0)
    values["sensitivity"] = scan.number("sensitivity", REACH, 0.9)
    scan.finish(("sees", "sensitivity"))
    values["disease"] = _disease(top.table("disease"))
    values["death"] = top.table("death").group(Death())
    values["hosts"] = top.table("host_laws").group(Host())
    values["scenario"], values["sections"] = _scenario(top, treated, names, own)
    _check_rest(top, values["scenario"])
    top.finish(TOP)
    return Cohort(name, told["title"] or name, told["story"], told["expect"], **values)


def _disease(table: Table) -> Disease:
    disease: Disease = table.group(Disease())
    if disease.still_size >= disease.symptoms:
        _refuse_written(
            table, ("still_size", "symptoms"), "lesions that stop growing would stop only after symptoms",
            f"still_size, {disease.still_size / 1000.0:g} mm, below symptoms, {disease.symptoms / 1000.0:g} mm",
        )  # fmt: skip
    least = cells_of(MEASURED_AT, disease.packing)
    if disease.limit <= least:
        _refuse_written(
            table, ("limit", "packing"), "a lesion cannot reach 1 cm, at which its doubling time is told",
            f"a limit of more than {least:.3g} cell",
        )  # fmt: skip
    return disease


def _refuse_written(table: Table, names: tuple[str, ...], problem: str, allowed: str) -> None:
    """Refuse the first of these keys that the file has, unless it has a fault already."""
    for name in names:
        key = (*table.key, name)
        if key in table.reading.written and key not in table.reading.faulty:
            table.reading.refuse(key, table.reading.written[key], problem, allowed=allowed)
            return


def _patient(table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {
        "age": read_distribution(table, "age", AGE, Distribution("fixed", 65.0)),
        "female": table.number("female", SHARE, 1.0),
        "comorbidity": read_distribution(table, "comorbidity", COMORBIDITY, Distribution("fixed", USUAL_COMORBIDITY)),
        "burden": read_distribution(table, "burden", BURDEN, Distribution("log-normal", 800.0, 3.0)),
        "since_diagnosis": read_distribution(table, "since_diagnosis", SINCE, Distribution("fixed", 5 * YEAR)),
        "immunity": read_distribution(table, "immunity", IMMUNITY, Distribution("fixed", 1.0)),
    }
    youngest, longest = values["age"].at(0.0), values["since_diagnosis"].at(1.0) / YEAR
    if longest >= youngest and not table.reading.faulty:
        key = (*table.key, "since_diagnosis")
        table.reading.refuse(
            key, f"up to {longest:.4g} years", f"is possible, but the youngest patient is {youngest:g} years old",
            allowed=f"less than {youngest:g} years", hint="set the low of age or the high of since_diagnosis",
        )  # fmt: skip
    table.finish(values)
    return values


def _virus(table: Table) -> dict[str, Any]:
    shares = table.table("shares")
    found = {name: shares.number(name, SHARE, 0.0) for name in list(shares.content) if name in VIRUS_NAMES}
    shares.finish(VIRUS_NAMES)
    if found and "name" in table.content:
        table.refuse(
            "name", table.take("name"), "stands beside shares, which name the viruses", hint="remove one of them"
        )
    if not found:
        found = {table.choice("name", VIRUS_NAMES, VIRUS_NAMES[0]): 1.0}
    elif abs(sum(found.values()) - 1.0) > 1e-6:
        table.refuse("shares", f"{sum(found.values()):g}", "do not sum up to 1", "shares that sum up to 1")
    values: dict[str, Any] = {
        "viruses": tuple(found.items()),
        "variant": table.choice("variant", (OMICRON,), "", LIKE_THE_FIRST),
        "dose": read_distribution(table, "dose", DOSE, Distribution("fixed", 1.0)),
        "reach": read_distribution(table, "reach", REACH, Distribution("fixed", 0.05)),
    }
    if values["variant"] and "SARS-CoV-2" not in found:
        table.refuse("variant", values["variant"], f"is a variant of SARS-CoV-2, not of {' or '.join(found)}")
    table.finish(("name", "shares", "variant", "dose", "reach"))
    return values


def _occasion(row: Table, follow_up: float) -> Occasion:
    time = Quantity("time of infection since the start of follow-up", "h", 0.0, 20 * YEAR, "cohort")
    when = read_distribution(row, "time", time, Distribution("fixed", 0.0))
    attack, every = row.number("attack", SHARE, 1.0), row.number("every", EVERY, 0.0)
    last = when.second if when.kind == "uniform" else when.first
    if last >= follow_up and not row.reading.faulty.intersection({(*row.key, "time"), ("follow_up",)}):
        row.refuse(
            "time", f"{last / 24.0:.4g} d", "is after the end of follow-up", f"0 to less than {follow_up / 24:g} d"
        )
    row.finish(("time", "attack", "every"))
    return Occasion(replace(when, high=min(when.high, follow_up)), attack, every)


def _scenario(top: Table, treated: Scenario, names: tuple[str, ...], own: Own) -> tuple[Scenario, int]:
    """Host, section, parameters, and the declarations of the file (from `treated`); number of sections per patient."""
    usual = Parameters(virus=VIRUSES[names[0], treated.host])
    usual = usual._replace(dormancy=usual.dormancy._replace(founders=FOUNDERS))
    scenario = Scenario(
        name="patient", host=treated.host, virus=names[0], parameters=usual, snapshots=(), infections=(Infection(),),
        substances=own.substances, cells=own.cells, rules=own.rules,
    )  # fmt: skip
    start = scenario.parameters
    parameters = top.table("parameters").group(start)
    if len(names) > 1 and parameters.virus != start.virus:
        key = ("parameters", "virus")
        top.reading.refuse(key, "", "there are two viruses, whose parameters cannot be changed together")
    section = top.table("section")
    side = Quantity("side of the section", "um", 160.0, 4000.0, "cohort")
    width, height = (section.number(name, side, SIDE) for name in ("width", "height"))
    seed = section.whole("layout_seed", 1)
    count = section.whole("count", 1, least=1)
    if count > MOST_SECTIONS:
        section.refuse("count", count, "are too many sections of a patient", f"1 to {MOST_SECTIONS}")
    section.finish(("width", "height", "layout_seed", "count"))
    scenario = replace(scenario, parameters=parameters, layout_seed=seed, width=width, height=height)
    note_conflicts(scenario, top.reading, {"rule": own.rows})
    return scenario, count


def _check_rest(top: Table, scenario: Scenario) -> None:
    """Reject parameters and rules without a resting state, under which awakened clones would never stop growing."""
    if scenario.rules and top.reading.faults:
        return
    if problem := problem_at_rest(scenario):
        top.reading.refuse(("parameters", "dormancy"), "", problem, hint="raise return_rate or cycle_time")


def problem_at_rest(scenario: Scenario) -> str:
    """Why the parameters and rules of a scenario allow no resting state; empty if they do."""
    from abm.cohort.at_rest import rates_at, resting_proliferating_share, resting_rates

    p = scenario.parameters
    by_rules = any(rule.on for rule in scenario.rules)
    rates = resting_rates(scenario) if by_rules else rates_at(0.0, 1.0, p.matrix.collagen_start, p.dormancy)
    try:
        resting_proliferating_share(rates, p.dormancy)
    except ValueError as error:
        return str(error)
    return ""
