// Who secretes IL-6, as stacked areas over time, one drawing per arm on one scale.

import { button, h, number, svg, tick } from "./dom.js";
import { fullTitle } from "./arms.js";
import { area, dayMarks, frame, linear, small } from "./plots.js";

const SHOWN = 0.001; // share of the highest total from which a source is listed

export class Secretion {
  constructor(facts, arms, act, enlarger) {
    Object.assign(this, { facts, arms, act, enlarger });
    this.charts = [];
    this.plots = h("div", { class: "plots" });
    this.key = h("ul", { class: "swatches" });
    this.map = button("Show the map", () => act.overlay(act.page.options.overlay === "il6_sources" ? "" : "il6_sources"), { class: "small" });
    this.level = tick("Line of the awakening level", false, (on) => act.level_line(on));
    this.element = h("section", { class: "card wide", "aria-label": "Who secretes IL-6" }, h("h3", { text: "Who secretes IL-6" }),
      h("p", { class: "quiet", text: "Rise of the mean IL-6 of the section by each type of cell (ng/mL per hour), every 6 h. On the map, the color is that of the type that secretes most in each 40 µm square." }),
      h("p", { class: "abreast" }, this.map, this.level), this.key, this.plots);
  }

  relabel() {
    if (this.charts.length !== this.arms.list.length) {
      this.charts = this.arms.list.map((_, at) => this.chart(at));
      this.plots.replaceChildren(...this.charts.map((chart) => chart.element));
    }
    const on = this.act.page.options.overlay === "il6_sources";
    this.map.textContent = on ? "Hide the map" : "Show the map";
    this.map.setAttribute("aria-pressed", String(on));
    this.level.querySelector("input").checked = this.act.page.options.level;
  }

  chart(at) {
    const arm = () => this.arms.list[at];
    return small({
      heading: () => (arm()?.info ? fullTitle(arm().info) : ""),
      longTitle: () => `Secretion of IL-6 (ng/mL/h): ${fullTitle(arm().info)}`,
      paint: (drawing, box) => this.paint(arm(), drawing, box),
      steps: () => Math.max(0, (arm()?.secreted.length ?? 1) - 1),
      read: (step) => `Day ${((step * this.facts.secretedEvery) / 24).toFixed(2)}: ${this.listed().filter((one) => arm().secreted[step]?.[one] > 0).map((one) => `${this.facts.sources[one].name} ${number(arm().secreted[step][one])}`).join(", ")} ng/mL/h`,
      notes: () => `Stacked, from below: ${this.listed().map((one) => this.facts.sources[one].name.toLowerCase()).join(", ").replaceAll("nk ", "NK ")}. The upper edge is the secretion by all cells.`,
    }, this.enlarger, `secretion in view ${"ABCD"[at]}`);
  }

  // Sources that matter in any arm.
  listed() {
    const most = this.highest();
    return this.facts.sources.map((_, at) => at).filter((at) => this.arms.list.some((arm) => arm.secreted.some((row) => row[at] > SHOWN * most)));
  }

  highest() {
    return Math.max(1e-6, ...this.arms.list.flatMap((arm) => arm.secreted.map((row) => row.reduce((sum, one) => sum + one, 0))));
  }

  draw() {
    const listed = this.listed();
    const text = listed.join();
    if (text !== this.known) {
      this.known = text;
      this.key.replaceChildren(...listed.map((at) => h("li", {}, h("i", { class: "swatch", style: `--arm: rgb(${this.facts.sources[at].color})` }), this.facts.sources[at].name)));
    }
    this.charts.forEach((chart) => chart.redraw());
  }

  paint(arm, drawing, box) {
    if (!arm?.secreted.length) return;
    const hours = arm.secreted.map((_, at) => at * this.facts.secretedEvery), end = this.arms.end / 24;
    const up = linear(0, this.highest());
    const { x, y, parts, floor } = frame(box, { share: (day) => day / end }, up, { title: "day", ticks: dayMarks(end) });
    const days = hours.map((hour) => hour / 24);
    let below = hours.map(() => 0);
    for (const at of this.listed()) {
      const above = below.map((sum, row) => sum + arm.secreted[row][at]);
      parts.push(area(days, below, above, x, y, { style: `--arm: rgb(${this.facts.sources[at].color})`, class: "stacked" }));
      below = above;
    }
    parts.push(svg("line", { x1: x(this.arms.hour / 24), x2: x(this.arms.hour / 24), y1: box.top, y2: floor, class: "now" }));
    drawing.replaceChildren(...parts);
    const last = arm.secreted.at(-1), total = last.reduce((sum, one) => sum + one, 0);
    drawing.setAttribute("aria-label", `Secretion of IL-6 in ${fullTitle(arm.info)}: ${number(total)} ng/mL per hour; ${this.listed().map((at) => `${this.facts.sources[at].name} ${number(total ? (100 * last[at]) / total : 0)} %`).join(", ")}`);
  }
}
