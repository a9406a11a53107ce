// Curves: drawn up to the shown time, or all of them with what is still to come pale; a cursor at the shown time.

import { css, day, h, number, select, svg, unique } from "../../dashboard/static/dom.js";
import { HEIGHT, LEFT, PLOT, TOP, WIDTH, axisFor, days, grid } from "../../dashboard/static/curves.js";
import { valueAt } from "./film.js";

export class Charts {
  // `act`: {seek(hour)}
  constructor(film, look, act) {
    Object.assign(this, { film, look, act });
    this.charts = film.facts.charts.map((declared) => this.chart(declared)).filter((chart) => this.shown(chart).length);
    this.charts.forEach((chart) => this.build(chart));
    this.element = h("div", { class: "curves", role: "group", "aria-label": "Curves" }, this.charts.map((chart) => chart.element));
  }

  chart(declared) {
    const there = Object.entries(declared.choices).filter(([name]) => this.film.arms.some((arm) => arm.curves[name]));
    const chart = { ...declared, measure: declared.shown, drawing: svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }), read: h("div", { class: "read", hidden: true }) };
    const title = there.length > 1
      ? select(there, chart.measure, (name) => { chart.measure = name; this.build(chart); this.draw(); }, { "aria-label": chart.title })
      : h("h3", { text: chart.title });
    chart.scale = h("button", { type: "button", class: "small", onclick: () => { chart.log = !chart.log; this.build(chart); this.draw(); } });
    chart.element = h("figure", { class: "chart" }, h("figcaption", {}, title, h("span", { class: "unit", text: chart.unit }), chart.scale), chart.drawing, chart.read);
    chart.drawing.addEventListener("pointermove", (event) => this.tell(chart, this.hourAt(chart, event)));
    chart.drawing.addEventListener("pointerleave", () => { chart.read.hidden = true; });
    chart.drawing.addEventListener("click", (event) => this.act.seek(this.hourAt(chart, event)));
    return chart;
  }

  shown(chart) { return this.film.arms.filter((arm) => arm.curves[chart.measure]); }

  // Everything of a chart but the time: axes, and each curve twice, the past and, pale, what is still to come.
  build(chart) {
    const arms = this.shown(chart), { end, level } = this.film;
    const series = arms.map((arm) => Array.from(arm.curves[chart.measure], (value) => value * chart.factor));
    const mark = chart.measure === chart.awakening ? level : null;
    const axis = axisFor(chart, series, [], mark), x = (hour) => LEFT + (PLOT.width * hour) / end, y = (value) => TOP + PLOT.height * (1 - axis.share(value));
    const clip = unique("past");
    chart.past = svg("rect", { x: 0, y: 0, width: 0, height: HEIGHT });
    chart.now = svg("line", { y1: TOP, y2: TOP + PLOT.height, class: "now" });
    const lines = (kind) => arms.map((arm, at) => line(arm, series[at], x, y, kind));
    chart.coming = svg("g", { class: "coming" }, lines("pale"));
    chart.dots = arms.map((arm) => colored(svg("circle", { r: 3.2, class: "dot" }), arm));
    const parts = [svg("defs", {}, svg("clipPath", { id: clip }, chart.past)), ...grid(axis, y), ...days(end, x)];
    if (mark !== null && axis.share(mark) <= 1) {
      parts.push(svg("line", { x1: LEFT, x2: LEFT + PLOT.width, y1: y(mark), y2: y(mark), class: "level" }),
        svg("text", { x: LEFT + PLOT.width, y: y(mark) - 3, "text-anchor": "end" }, "EC50 of awakening"));
    }
    chart.drawing.replaceChildren(...parts, chart.coming, svg("g", { "clip-path": `url(#${clip})` }, lines("")), chart.now, ...chart.dots);
    chart.axis = { x, y };
    const name = chart.choices[chart.measure];
    chart.scale.textContent = chart.log ? "log" : "linear";
    chart.scale.setAttribute("aria-label", `${name}: ${chart.log ? "logarithmic" : "linear"} scale, change`);
  }

  // Move the cursor to the shown time.
  draw() {
    const hour = this.film.hours[this.look.frame];
    for (const chart of this.charts) {
      const { x, y } = chart.axis, arms = this.shown(chart);
      chart.past.setAttribute("width", x(hour));
      chart.now.setAttribute("x1", x(hour));
      chart.now.setAttribute("x2", x(hour));
      chart.coming.classList.toggle("ahead", this.look.ahead);
      const values = arms.map((arm) => valueAt(arm, chart.measure, hour) * chart.factor);
      chart.dots.forEach((dot, at) => { dot.setAttribute("cx", x(hour)); dot.setAttribute("cy", y(values[at])); });
      const told = arms.map((arm, at) => `${arm.title}: ${number(values[at])}`).join("; ");
      chart.drawing.setAttribute("aria-label", `${chart.choices[chart.measure]} ${chart.unit}, day ${day(hour)}. ${told}`);
    }
  }

  hourAt(chart, event) {
    const box = chart.drawing.getBoundingClientRect();
    return (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / PLOT.width * this.film.end;
  }

  tell(chart, hour) {
    const latest = this.look.ahead ? this.film.end : this.film.hours[this.look.frame];
    chart.read.hidden = hour < 0 || hour > latest + 1;
    if (chart.read.hidden) return;
    chart.read.replaceChildren(h("b", { text: `Day ${day(hour)}` }), ...this.shown(chart).map((arm) => h("span", {},
      colored(h("i", { class: "swatch" }), arm), `${number(valueAt(arm, chart.measure, hour) * chart.factor)} ${chart.unit}`)));
    const share = hour / this.film.end, box = chart.drawing.getBoundingClientRect(), at = (chart.axis.x(hour) / WIDTH) * box.width;
    chart.read.style.left = share > 0.5 ? "" : `${at + 10}px`;
    chart.read.style.right = share > 0.5 ? `${box.width - at + 10}px` : "";
  }
}

// An element in the color of an arm.
export function colored(element, arm) {
  element.style.setProperty("--arm", css(arm.color));
  return element;
}

function line(arm, values, x, y, kind) {
  const points = values.map((value, at) => `${x(arm.hours[at]).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return colored(svg("polyline", { points, class: `line ${kind} ${arm.dashed ? "dashed" : ""}` }), arm);
}
