// Real cells of the run that explain it: each at the hour that matters, beside its twins in the other lungs.

import { button, day, h, number, tick } from "./dom.js";

const SEEN = 40; // sites across, at a cell

export function showExplain(at) {
  const result = at.state.results[at.state.shown];
  if (!result) { at.instead("run"); return; }
  at.cell ??= 0;
  const overlay = { on: true };
  const show = async (number) => {
    at.turn(); // another cell may be on its way
    at.cell = number;
    const cell = result.cells[number];
    at.il6 = at.places = null;
    draw();
    if (!cell.found || !(await at.bring("run", at.lungOf(result), cell.hour))) return;
    const mine = at.turns, said = await at.answered("cell", { pick: cell.pick, at: number });
    if (at.turns !== mine) return;
    at.il6 = said.il6;
    at.places = said.places; // not those of the frame, which may still mark the cell before
    at.page.act.overlay(overlay.on && cell.overlay !== "none" ? cell.overlay : "");
    zoom(at, cell);
    draw();
  };
  const draw = () => {
    const cell = result.cells[at.cell];
    at.fill(
      h("p", { text: "Real cells of this run, each marked with a blue ring in every lung in which it, or its twin, lives." }),
      h("div", { class: "abreast", role: "group", "aria-label": "Cells" }, result.cells.map((_, number) => button(`Cell ${number + 1}`, () => show(number), { "aria-pressed": String(number === at.cell) }))),
      h("section", { class: "task cell-story" }, h("h3", { text: cell.says }), cell.found ? story(at, cell) : h("p", { text: "In this lung there is no such cell. Another lung may have one." }),
        cell.found && cell.overlay !== "none" ? tick("Show IL-6 in the lungs (light: little, dark: much)", overlay.on, (on) => { overlay.on = on; at.page.act.overlay(on ? cell.overlay : ""); }) : null,
        h("p", { class: "abreast" }, button("Whole lung", () => at.page.act.fit(), { class: "small" }), button("Zoom to the cell", () => zoom(at, cell), { class: "small" }))),
      h("section", { class: "task why" }, h("h3", { text: "Why" }), h("p", { text: result.explain }), result.limits ? [h("h3", { text: "What the model cannot say" }), h("p", { text: result.limits })] : null), at.ways());
  };
  show(at.cell);
}

function story(at, cell) {
  const rows = at.arms.map((arm, place) => h("tr", {}, h("th", { scope: "row" }, h("i", { class: "swatch", style: `--arm: ${at.color(place)}` }), arm.title),
    h("td", { text: at.il6 ? (at.il6[place] === null ? "not alive" : `${number(at.il6[place])} ng/mL`) : "…" }),
    h("td", { text: place === cell.arm ? cell.lines.join(" ") : capital(cell.twins.find((one) => one.arm === place).text) })));
  return h("div", {}, h("p", { class: "clock", text: `Day ${day(cell.hour)}` }),
    h("table", { class: "cell-table" }, h("thead", {}, h("tr", {}, ["Lung", "IL-6 there now", "What becomes of it"].map((text) => h("th", { scope: "col", text })))), h("tbody", {}, rows)),
    cell.overlay === "il6" ? h("p", { class: "quiet", text: `IL-6 has half of its full effect at ${number(at.page.act.level())} ng/mL (EC50 of the model).` }) : null);
}

// To the cell, or to a twin of it; to the whole lung where none is alive.
function zoom(at, cell) {
  const site = at.places?.[cell.arm] ?? at.places?.find(Boolean);
  if (site) look(at, site);
  else at.page.act.fit();
}

function look(at, site) {
  const { views } = at.page, view = views.views[0];
  views.zoom = Math.max(1, Math.max(view.arm.rows, view.arm.columns) / SEEN);
  views.middle = { x: site[0], y: site[1] };
  views.moveTo(view, 0, 0);
}

function capital(text) { return text[0].toUpperCase() + text.slice(1); }
