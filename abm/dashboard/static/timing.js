// What a blockade prevents of the expansion, against the day on which it begins.

import { button, h, labelled, number, select, svg } from "./dom.js";
import { fullTitle } from "./arms.js";
import { MEDIUM } from "./enlarge.js";
import { frame, linear, path, small } from "./plots.js";

const STARTS = "0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15";

export class Timing {
  constructor(facts, arms, ask, enlarger) {
    Object.assign(this, { facts, arms, ask });
    this.found = null;
    this.arm = h("select", {});
    this.drug = h("select", {});
    this.starts = h("input", { type: "text", value: STARTS, size: 24 });
    this.replicates = select([1, 2, 4, 6, 8, 12].map((one) => [one, one]), 6, () => {});
    this.day = h("input", { type: "number", min: 1, max: 120, value: 15 });
    this.go = button("Run", () => this.run(), { class: "main-action" });
    this.stop = button("Stop", () => { ask("no_timing"); this.end("Stopped."); }, { hidden: true });
    this.status = h("p", { class: "quiet", role: "status" });
    this.bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Runs done" });
    this.chart = small({
      heading: () => (this.found ? `Expansion prevented by day ${this.found.day.toFixed(0)} (%)` : "Expansion prevented (%)"),
      paint: (drawing, box) => this.paint(drawing, box),
      steps: () => Math.max(0, (this.found?.points.length ?? 1) - 1),
      read: (step) => this.said(this.found.points[step]),
      notes: () => this.notes(),
    }, enlarger, "expansion prevented by day of begin", MEDIUM);
    this.table = h("details", { hidden: true }, h("summary", { text: "As a table" }), h("table", { class: "numbers" }));
    this.element = h("section", { class: "card", "aria-label": "When a blockade still helps" }, h("h3", { text: "When a blockade still helps" }),
      h("p", { class: "quiet", text: "Runs the chosen view without the drug, and with it from each day on, with the same seeds (the seed of the page and those after it), beside the views." }),
      h("div", { class: "abreast form" }, labelled("View", this.arm), labelled("Drug", this.drug), labelled("Begins on days", this.starts),
        labelled("Replicates", this.replicates), labelled("Cells counted on day", this.day)),
      h("p", { class: "abreast" }, this.go, this.stop, this.bar), this.status, this.chart.element, this.table);
  }

  relabel() {
    const chosen = this.arm.value;
    this.arm.replaceChildren(...this.arms.list.filter((arm) => arm.info).map((arm) => h("option", { value: arm.number, text: fullTitle(arm.info) })));
    const infected = this.arms.list.find((arm) => arm.info?.infections.length);
    this.arm.value = chosen && this.arm.querySelector(`option[value="${chosen}"]`) ? chosen : String(infected?.number ?? 0);
    this.arm.onchange = () => this.offer();
    this.offer();
    this.day.max = this.arms.end / 24;
    if (Number(this.day.value) > this.arms.end / 24) this.day.value = this.arms.end / 24;
    this.chart.redraw();
  }

  // Drugs that act in the host of the view.
  offer() {
    const host = this.arms.list[Number(this.arm.value)]?.info?.host, before = this.drug.value;
    const known = this.facts.timing.blockades.flatMap((type) => Object.entries(this.facts.forms.treatments[type].drugs)
      .filter(([, drug]) => drug.host === host).map(([name]) => [JSON.stringify([type, name]), `${type} (${name})`]));
    this.drug.replaceChildren(...known.map(([value, text]) => h("option", { value, text, selected: value === before })));
  }

  run() {
    const [type, drug] = JSON.parse(this.drug.value), last = Number(this.day.value);
    const typed = this.starts.value.split(/[\s,;]+/).filter(Boolean);
    const starts = typed.map(Number).filter((day) => !(day >= last && this.starts.value === STARTS));
    const wrong = typed.find((text) => !Number.isFinite(Number(text)) || Number(text) < 0 || (Number(text) >= last && this.starts.value !== STARTS));
    if (wrong !== undefined) { this.end(`“${wrong}” is not a day before the count: days from 0 to below ${last}, with commas between them.`); return; }
    this.found = null;
    this.stop.hidden = this.bar.hidden = false;
    this.bar.value = 0;
    this.status.textContent = "Waiting for the first run …";
    this.ask("timing", { arm: Number(this.arm.value), type, drug, starts, replicates: Number(this.replicates.value), day: Number(this.day.value) });
  }

  take(said) {
    if (said.fault) { this.end(said.fault); return; }
    this.bar.value = said.done / said.total;
    if (said.points) { this.found = said; this.chart.redraw(); this.tell(); }
    if (said.done === said.total) this.end(this.notes());
    else this.status.textContent = `${said.done} of ${said.total} runs done. ${this.found ? this.notes() : ""}`;
  }

  end(text) {
    this.stop.hidden = this.bar.hidden = true;
    this.status.textContent = text;
  }

  // An order that was refused: the page says why.
  draw() {}

  notes() {
    if (!this.found) return "";
    const { title, treatment, count, missed, untreated, day } = this.found;
    if (!count) return "The infection established in none of these sections: ask for more replicates.";
    return `${treatment} in “${title}”; day ${day.toFixed(0)}, without it ${number(untreated)} × the seeded cells. ${count} section${count > 1 ? "s" : ""}${missed ? `, ${missed} more missed by the infection left out` : ""}. Dots: single sections. ${count < 5 ? "A 95 % interval needs 5 sections." : "Bars: 95 % interval."} 100 % = no expansion.`;
  }

  said(point) {
    const interval = point.low === null ? "" : ` (95 % interval ${number(point.low)} to ${number(point.high)})`;
    return `Begins on day ${point.day}: ${point.value === null ? "no expansion to be prevented" : `${number(point.value)} % prevented${interval}`}`;
  }

  tell() {
    this.table.hidden = false;
    this.table.lastChild.replaceChildren(h("thead", {}, h("tr", {}, ["begins on day", "prevented (%)", "95 % interval"].map((text) => h("th", { scope: "col", text })))),
      h("tbody", {}, this.found.points.map((point) => h("tr", {}, h("td", { text: point.day }), h("td", { text: point.value === null ? "–" : number(point.value) }), h("td", { text: point.low === null ? "–" : `${number(point.low)} to ${number(point.high)}` })))));
  }

  paint(drawing, box) {
    const points = this.found?.points.filter((one) => one.value !== null) ?? [];
    const last = Math.max(1, ...(this.found?.points ?? []).map((one) => one.day));
    const lows = points.flatMap((one) => [one.value, one.low ?? one.value, ...one.each.filter((value) => value !== null)]);
    const bottom = Math.max(-100, Math.min(0, ...lows)), up = linear(bottom, 100);
    const across = linear(0, last, 5);
    const { x, y, parts } = frame(box, { ...across, share: (day) => (day + 0.02 * last) / (1.04 * last) }, up, { title: "day on which it begins", ticks: across.marks.filter((mark) => mark <= last) });
    if (!points.length) parts.length = 0;
    if (!points.length) parts.push(svg("text", { x: box.left + box.plot.width / 2, y: box.top + box.plot.height / 2, "text-anchor": "middle" }, "press Run"));
    const color = this.arms.list[Number(this.arm.value)]?.info?.color, style = `--arm: ${color}`;
    points.forEach((one) => {
      one.each.filter((value) => value !== null && value >= bottom).forEach((value) => parts.push(svg("circle", { cx: x(one.day), cy: y(value), r: box.width > 500 ? 4 : 2.6, style, class: "dot" })));
      if (one.low !== null) parts.push(svg("line", { x1: x(one.day), x2: x(one.day), y1: y(one.low), y2: y(one.high), style, class: "interval" }));
    });
    parts.push(path(points.map((one) => one.day), points.map((one) => one.value), x, y, { style, class: "line" }));
    points.forEach((one) => parts.push(svg("circle", { cx: x(one.day), cy: y(one.value), r: box.width > 500 ? 6 : 4.2, style, class: "point" })));
    drawing.replaceChildren(...parts);
    drawing.setAttribute("aria-label", points.length ? points.map((one) => this.said(one)).join("; ") : "No runs yet");
  }
}
