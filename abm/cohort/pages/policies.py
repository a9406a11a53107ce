"""For epidemiologists: benefit, harm and net benefit of policies."""

from __future__ import annotations

from collections.abc import Iterator

from abm.cohort.analysis import FOUND, INFECTED, Tables
from abm.cohort.pages.words import PREDICTION, table
from abm.cohort.statistics.benefit import GOALS, benefit, harms, number_needed, predictors, prevented
from abm.cohort.statistics.risk_model import risk_model


def benefit_tables(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    """Patients helped and harmed, twin by twin; numbers needed to treat and to harm."""
    rows, needed = [], []
    for name in tables.policies:
        one = benefit(tables, name)
        rows.append((
            titles[name], f"{100 * one.spared:.2g} %", f"{100 * one.harmed:.2g} %", f"{100 * one.same:.3g} %",
            f"{one.gained.value:+.2f} ({one.gained.low:+.2f} to {one.gained.high:+.2f})",
            f"{100 * one.earlier:.2g} %, by {one.earlier_by:.1f} months" if one.earlier else "none",
        ))  # fmt: skip
        goods = (number_needed(prevented(tables, name, end)) for end in GOALS)
        bads = (number_needed(share, "to harm one", "to spare one") for share in harms(tables, name).values())
        needed.append((titles[name], *goods, *bads))
    yield f"Compared with usual care, share of the infected patients ({PREDICTION}):"
    heads = ("policy", "metastasis found only under usual care", "found only under the policy", "neither",
             "months without a found metastasis gained, mean", "found earlier, median")  # fmt: skip
    yield table(heads, rows)
    yield f"Number needed to treat so that one more patient is ..., and number needed to harm one ({PREDICTION}):"
    bad = next(iter(harms(tables, name) for name in tables.policies))
    yield table(("policy", *GOALS.values(), *bad), needed)
    yield (
        "An interval that includes no effect runs from a number needed to treat through infinity to a number needed to "
        "harm (Altman 1998, doi:10.1136/bmj.317.7168.1309). Shares are compared within patients by empirical "
        "likelihood (Owen 2001), with an interval that keeps a width even if all simulated patients agree."
    )
    yield "Rank correlations of traits with the months gained, if the 95 % interval excludes 0:\n\n" + "\n".join(
        f"- {titles[name]}: {_clear(tables, name)}." for name in tables.policies
    )


def _clear(tables: Tables, name: str) -> str:
    found = predictors(tables, name)
    clear = found[(found["low"] > 0.0) | (found["high"] < 0.0)]
    return "; ".join(f"{row.trait} ({row.rho:+.2f})" for row in clear.itertuples()) or "no trait known beforehand"


def net_benefit_text(tables: Tables) -> Iterator[str]:
    """The risk model behind the decision curves, and how to read them."""
    model = risk_model(tables, INFECTED, FOUND)
    if model is None:
        return
    rows = [(row.trait, f"{row.ratio:.3g} ({row.low:.3g} to {row.high:.3g})") for row in model.odds.itertuples()]
    yield (
        "The left panel shows whether the prediction identifies the patients in whom a metastasis will be found under "
        "usual care (decision curve: Vickers and Elkin 2006, doi:10.1177/0272989X06295361). The other panels show the "
        "effect of the policy itself, which only twins can show: the metastases prevented, minus the number that the "
        "treatments must prevent to be worth their burden (after Vickers, Kattan and Sargent 2007, Trials 8:14). The "
        "choices are to treat patients whose predicted benefit is above the threshold, all, or none (0): the highest "
        "line is the best choice."
    )
    yield (
        "The prediction is a logistic regression on the traits known beforehand, fitted to the infected patients with "
        "odd numbers. The curves are for the patients with even numbers, who were not used in the fit. Concordance, "
        "the probability that of two patients the one with a metastasis had the higher prediction: "
        f"{model.concordance:.2f} ({PREDICTION})."
    )
    yield table((f"known beforehand ({PREDICTION})", "odds ratio of a found metastasis"), rows)
