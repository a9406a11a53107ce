"""The replay as one HTML file: it opens from disk, asks nothing of any network, and holds all that it shows."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from abm.dashboard.content.charts import SUBSTANCES
from abm.dashboard.content.facts import facts
from abm.dashboard.live.frames import own_overlays
from abm.plots.palette import ArmStyle
from abm.plots.timeline import bars, differences
from abm.replay.bundle import bundled
from abm.replay.film import READ_OUT, Film, FilmArm, RenderError, known_overlays
from abm.replay.packing import packed_arm
from abm.reporting.citation import DOI, PAPER, embers_version
from abm.reporting.report import DISCLAIMER

LARGEST = 10_000_000  # bytes of a file: what mail and learning platforms take
STATIC = Path(__file__).parent / "static"
PAGE_STYLE = Path(__file__).parents[1] / "dashboard" / "static" / "style.css"
LETTERS = "ABCD"
FACTS = (  # of the page that the replay draws with
    *("activated", "sites", "epithelium", "colors", "cells", "layers", "cellOrder", "cancer", "causes", "clones"),
    *("difference", "cancerRadius", "rim", "ramp", "charts", "overlays", "haze", "glow"),
)
UNBROKEN = re.compile(r"(\w)-(?=\w)")  # hyphens at which a heading must not break: that of "IL-6"


def replay_page(film: Film, title: str = "", overlay: str = "") -> str:
    """The replay as text of an HTML file; the same film gives the same text.

    Args:
        film: what is shown.
        title: heading; by default the titles of the arms.
        overlay: name of the field that is shown at first; empty for none.

    Raises:
        RenderError: the file would be larger than `LARGEST`.
    """
    packed = [packed_arm(arm) for arm in film.arms]
    style = PAGE_STYLE.read_text(encoding="utf-8") + (STATIC / "replay.css").read_text(encoding="utf-8")
    script = bundled(STATIC / "main.js")
    fields = {
        "CSP": _policy(script, style),
        "TITLE": escape(title or film.title),
        "HEADING": escape(UNBROKEN.sub("\\1\u2011", title or film.title)),
        "GIVEN": "given" if title or len(film.arms) == 1 else "made",
        "KICKER": escape(_kicker(film)),
        "LEAD": escape(_lead(film)),
        "MISSING": f'<p class="notice">{escape(film.missing)}</p>' if film.missing else "",
        "ARMS": "".join(_card(arm, letter) for arm, letter in zip(film.arms, LETTERS, strict=False)),
        "CITATION": _citation(film),
        "DISCLAIMER": escape(DISCLAIMER),
        "STYLE": style,
        "SCRIPT": script,
        "TOLD": _json(_told(film, [arrays for arrays, _ in packed], overlay)),
        "FILMS": "\n".join(
            f'<script type="application/octet-stream" id="film-{at}">{data}</script>'
            for at, (_, data) in enumerate(packed)
        ),
    }
    page = (STATIC / "replay.html").read_text(encoding="utf-8")
    parts = page.split("@@")  # text, name, text, name, ..., text: what is put in is not looked through again
    text = "".join(fields[part] if at % 2 else part for at, part in enumerate(parts))
    if (size := len(text.encode())) > LARGEST:
        every = (film.end / (len(film.hours) - 1)) if len(film.hours) > 1 else 24.0
        raise RenderError(
            f"the replay takes {size / 1e6:.1f} MB; allowed: {LARGEST / 1e6:g} MB. Keep fewer frames, such as "
            f'--every "{max(2.0, round(every * size / LARGEST + 0.5)):g} h", or render fewer days or arms.'
        )
    return text


def _policy(script: str, style: str) -> str:
    """A Content-Security-Policy under which only this script and this style act, and nothing is loaded."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _told(film: Film, arrays: list[list[dict[str, Any]]], overlay: str) -> dict[str, Any]:
    """All that the script must know beside the arrays of the arms."""
    known = known_overlays([arm.scenario for arm in film.arms])
    there = [name for name in known if any(name in arm.frames[0].fields for arm in film.arms)]
    own = {name: one.name for arm in film.arms for name, one in own_overlays(arm.scenario).items()}
    shown = {name: facts()[name] for name in FACTS}
    shown["overlays"] = {name: known[name]._asdict() for name in there}
    shown["charts"] = [
        chart | {"choices": chart["choices"] | own} if chart["title"] == SUBSTANCES else chart
        for chart in shown["charts"]
    ]
    return {
        "facts": shown,
        "hours": [round(float(hour), 4) for hour in film.hours],
        "end": film.end,
        "level": film.arms[0].scenario.parameters.dormancy.half_response,
        "readOut": READ_OUT,
        "overlays": there,
        "shownOverlay": overlay if overlay in there else "",
        "missing": film.missing,
        "arms": [
            _arm(arm, letter, style) | {"arrays": own_arrays}
            for arm, letter, style, own_arrays in zip(film.arms, LETTERS, film.styles(), arrays, strict=False)
        ],
    }


def _arm(arm: FilmArm, letter: str, style: ArmStyle) -> dict[str, Any]:
    rows, columns = arm.kind.shape
    return {
        "title": arm.title,
        "letter": letter,
        "prediction": arm.is_prediction,
        "color": style.color,
        "dashed": style.dashed,
        "rows": rows,
        "columns": columns,
        "clones": arm.clones,
        "grids": {name: field.shape for name, field in arm.frames[0].fields.items()},
        "bars": [bar._asdict() for bar in bars(arm.scenario)],
        "news": [{"hour": one.hour, "text": f"{one.text[:1].upper()}{one.text[1:]}"} for one in arm.news],
        "ownCells": [one.title for one in arm.scenario.cells],
    }


def _json(value: Any) -> str:
    """JSON that can stand in a script element: no text in it can end that."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _kicker(film: Film) -> str:
    scenario = film.arms[0].scenario
    size = f"{scenario.width / 1000.0:g} mm x {scenario.height / 1000.0:g} mm"
    return f"{size} of {scenario.host} lung, {film.end / 24.0:g} days, seed {film.seed}"


def _lead(film: Film) -> str:
    if len(film.arms) == 1:
        return film.arms[0].scenario.story
    same = len({arm.kind.tobytes() for arm in film.arms}) == 1
    start = "the same section, dormant cells and draws of chance" if same else "the same draws of chance"
    return f"Twins: {start}. They differ only where the virus or a treatment acts."


def _card(arm: FilmArm, letter: str) -> str:
    """Story of an arm, what to expect, and what was run."""
    scenario = arm.scenario
    badge = '<span class="badge">prediction</span>' if arm.is_prediction else ""
    expect = scenario.expect.removesuffix(" A prediction.")
    note = " No experiment has tested this arm." if arm.is_prediction else ""
    parts = [
        f'<h3><span class="letter">{letter}</span> {escape(arm.title)} {badge}</h3>',
        _paragraph(scenario.story + note),
    ]
    if expect:
        parts.append(f"<details><summary>What is expected (predict first)</summary>{_paragraph(expect)}</details>")
    groups = "".join(_list(group) for group in differences(scenario))
    parts.append(f"<details><summary>Set-up and parameters that differ from the defaults</summary>{groups}</details>")
    return f'<article class="card">{"".join(parts)}</article>'


def _list(lines: Iterable[str]) -> str:
    heading, *others = lines
    return f"<h4>{escape(heading)}</h4><ul>{''.join(f'<li>{escape(line)}</li>' for line in others)}</ul>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text.strip() else ""


def _citation(film: Film) -> str:
    link = f'<a href="https://doi.org/{DOI}" rel="noopener noreferrer">doi:{DOI}</a>'
    return (
        f"Embers {escape(embers_version())}, results version {film.results}, seed {film.seed}. "
        f"It simulates the study of {escape(PAPER)}, {link}. Please cite both."
    )
