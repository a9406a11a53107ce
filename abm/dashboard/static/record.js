// The record of a cell: IL-6, STAT3 signal, niche and hazard over time in every arm, against the threshold that was drawn.

import { cited, day, h, number, svg } from "./dom.js";
import { fullTitle } from "./arms.js";
import { dayMarks, frame, linear, logarithmic, path, small } from "./plots.js";

const COURSES = [ // column, heading, unit, whether its axis is logarithmic, its lowest mark
  ["il6", "IL-6 at the cell", "ng/mL", true, 0.001], ["signal", "STAT3 signal", "1 = full", false, 0],
  ["integrity", "Integrity of the niche", "1 = intact", false, 0], ["rate", "Hazard of awakening", "1/h", true, 1e-6],
  ["passed", "Hazard gone through", "awakens at the line", false, 0],
];

export class CellRecord {
  constructor(facts, arms, ask, enlarger) {
    Object.assign(this, { facts, arms, enlarger });
    this.traces = [];
    this.ask = () => { ask("record"); this.status.textContent = "Running this lung again to follow the cell …"; };
    this.about = h("h3", { text: "Why a cell awakened" });
    this.status = h("p", { class: "quiet", role: "status", text: "Click on a cancer cell in a view (or press Enter there), then choose “Why did it awaken?” below its story." });
    this.again = h("button", { type: "button", class: "small", onclick: () => this.ask(), hidden: true }, "Why did it awaken?");
    this.lines = h("div", { class: "lines" });
    this.charts = COURSES.map((course) => this.chart(course));
    this.plots = h("div", { class: "plots", hidden: true }, this.charts.map((chart) => chart.element));
    this.key = h("ul", { class: "swatches" });
    this.laws = h("div", { class: "laws", hidden: true });
    this.element = h("section", { class: "card wide", "aria-label": "Why a cell awakened" }, this.about, this.status, this.again, this.lines, this.key, this.plots, this.laws);
  }

  relabel() {}
  draw() {}

  picked(story) {
    this.again.hidden = !story;
    if (story) this.again.textContent = `Why did the picked cell of clone ${story.clone} awaken, or not?`;
  }

  take(said) {
    if (said.fault) { this.status.textContent = said.fault; return; }
    Object.assign(this, { traces: said.traces, reach: said.reach });
    const left = said.total - said.traces.length;
    this.about.textContent = `Why a cell of clone ${said.clone} ${said.traces[0].awakening ? "awakened" : "has not awakened"}`;
    this.status.textContent = `Computed by running view ${this.letter(said.traces[0])} again, hour by hour: the same numbers as in the view.${left ? ` ${left} twin${left > 1 ? "s" : ""} to follow …` : ""}`;
    this.lines.replaceChildren(...said.lines.map((text) => h("p", { text })));
    this.key.replaceChildren(...this.traces.map((one) => h("li", {}, h("i", { class: "swatch", style: `--arm: ${this.info(one)?.color}` }), this.info(one) ? `${fullTitle(this.info(one))}: ${outcome(one)}` : "")));
    this.plots.hidden = this.laws.hidden = false;
    this.charts.forEach((chart) => chart.redraw());
    this.law(said.laws);
  }

  // The law with its numbers, and where they come from.
  law(laws) {
    const known = new Map(this.facts.parameters.map((one) => [one.name, one]));
    this.laws.replaceChildren(
      h("p", { text: "Law: hazard = awakening × STAT3 signal × niche (half of it where a CD8 T cell touches the cell) + awakening without IL-6. The signal follows IL-6ⁿ / (EC50ⁿ + IL-6ⁿ) with its memory." }),
      h("details", {}, h("summary", { text: "Numbers of the law and their sources" }), h("table", {}, h("tbody", {}, laws.map((one) => {
        const parameter = known.get(one.name);
        return h("tr", {}, h("th", { scope: "row", text: one.label }), h("td", { text: `${Number(one.value.toPrecision(3))} ${parameter?.unit ?? ""}` }), h("td", {}, parameter ? h("span", {}, `${parameter.confidence}: `, cited(parameter.source, parameter.links)) : ""));
      })))));
  }

  info(one) { return this.arms.list[one.arm]?.info; }
  letter(one) { return this.info(one)?.letter ?? ""; }

  chart([column, heading, unit, log, low]) {
    const hours = () => Math.max(0, ...this.traces.map((one) => one.hours.length - 1));
    return small({
      heading: () => `${heading} (${unit})`,
      paint: (drawing, box) => this.paint(column, log, low, drawing, box),
      steps: hours,
      read: (step) => this.said(column, step),
      notes: () => (column === "passed" ? "The line is the threshold that was drawn for the cell. It awakens, or dies, when the hazard that it has gone through reaches it." : "The dashed upright line is the awakening."),
    }, this.enlarger, heading);
  }

  // The numbers of all arms at one time, which is that of the arm with most of them.
  said(column, step) {
    const longest = this.traces.reduce((most, one) => (one.hours.length > most.hours.length ? one : most));
    const hour = longest.hours[step], parts = this.traces.map((one) => [one, one.hours.findLastIndex((each) => each <= hour)]);
    return `Day ${(hour / 24).toFixed(2)}: ${parts.filter(([one, at]) => at >= 0 && hour - one.hours[at] <= 1).map(([one, at]) => `${this.letter(one)} ${one[column][at] === null ? "proliferating" : Number(one[column][at].toPrecision(3))}`).join(", ")}`;
  }

  paint(column, log, low, drawing, box) {
    const values = this.traces.flatMap((one) => one[column].filter((value) => value !== null)), end = this.arms.end / 24;
    const drawn = column === "passed" ? this.traces.map((one) => one.drawn).filter((one) => one !== null) : [];
    const level = column === "il6" ? this.facts.parameters.find((one) => one.name === "dormancy.half_response").value : null;
    const most = Math.max(low * 10, ...values, ...drawn.map((one) => one * 1.1), level ?? 0);
    const up = log ? logarithmic(Math.max(low, Math.min(...values.filter((value) => value > 0), 1)), most) : linear(0, column === "passed" ? most : Math.max(1, most));
        const { x, y, floor, parts } = frame(box, { share: (day) => day / end }, up, { title: "day", ticks: dayMarks(end) });
    if (level !== null) parts.push(flat(level, x(0), x(end), y, "EC50"));
    if (drawn.length) parts.push(flat(drawn[0], x(0), x(end), y, "threshold"));
    for (const one of [...this.traces].reverse()) {
      const style = `--arm: ${this.info(one)?.color}`;
      parts.push(path(one.hours.map((hour) => hour / 24), one[column], x, y, { style, class: this.info(one)?.dashed ? "line dashed" : "line" }));
      if (one.awakening) parts.push(svg("line", { x1: x(one.awakening.hour / 24), x2: x(one.awakening.hour / 24), y1: box.top, y2: floor, style, class: "awakening" }));
    }
    drawing.replaceChildren(...parts.flat());
    drawing.setAttribute("aria-label", `${COURSES.find((one) => one[0] === column)[1]}: ${this.traces.map((one) => `${this.letter(one)} at most ${number(Math.max(0, ...one[column].filter((value) => value !== null)))}`).join(", ")}`);
  }
}

function flat(value, from, to, y, text) {
  return [svg("line", { x1: from, x2: to, y1: y(value), y2: y(value), class: "level" }), svg("text", { x: to, y: y(value) - 3, "text-anchor": "end", class: "note" }, text)];
}

function outcome(one) {
  if (!one.hours.length) return "no such cell";
  return one.awakening ? `awakened on day ${day(one.awakening.hour)}` : "did not awaken";
}
