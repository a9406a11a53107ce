// How a number is distributed over the cells of each arm now.

import { day, h, labelled, number, select, svg } from "./dom.js";
import { fullTitle } from "./arms.js";
import { frame, linear, logarithmic, small } from "./plots.js";

export class Distribution {
  constructor(facts, arms, ask, enlarger) {
    Object.assign(this, { facts, arms, enlarger });
    this.found = null;
    this.ask = () => ask("distribution", { name: this.name.value });
    this.name = select(Object.entries(facts.distributions), "signal", () => { this.asked = null; this.ask(); });
    this.charts = [];
    this.plots = h("div", { class: "plots" });
    this.note = h("p", { class: "quiet" });
    this.element = h("section", { class: "card wide", "aria-label": "Distribution over cells" }, h("h3", { text: "Distribution over cells" }),
      h("div", { class: "abreast form" }, labelled("Number", this.name)), this.plots, this.note);
  }

  relabel() {
    if (this.charts.length !== this.arms.list.length) {
      this.charts = this.arms.list.map((_, at) => this.chart(at));
      this.plots.replaceChildren(...this.charts.map((chart) => chart.element));
    }
    this.asked = null;
    this.draw();
  }

  // Ask for it anew, when the views have moved on and the answer before has come.
  draw() {
    if (this.asked === this.arms.hour) return;
    if (this.waiting && performance.now() - this.waiting < 3000) return;
    this.waiting = performance.now();
    this.asked = this.arms.hour;
    this.ask();
  }

  take(said) {
    this.waiting = 0;
    if (said.fault || said.arms.length !== this.charts.length) return;
    this.found = said;
    this.note.textContent = `Share of the ${said.counted} of each view on day ${day(said.hour)} (%), by ${said.title} (${said.unit}). What lies beyond the ends counts in the outer bars; the line is the median.`;
    this.charts.forEach((chart) => chart.redraw());
  }

  chart(at) {
    const of = () => this.found?.arms[at], info = () => this.arms.list[at]?.info;
    return small({
      heading: () => (info() ? fullTitle(info()) : ""),
      longTitle: () => `${this.found?.title ?? ""}: ${fullTitle(info())}`,
      paint: (drawing, box) => this.paint(of(), info(), drawing, box),
      steps: () => (this.found ? this.found.edges.length - 2 : 0),
      read: (step) => `${short(this.found.edges[step])} to ${short(this.found.edges[step + 1])} ${this.found.unit}: ${of().counts[step]} of ${of().total} ${this.found.counted}`,
      notes: () => this.note.textContent,
    }, this.enlarger, `distribution in view ${"ABCD"[at]}`);
  }

  paint(own, info, drawing, box) {
    if (!own) return;
    const { edges, log } = this.found, [first, last] = [edges[0], edges.at(-1)];
    const share = log ? (value) => Math.log(Math.max(value, first) / first) / Math.log(last / first) : (value) => (value - first) / (last - first);
    const marks = log ? logarithmic(first, last).marks.filter((mark) => mark >= first * 0.999 && mark <= last * 1.001) : [0, 0.25, 0.5, 0.75, 1];
    const most = Math.max(...this.found.arms.flatMap((arm) => arm.counts.map((count) => (arm.total ? (100 * count) / arm.total : 0))), 1);
    const { x, y, floor, parts } = frame(box, { marks, share }, linear(0, most, 3), { title: `${this.found.title} (${this.found.unit})`, label: short });
    const style = `--arm: ${info?.color}`;
    own.counts.forEach((count, at) => {
      if (!count) return;
      const top = y((100 * count) / own.total);
      parts.push(svg("rect", { x: x(edges[at]) + 0.3, width: Math.max(0.5, x(edges[at + 1]) - x(edges[at]) - 0.6), y: top, height: floor - top, style, class: "column" }));
    });
    if (own.median !== null) parts.push(svg("line", { x1: x(own.median), x2: x(own.median), y1: box.top, y2: floor, class: "median-line" }));
    drawing.replaceChildren(...parts);
    drawing.setAttribute("aria-label", `${this.found.title} in ${info ? fullTitle(info) : ""}: ${own.total} ${this.found.counted}, median ${own.median === null ? "none" : number(own.median)} ${this.found.unit}`);
  }
}

function short(value) {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(2))}k` : value < 0.001 && value > 0 ? value.toExponential(0).replace("e-", "e−") : String(Number(value.toPrecision(2)));
}
