"""Care and policies in a cohort file; drugs are read and checked like the treatments of a scenario."""

from __future__ import annotations

from dataclasses import replace

from abm.cohort.plan import ADMITTED, EVERYONE, USUAL_TITLES, Care, Policy
from abm.core.quantity import Quantity
from abm.scenario.check import conflicts
from abm.scenario.entries import treatment_of
from abm.scenario.scenario import Scenario
from abm.scenario.toml.table import Table
from abm.scenario.toml.units import hours_and_days
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor, OwnDrugGiven
from abm.treatments.treatments import VACCINE_RIPENING, Treatment

COVERAGE = Quantity("share of the patients", "", 0.0, 1.0, "cohort")
BEFORE = Quantity("how long before the first infection", "h", 0.0, 87660.0, "cohort")
SEVERITY = Quantity("least reach at which the treatment is given", "", 0.0, 1.0, "cohort")
DEATH = Quantity("factor on the risk of death from the infection under this treatment", "", 0.0, 5.0, "cohort")
SCANS = Quantity("time between scans", "h", 168.0, 87660.0, "cohort")
AFTER = Quantity("time from an infection to a scan, not longer than follow-up", "h", 0.0, 87660.0, "cohort")
OF_BLOCKADE = ("who", "severity", "infection_death", "serious_infection")  # say nothing without a treatment
BLOCKADE = (AntiIL6, AntiIL6Receptor, JakInhibitor, OwnDrugGiven)
KEYS = (
    *("vaccinated", "vaccinated_before", "antiviral", "who", "severity", "infection_death", "serious_infection"),
    *("scan_every", "scan_after_infection", "treatment"),
)


def read_care(table: Table, usual: Care | None, treated: Scenario, viruses: tuple[str, ...]) -> Care:
    """Read the care in a table; missing keys are as in usual care.

    treated: for checking treatments: host, length, and the drugs that rules of the file respond to.
    """
    before = usual or Care()
    given = [_given(row, treated, viruses) for row in table.rows("treatment")]
    drugs = [drug for drug in given if drug is not None]
    antivirals = tuple(drug for drug in drugs if isinstance(drug, Antiviral))
    blockade = tuple(drug for drug in drugs if isinstance(drug, BLOCKADE))
    after = table.times("scan_after_infection", replace(AFTER, high=treated.duration))
    of_blockade = {name: table.content[name] for name in OF_BLOCKADE if name in table.content}
    care = Care(
        vaccinated=table.number("vaccinated", COVERAGE, before.vaccinated),
        before=table.number("vaccinated_before", BEFORE, before.before),
        antiviral=table.number("antiviral", COVERAGE, 1.0 if antivirals else before.antiviral),
        antivirals=antivirals or before.antivirals,
        blockade=blockade or before.blockade,
        who=table.choice("who", (EVERYONE, ADMITTED), before.who),
        severity=table.number("severity", SEVERITY, before.severity),
        infection_death=table.number("infection_death", DEATH, before.infection_death),
        serious_infection=table.number("serious_infection", COVERAGE, before.serious_infection),
        scan_every=_scan_every(table, before, treated.duration),
        scans_after=before.scans_after if after is None else after,
    )
    if care.antiviral > 0.0 and not care.antivirals and not table.reading.faulty:
        table.refuse("antiviral", care.antiviral, "no antiviral is named", hint='add a treatment of type = "antiviral"')
    if not care.blockade and not table.reading.faulty:
        for name, value in of_blockade.items():
            problem = "belongs to a treatment against IL-6 or a drug of the file's own, and none is named"
            table.refuse(name, value, problem, hint="add [[policy.treatment]]")
    if care.vaccinated > 0.0 and care.before < VACCINE_RIPENING and not table.reading.faulty:
        table.refuse("vaccinated_before", f"{care.before:g} h", "is before the vaccine protects",
                     f"{VACCINE_RIPENING / 24.0:g} d or more")  # fmt: skip
    table.finish(KEYS if usual else (*KEYS, "admission"))
    return care


def _scan_every(table: Table, before: Care, follow_up: float) -> float:
    """Time between scans [h]; one that is given must leave a scan in follow-up [h]."""
    is_given = "scan_every" in table.content
    every = table.number("scan_every", SCANS, before.scan_every)
    if is_given and every >= follow_up:
        allowed = f"{hours_and_days(SCANS.low)} or more, and less than follow-up, {hours_and_days(follow_up)}"
        table.refuse("scan_every", f"{every:g} h", "leaves no scan in follow-up", allowed)
    return every


def read_policies(rows: list[Table], usual: Care, treated: Scenario, viruses: tuple[str, ...]) -> tuple[Policy, ...]:
    """Read all policies; their names must differ."""
    policies: list[Policy] = []
    for row in rows:
        name, title = row.text("name"), row.text("title")
        taken = [*USUAL_TITLES, *(policy.name for policy in policies)]
        if not name or name in taken:
            row.refuse("name", name, "is missing" if not name else "stands there already")
        titles = [*USUAL_TITLES.values(), *(policy.title for policy in policies)]
        if (title or name) in titles:
            row.refuse("title", title or name, "stands there already", hint="each arm needs a title of its own")
        care = read_care(row, usual, treated, viruses)
        if care == usual and not row.reading.faulty:
            row.refuse("name", name, "changes nothing of usual care")
        policies.append(Policy(name, title or name, care))
    return tuple(policies)


def _given(row: Table, treated: Scenario, viruses: tuple[str, ...]) -> Treatment | None:
    """A treatment with times from the infection on; it must suit the host and act on one of its viruses."""
    treatment = treatment_of(row)
    if treatment is None:
        return None
    if not isinstance(treatment, (*BLOCKADE, Antiviral)):
        allowed = ", ".join(kind.type for kind in (*BLOCKADE, Antiviral))
        row.refuse("type", treatment.type, "is no policy of patients", allowed)
        return None
    known = row.reading.faulty
    problems = []
    for virus in viruses:
        found = conflicts(replace(treated, virus=virus, treatments=(treatment,)))
        problems.append([conflict for conflict in found if conflict.key[0] == "treatment"])
    if all(problems):
        for conflict in problems[0]:
            key = (*row.key, conflict.key[-1])
            if key not in known:
                value = row.reading.written.get(key, conflict.value)
                row.reading.refuse(key, value, conflict.problem, allowed=conflict.allowed, hint=conflict.hint)
        return None
    return treatment
