"""Decision curves: whom to treat, and what each policy gains."""

from __future__ import annotations

from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.cohort.analysis import FOUND, INFECTED, Tables
from abm.cohort.drawings.style import colors_of, framed
from abm.cohort.statistics.net_benefit import ALL, PREDICTED, decision_curve, policy_curve
from abm.cohort.statistics.risk_model import risk_model

MOST_POLICIES = 3  # panels of policies


def net_benefit_figure(tables: Tables, titles: dict[str, str]) -> Figure | None:
    """Net benefit in metastases found per 1,000 patients; None if too few have one, or none is infected."""
    model = risk_model(tables, INFECTED, FOUND)
    if model is None:
        return None
    policies = {name: curve for name in tables.policies if (curve := policy_curve(tables, name, FOUND)) is not None}
    shown = list(policies)[:MOST_POLICIES]
    figure = framed(
        4.6 + 4.1 * max(1, len(shown)), 5.0, "Net benefit: treat all, none, or those at high predicted risk",
        "Shaded: 95 % intervals over the patients not used to fit the prediction.",
    )  # fmt: skip
    panels = figure.subplots(1, 1 + len(shown), squeeze=False)[0]
    color = colors_of(tables)
    _draw(panels[0], decision_curve(model), color[INFECTED], 100.0)
    panels[0].set(title="Predicted risk under usual care", xlabel="risk above which one would treat, %")
    panels[0].set_ylabel("net benefit, metastases per 1,000 patients")
    for axes, name in zip(panels[1:], shown, strict=True):
        _draw(axes, policies[name], color[name], 1000.0)
        axes.set(
            title=fill(titles[name], 34),
            xlabel="metastases to prevent per 1,000 treated\nfor treatment to be worthwhile",
        )
    return figure


def _draw(axes: Axes, rows: object, color: str, scale: float) -> None:
    for who, line, shade in ((ALL, "--", 0.08), (PREDICTED, "-", 0.2)):
        own = rows[rows["who"] == who]  # type: ignore[index]
        x = scale * own["threshold"]
        axes.fill_between(x, 1000 * own["low"], 1000 * own["high"], color=color, alpha=shade, linewidth=0)
        axes.plot(x, 1000 * own["value"], line, color=color, lw=1.9, label=who)
    axes.axhline(0.0, color="0.45", lw=1.0, label="treat none")
    top = max(float(1000 * rows["high"].max()), 1.0)  # type: ignore[index]
    axes.set(ylim=(-0.35 * top, 1.06 * top), xlim=(0, float(x.max())))
    axes.legend(fontsize=9, loc="upper right")
