// The replay: one file that shows a film of up to four arms, with no server and no network.

import { Chips, onScreen } from "../../dashboard/static/chips.js";
import { css, day, h, number, select, tick } from "../../dashboard/static/dom.js";
import { Raster } from "../../dashboard/static/raster.js";
import { Bar, nearest } from "./bar.js";
import { Charts, colored } from "./charts.js";
import { unpackedFilm, valueAt } from "./film.js";
import { Views } from "./views.js";

const header = JSON.parse(document.getElementById("told").textContent);
const blobs = header.arms.map((_, at) => document.getElementById(`film-${at}`).textContent.trim());

class Replay {
  constructor(film) {
    this.film = film;
    const { facts } = film;
    this.look = {
      frame: 0, overlay: film.shownOverlay, colorBy: "state", alone: null, only: null, ahead: false,
      epithelium: true, immune: true, fibroblasts: true, cancer: true, haze: true,
    };
    this.act = {
      show: (frame) => { this.look.frame = frame; this.draw(); },
      seek: (hour) => this.bar.go(nearest(film.hours, Math.min(film.end, Math.max(0, hour)))),
      enlarge: (at) => { this.look.alone = at; this.views.arrange(); this.drawChips(); },
    };
    this.views = new Views(film, new Raster(facts), this.look, this.act);
    this.bar = new Bar(film, this.look, this.act);
    this.charts = new Charts(film, this.look, this.act);
    this.chips = new Chips((only) => { this.look.only = only; this.views.draw(); });
    this.news = h("ol", { class: "news" });
    this.numbers = h("tbody");
    document.getElementById("replay").replaceChildren(this.views.element, this.bar.element, this.chips.element, this.tools(),
      h("div", { class: "below" }, this.charts.element, this.teach()), this.table());
    this.views.arrange();
    const day = /day=([\d.]+)/.exec(location.hash);
    this.act.show(day ? nearest(film.hours, Number(day[1]) * 24) : 0);
  }

  tools() {
    const { facts } = this.film, look = (changes) => { Object.assign(this.look, changes); this.draw(); };
    this.ramp = h("div", { class: "ramp" });
    return h("div", { class: "tools", role: "group", "aria-label": "What is shown" },
      h("label", { class: "pair" }, "Overlay", select([["", "none"], ...this.film.overlays.map((name) => [name, facts.overlays[name].name])], this.look.overlay, (overlay) => look({ overlay }))), this.ramp,
      h("label", { class: "pair" }, "Cancer cells by", select([["state", "state"], ["clone", "clone"], ["cause", "cause of awakening"]], "state", (colorBy) => look({ colorBy }))),
      ...Object.entries(facts.layers).filter(([name]) => name !== "haze" || this.film.overlays.includes(facts.haze.field)).map(([name, text]) => tick(text, true, (on) => look({ [name]: on }))),
      tick("Curves to the end", false, (ahead) => look({ ahead })));
  }

  teach() {
    return h("section", { class: "teach" }, h("h2", { text: "What happened so far" }),
      h("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": "What happened so far" }, this.news));
  }

  table() {
    const heads = this.film.arms.map((arm) => h("th", { scope: "col", text: `${arm.letter}: ${arm.title}` }));
    return h("details", { class: "numbers" }, h("summary", { text: "Numbers at the shown time" }),
      h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Numbers at the shown time" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col", text: "Measure" }), heads)), this.numbers)));
  }

  draw() {
    this.views.draw();
    this.bar.draw();
    this.charts.draw();
    this.drawRamp();
    this.drawChips();
    this.drawNews();
    this.drawNumbers();
    this.drawn = (this.drawn ?? 0) + 1;
  }

  drawRamp() {
    const overlay = this.film.facts.overlays[this.look.overlay];
    this.ramp.hidden = !overlay;
    if (!overlay || this.ramp.dataset.overlay === this.look.overlay) return;
    this.ramp.dataset.overlay = this.look.overlay;
    const ramp = h("i"), stops = this.film.facts.ramp.filter((_, at) => at % 15 === 0).map(css).join(", ");
    ramp.style.background = `linear-gradient(to right, ${stops})`;
    this.ramp.replaceChildren(h("span", { text: overlay.low.toLocaleString("en-US") }), ramp,
      h("span", { text: `${overlay.high.toLocaleString("en-US")} ${overlay.unit}${overlay.log ? ", log" : ""}` }));
  }

  drawChips() {
    const { facts, arms } = this.film, { look } = this, shown = look.alone === null ? arms : [arms[look.alone]];
    this.chips.draw(onScreen(facts, shown, look, ({ rows, columns }) => ({ left: 0, top: 0, right: columns, bottom: rows }), (kind) => this.cellName(kind)));
  }

  // The name of a type of mobile cell; types of a scenario's own have the names that arms give them.
  cellName(kind) {
    const { facts, arms } = this.film, cell = facts.cells[kind], slot = kind - facts.cells.findIndex((one) => one.own);
    if (!cell.own) return cell.name;
    return [...new Set(arms.map((arm) => arm.ownCells[slot]).filter(Boolean))].join(" / ") || cell.name;
  }

  drawNews() {
    const { arms, hours } = this.film, hour = hours[this.look.frame];
    const past = arms.flatMap((arm) => arm.news.filter((one) => one.hour <= hour + 1e-6).map((one) => ({ ...one, arm })));
    if (past.length === this.newsCount) return;
    this.newsCount = past.length;
    past.sort((one, other) => other.hour - one.hour);
    this.news.replaceChildren(...past.map(({ arm, hour: at, text }) => h("li", {}, h("b", { text: `Day ${day(at)}` }),
      colored(h("span", { class: "letter", title: arm.title, text: arm.letter }), arm), text)));
    if (!past.length) this.news.append(h("li", { class: "quiet", text: this.film.missing ? "This file has no sentences on what happened." : "Press Play." }));
  }

  drawNumbers() {
    const { arms, facts, hours } = this.film, hour = hours[this.look.frame];
    const shown = facts.charts.flatMap((chart) => Object.entries(chart.choices).map(([measure, name]) => ({ measure, name, chart })));
    this.numbers.replaceChildren(...shown.filter(({ measure }) => arms.some((arm) => arm.curves[measure])).map(({ measure, name, chart }) => h("tr", {},
      h("th", { scope: "row" }, name, h("span", { class: "unit", text: ` ${chart.unit}` })),
      arms.map((arm) => h("td", { text: number(told(valueAt(arm, measure, hour) * chart.factor, chart.floor)) })))));
  }
}

// Far below what a chart shows, a number is none.
function told(value, floor) {
  return Math.abs(value) < floor / 1000 ? 0 : value;
}

// Light or dark as the system has it; nothing is stored, which some viewers of files forbid.
const dark = matchMedia("(prefers-color-scheme: dark)");
function dress() { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; }
dark.addEventListener("change", dress);
dress();

async function begin() {
  try {
    window.replay = new Replay(await unpackedFilm(header, blobs));
  } catch (error) {
    const lacking = typeof DecompressionStream === "undefined";
    document.getElementById("replay").replaceChildren(h("p", { class: "notice", role: "alert", text: lacking
      ? "This browser is too old for the replay: it needs Chrome 103, Firefox 113, Safari 16.4 or newer."
      : `The replay cannot be shown (${error.message}). The file may be damaged: get it again.` }));
    throw error;
  }
}

begin();
