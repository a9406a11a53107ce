// A chart large in a dialog, with a slider that reads it: for the back row, and for who has no pointer.

import { button, h, svg, unique } from "./dom.js";

export const SMALL = box(230, 158, 40, 8, 8, 20), MEDIUM = box(480, 280, 46, 10, 10, 44), LARGE = box(900, 430, 78, 18, 14, 42);

// The geometry of a drawing: its size and edges, and what is left for the plot.
export function box(width, height, left, right, top, bottom) {
  return { width, height, left, right, top, bottom, plot: { width: width - left - right, height: height - top - bottom } };
}

export class Enlarger {
  constructor() {
    this.drawing = svg("svg", { role: "img", "aria-label": "chart", viewBox: `0 0 ${LARGE.width} ${LARGE.height}` });
    this.title = h("h2", { id: unique("enlarged") });
    this.read = h("output", { class: "readout" });
    this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Read the chart at", oninput: () => this.tell() });
    this.line = h("p", { class: "reading" }, this.slider, this.read);
    this.notes = h("p", { class: "quiet" });
    this.dialog = h("dialog", { class: "enlarged", "aria-labelledby": this.title.id, onclose: () => { this.shown = null; this.before?.focus(); } },
      h("div", { class: "abreast" }, this.title, button("Close", () => this.dialog.close(), { class: "main-action" })), this.drawing, this.line, this.notes);
  }

  // `chart`: {heading(), longTitle() where it is longer in the large, paint(drawing, box), steps() or 0, read(step), notes()}.
  open(chart) {
    this.shown = chart;
    this.before = document.activeElement;
    this.slider.max = chart.steps();
    this.slider.value = chart.steps();
    this.line.hidden = !chart.steps();
    this.draw(chart);
    this.dialog.showModal();
  }

  // Draw anew, if this chart is the one that is open.
  draw(chart) {
    if (!chart || chart !== this.shown) return;
    this.title.textContent = chart.longTitle?.() ?? chart.heading();
    chart.paint(this.drawing, LARGE);
    const atEnd = this.slider.value === this.slider.max;
    this.slider.max = chart.steps();
    if (atEnd) this.slider.value = chart.steps();
    this.line.hidden = !chart.steps();
    this.notes.textContent = chart.notes?.() ?? "";
    this.tell();
  }

  tell() {
    const text = this.shown?.steps() ? this.shown.read(Number(this.slider.value)) : "";
    if (this.read.textContent !== text) this.read.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
  }
}

// A button that opens a chart.
export function enlarging(enlarger, chart, name) {
  return button("⤢", () => enlarger.open(chart), { class: "small larger", title: "enlarge this chart", "aria-label": `Enlarge: ${name}` });
}
