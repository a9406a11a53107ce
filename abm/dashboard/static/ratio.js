// How one arm compares with another in any measure: ratio of the means of twin replicates with its 95 % interval, by day.

import { h, labelled, number, svg } from "./dom.js";
import { fullTitle } from "./arms.js";
import { MEDIUM } from "./enlarge.js";
import { area, dayMarks, frame, linear, logarithmic, path, small } from "./plots.js";

export class Ratio {
  constructor(facts, arms, ask, enlarger) {
    Object.assign(this, { facts, arms, ask });
    this.found = null;
    const again = () => this.again();
    this.over = h("select", { onchange: again });
    this.under = h("select", { onchange: again });
    this.measure = h("select", { onchange: again });
    this.day = h("input", { type: "range", min: 0, max: 28, step: 0.25, value: 15, oninput: () => this.tell() });
    this.result = h("output", { class: "result" });
    this.note = h("p", { class: "quiet" });
    this.chart = small({
      heading: () => (this.found ? `${this.letter(this.found.over)} over ${this.letter(this.found.under)}: ${this.title()}` : "Ratio of two views"),
      paint: (drawing, box) => this.paint(drawing, box),
      steps: () => Math.max(0, this.seen().length - 1),
      read: (step) => this.said(step),
      notes: () => this.note.textContent,
    }, enlarger, "ratio of two views", MEDIUM);
    this.element = h("section", { class: "card", "aria-label": "Ratio of two views" }, h("h3", { text: "Ratio of two views" }),
      h("div", { class: "abreast form" }, labelled("Of view", this.over), labelled("over its twins in view", this.under), labelled("Measure", this.measure)),
      this.chart.element, h("div", { class: "abreast form" }, labelled("On day", this.day)), h("p", {}, this.result), this.note);
  }

  relabel() {
    const arms = this.arms.list.filter((arm) => arm.info);
    const fill = (menu, fallback) => {
      const before = menu.value;
      menu.replaceChildren(...arms.map((arm) => h("option", { value: arm.number, text: fullTitle(arm.info) })));
      menu.value = arms.some((arm) => String(arm.number) === before) ? before : String(fallback);
    };
    fill(this.over, Math.min(arms.length - 1, 3));
    fill(this.under, arms.length > 2 ? 1 : 0);
    if (this.over.value === this.under.value && arms.length > 1) this.over.value = String(arms.find((arm) => String(arm.number) !== this.under.value).number);
    const chosen = this.measure.value || "cells_per_seeded", groups = new Map();
    for (const one of this.facts.measures) groups.set(one.group, [...(groups.get(one.group) ?? []), h("option", { value: one.name, text: one.title, selected: one.name === chosen })]);
    const own = [...new Map(arms.flatMap((arm) => arm.info.own.curves).map((one) => [one.name, one.title]))].map(([value, text]) => h("option", { value, text, selected: value === chosen }));
    this.measure.replaceChildren(...[...groups].map(([label, options]) => h("optgroup", { label }, options)), own.length ? h("optgroup", { label: "Of the scenario" }, own) : "");
    this.day.max = this.arms.end / 24;
    this.again();
  }

  again() {
    if (this.over.value && this.over.value !== this.under.value) this.ask("ratio", { over: Number(this.over.value), under: Number(this.under.value), measure: this.measure.value });
    else { this.found = null; this.note.textContent = this.arms.list.length > 1 ? "Choose two different views." : "A ratio needs two views: add one under Steer."; this.chart.redraw(); this.result.textContent = ""; }
  }

  take(said) {
    if (said.fault) { this.found = null; this.note.textContent = said.fault; this.draw(); return; }
    this.found = said;
    this.note.textContent = said.count
      ? `${said.count} pair${said.count > 1 ? "s" : ""} of twin background runs${said.missed ? `; ${said.missed} more missed by the infection are left out` : ""}. Ratio of means; band: 95 % interval (Student's t on its logarithm)${said.count < 2 ? ", from 2 pairs on" : ""}. Shown up to the present day.`
      : said.missed ? `The infection established in none of ${said.missed} background runs so far.` : "The background runs are under way.";
    this.draw();
  }

  draw() { this.chart.redraw(); this.tell(); }

  title() { return this.facts.measures.find((one) => one.name === this.found.measure)?.title ?? this.found.measure; }
  letter(at) { return this.arms.list[at]?.info?.letter ?? ""; }

  // Times up to now: what is to come is not given away.
  seen() { return this.found ? this.found.hours.filter((hour) => hour <= this.arms.hour) : []; }

  said(step) {
    const { hours, value, low, high, over, under } = this.found;
    if (value[step] === null || value[step] === undefined) return `Day ${((hours[step] ?? 0) / 24).toFixed(2)}: no ratio, as one of the means is 0`;
    const interval = low[step] === null ? "" : ` (95 % interval ${number(low[step])} to ${number(high[step])})`;
    return `Day ${(hours[step] / 24).toFixed(2)}: ${this.letter(over)} has ${number(value[step])} × the mean of ${this.letter(under)}${interval}`;
  }

  tell() {
    if (!this.found?.count) { this.result.textContent = ""; return; }
    const last = this.seen().length - 1, step = Math.min(Math.round((Number(this.day.value) * 24) / this.found.every), last);
    const text = `${this.said(step)}.${Number(this.day.value) * 24 > this.arms.hour + this.found.every ? " Later days are shown when the views are there." : ""}`;
    if (this.result.textContent !== text) this.result.textContent = text;
    this.day.setAttribute("aria-valuetext", `Day ${this.day.value}`);
  }

  paint(drawing, box) {
    const count = this.seen().length, end = this.arms.end / 24;
    const part = (name) => (this.found?.[name] ?? []).slice(0, count);
    const values = [...part("value"), ...part("low"), ...part("high")].filter((one) => one !== null && one > 0);
    const low = Math.max(Math.min(0.5, ...values), Math.min(...part("value").filter((one) => one > 0), 1) / 100), high = Math.min(Math.max(2, ...values), 100 * Math.max(1, ...part("value").filter((one) => one !== null)));
    const { x, y, floor, parts } = frame(box, { share: (day) => day / end }, logarithmic(low, high), { title: "day", ticks: dayMarks(end) });
    parts.push(svg("line", { x1: x(0), x2: x(end), y1: y(1), y2: y(1), class: "level" }));
    if (count) {
      const days = part("hours").map((hour) => hour / 24), style = `--arm: ${this.arms.list[this.found.over]?.info?.color}`;
      parts.push(area(days, part("low"), part("high"), x, y, { style, class: "band" }), path(days, part("value"), x, y, { style, class: "line" }));
    }
    parts.push(svg("line", { x1: x(this.arms.hour / 24), x2: x(this.arms.hour / 24), y1: box.top, y2: floor, class: "now" }));
    drawing.replaceChildren(...parts);
    drawing.setAttribute("aria-label", count ? `${this.chart.heading()}. ${this.said(count - 1)}` : "No ratio yet");
  }
}
