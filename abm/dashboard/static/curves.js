// Curves under the tissue: one small drawing a measure, every arm in its color, bands of quiet replicates behind.

import { calmly, day, h, number, select, svg } from "./dom.js";
import { fullTitle, marksOf } from "./arms.js";
import { withTerm } from "./explain.js";
import { Enlarger, SMALL, enlarging } from "./enlarge.js";

export const WIDTH = SMALL.width, HEIGHT = SMALL.height, LEFT = SMALL.left, RIGHT = SMALL.right, TOP = SMALL.top, BOTTOM = SMALL.bottom;
export const PLOT = SMALL.plot;

export class Curves {
  constructor(facts, arms, act) {
    Object.assign(this, { facts, arms, act });
    this.bands = null;
    this.enlarger = new Enlarger();
    this.known = new Map(facts.measures.map((one) => [one.name, one]));
    this.charts = facts.charts.map((declared) => this.chart(declared));
    this.element = h("div", { class: "curves", role: "group", "aria-label": "Curves" }, this.charts.map((chart) => chart.element), this.enlarger.dialog);
    this.draw = calmly(() => this.charts.forEach((chart) => this.redraw(chart)), 220);
  }

  // One chart as it was declared (abm/dashboard/content/charts.py); its menu has its own measures first, then all others.
  chart(declared) {
    const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": declared.title });
    const read = h("div", { class: "read", hidden: true });
    const chart = { ...declared, builtIn: declared.choices, measure: declared.shown, drawing, read, own: { unit: declared.unit, factor: declared.factor, floor: declared.floor, log: declared.log } };
    chart.scale = h("button", { type: "button", class: "small", onclick: () => { chart.log = !chart.log; this.redraw(chart); } });
    chart.menu = select([], "", (name) => this.choose(chart, name), { "aria-label": chart.title });
    chart.unitText = h("span", { class: "unit", text: chart.unit });
    Object.assign(chart, {
      heading: () => `${this.nameOf(chart)} (${chart.unit || "no unit"})`,
      paint: (to, box) => this.paint(chart, to, box),
      steps: () => Math.max(0, ...this.shown(chart).map((arm) => arm.points.length - 1)),
      read: (hour) => `Day ${day(hour)}: ${this.shown(chart).filter((arm) => arm.points.length > hour).map((arm) => `${arm.info.letter} ${number(this.values(chart, [arm.points[hour]], arm)[0])}`).join(", ")} ${chart.unit}`,
      notes: () => this.shown(chart).map((arm) => fullTitle(arm.info)).join(" · ") + (this.bands ? `. Bands: middle half of ${this.bands.count} background runs, line: their median.` : ""),
    });
    chart.tip = read;
    chart.element = h("figure", { class: "chart", "data-measure": chart.measure }, h("figcaption", {}, chart.menu, Object.keys(declared.choices).length > 1 ? "" : withTerm({ Ki67: this.facts.terms.Ki67 }, declared.title).slice(1, 2), chart.unitText, chart.scale, enlarging(this.enlarger, chart, chart.title)), drawing, read);
    drawing.addEventListener("pointermove", (event) => this.tell(chart, event));
    drawing.addEventListener("pointerleave", () => { chart.tip.hidden = true; });
    this.fill(chart);
    return chart;
  }

  // Offer what scenarios of the arms declare of their own beside what is built in.
  offer() {
    for (const chart of this.charts) {
      const choices = { ...chart.builtIn, ...this.arms.ownCurves(chart.title) };
      if (JSON.stringify(choices) === JSON.stringify(chart.choices)) continue;
      chart.choices = choices;
      if (!Object.hasOwn(choices, chart.measure) && !this.known.has(chart.measure)) this.choose(chart, chart.shown);
      this.fill(chart);
    }
  }

  // The menu of a chart.
  fill(chart) {
    const option = (name, text) => h("option", { value: name, text, selected: name === chart.measure });
    const groups = new Map();
    for (const one of this.facts.measures) if (!Object.hasOwn(chart.choices, one.name)) groups.set(one.group, [...(groups.get(one.group) ?? []), option(one.name, one.title)]);
    chart.menu.replaceChildren(...Object.entries(chart.choices).map(([name, text]) => option(name, text)),
      ...[...groups].map(([label, options]) => h("optgroup", { label }, options)));
  }

  nameOf(chart) {
    return chart.choices[chart.measure] ?? this.known.get(chart.measure).title;
  }

  choose(chart, measure) {
    chart.measure = chart.element.dataset.measure = measure;
    chart.menu.value = measure;
    const { unit, factor, log } = this.known.get(measure) ?? chart.own;
    Object.assign(chart, Object.hasOwn(chart.choices, measure) ? chart.own : { unit, factor, log, floor: 1e-6 });
    chart.unitText.textContent = chart.unit;
    this.askForBand(chart);
    this.redraw(chart);
  }

  // Bands come with the measures that charts show at first; those of others are asked for.
  takeBands(bands) {
    this.bands = bands;
    this.charts.forEach((chart) => this.askForBand(chart));
    this.draw();
  }

  askForBand(chart) {
    if (this.bands && !this.bands.arms.some((arm) => arm[chart.measure])) this.act.ask({ do: "ask", about: "band", measure: chart.measure });
  }

  takeBand({ measure, arms }) {
    if (!arms || !this.bands || arms.length !== this.bands.arms.length) return;
    arms.forEach((band, at) => { if (band) this.bands.arms[at][measure] = band; });
    this.draw();
  }

  values(chart, points, arm) {
    return this.arms.values(points, chart.measure, arm).map((value) => value * chart.factor);
  }

  // The arms that have a curve in a chart.
  shown(chart) {
    return this.arms.list.filter((arm) => arm.info && arm.points.length && this.arms.place(chart.measure, arm) >= 0);
  }

  redraw(chart) {
    this.paint(chart, chart.drawing, SMALL);
    this.enlarger.draw(chart);
    chart.scale.textContent = chart.log ? "log" : "linear";
    chart.scale.setAttribute("aria-label", `${this.nameOf(chart)}: ${chart.log ? "logarithmic" : "linear"} scale, change`);
  }

  // Draw a chart into a drawing of this geometry.
  paint(chart, drawing, box) {
    const arms = this.shown(chart);
    if (!arms.length) { drawing.replaceChildren(); return; }
    const series = arms.map((arm) => this.values(chart, arm.points, arm));
    const bands = arms.map((arm) => this.band(chart, arm.number));
    const level = chart.measure === chart.awakening ? this.act.level() : null;
    const axis = axisFor(chart, series, bands, level), x = (hour) => box.left + (box.plot.width * hour) / this.arms.end;
    const floor = box.top + box.plot.height, y = (value) => box.top + box.plot.height * (1 - axis.share(value));
    const parts = [...grid(axis, y, box), ...days(this.arms.end, x, box)];
    if (level !== null && axis.share(level) <= 1) {
      parts.push(svg("line", { x1: box.left, x2: box.width - box.right, y1: y(level), y2: y(level), class: "level" }),
        svg("text", { x: box.width - box.right, y: y(level) - 3, class: "note", "text-anchor": "end", "data-note": "level" }, "awakening level"));
    }
    bands.forEach((band, at) => { if (band) parts.push(...shape(band, x, y, arms[at].info.color)); });
    arms.forEach((arm, at) => parts.push(...marksOf(arm.info).map((mark) => svg("line", {
      x1: x(mark.hour), x2: x(mark.hour), y1: floor - 6, y2: floor, style: `--arm: ${arm.info.color}`, class: "mark",
    })), line(series[at], x, y, arm.info)));
    parts.push(svg("line", { x1: x(this.arms.hour), x2: x(this.arms.hour), y1: box.top, y2: floor, class: "now" }));
    drawing.replaceChildren(...parts);
    const last = arms.map((arm, at) => `${fullTitle(arm.info)}: ${number(series[at].at(-1))}`).join("; ");
    drawing.setAttribute("aria-label", `${this.nameOf(chart)} ${chart.unit}, day ${day(this.arms.hour)}. ${last}`);
  }

  // Median and quartiles of the replicates of an arm up to now, so that they do not give the ending away: {hours, low, middle, high}.
  band(chart, arm) {
    const found = this.bands?.arms[arm]?.[chart.measure], { hour } = this.arms;
    if (!found || hour <= 0) return null;
    const seen = this.bands.hours.filter((one) => one < hour), part = (values) => [...values.slice(0, seen.length), this.at(values, hour)].map((value) => value * chart.factor);
    return { hours: [...seen, hour], low: part(found.low), middle: part(found.middle), high: part(found.high) };
  }

  // A curve of the replicates at an hour, between those on which they were measured.
  at(values, hour) {
    const { hours } = this.bands, after = hours.findIndex((one) => one >= hour);
    if (after <= 0) return values[after < 0 ? values.length - 1 : 0];
    const share = (hour - hours[after - 1]) / (hours[after] - hours[after - 1]);
    return values[after - 1] + share * (values[after] - values[after - 1]);
  }

  // How an arm stands now beside the median of its replicates; none where that is 0 or not known yet.
  timesMedian(arm) {
    const found = this.bands?.arms[arm.number]?.cells_per_seeded;
    const median = found && arm.points.length ? this.at(found.middle, this.arms.hour) : 0;
    return median > 0 ? this.arms.latest(arm, "cells_per_seeded") / median : null;
  }

  tell(chart, event) {
    const box = chart.drawing.getBoundingClientRect();
    const hour = Math.round((((event.clientX - box.left) / box.width) * WIDTH - LEFT) / PLOT.width * this.arms.end);
    const arms = this.shown(chart).filter((arm) => arm.points.length > hour);
    chart.tip.hidden = hour < 0 || !arms.length;
    if (chart.tip.hidden) return;
    chart.tip.replaceChildren(h("b", { text: `Day ${day(hour)}` }), ...arms.map((arm) => h("span", {},
      h("i", { class: "swatch", style: `--arm: ${arm.info.color}` }), `${arm.info.letter} ${number(this.values(chart, [arm.points[hour]], arm)[0])} ${chart.unit}`)));
    const share = (event.clientX - box.left) / box.width;
    chart.tip.style.left = share > 0.5 ? "" : `${event.clientX - box.left + 12}px`;
    chart.tip.style.right = share > 0.5 ? `${box.right - event.clientX + 12}px` : "";
  }
}

export function axisFor(chart, series, bands, level) {
  const all = [...series.flat(), ...bands.flatMap((band) => band?.high ?? []), level ?? 0];
  const most = all.reduce((high, value) => Math.max(high, value), 0);
  if (chart.log) {
    const positive = all.filter((value) => value > chart.floor);
    const least = positive.reduce((low, value) => Math.min(low, value), Infinity);
    const low = Number.isFinite(least) ? 10 ** Math.floor(Math.log10(least) + 1e-9) : chart.floor;
    const high = 10 ** Math.max(Math.ceil(Math.log10(Math.max(most, low)) - 1e-9), Math.log10(low) + 1);
    const decades = Math.round(Math.log10(high / low)), every = Math.ceil(decades / 4);
    const marks = Array.from({ length: decades + 1 }, (_, at) => low * 10 ** at).filter((_, at) => at % every === 0);
    return { marks, share: (value) => Math.min(1, Math.max(0, Math.log10(Math.max(value, low) / low) / Math.log10(high / low))) };
  }
  const rough = Math.max(most, 1e-6) / 3, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= rough);
  const high = step * Math.max(1, Math.ceil(most / step - 1e-9));
  const marks = Array.from({ length: Math.round(high / step) + 1 }, (_, at) => at * step);
  return { marks, share: (value) => Math.min(1.02, Math.max(0, value / high)) };
}

export function grid(axis, y, box = SMALL) {
  return axis.marks.flatMap((mark) => [
    svg("line", { x1: box.left, x2: box.width - box.right, y1: y(mark), y2: y(mark), class: "grid" }),
    svg("text", { x: box.left - 5, y: y(mark) + 4, "text-anchor": "end" }, short(mark)),
  ]);
}

export function short(value) {
  if (value >= 1e4) return `${Number((value / 1000).toPrecision(3)) >= 1000 ? `${value / 1e6}M` : `${value / 1000}k`}`;
  return String(Number(value.toPrecision(3)));
}

export function days(end, x, box = SMALL) {
  const total = end / 24, every = [1, 2, 5, 7, 14, 28].find((one) => total / one <= 5) ?? 28;
  const marks = Array.from({ length: Math.floor(total / every) + 1 }, (_, at) => at * every);
  return marks.map((mark) => svg("text", { x: x(mark * 24), y: box.height - 5, "text-anchor": "middle" }, mark ? String(mark) : "day 0"));
}

export function line(values, x, y, info) {
  const every = Math.max(1, Math.floor(values.length / 400));
  const path = values.map((value, hour) => (hour % every === 0 || hour === values.length - 1 ? `${x(hour).toFixed(1)},${y(value).toFixed(1)}` : null)).filter(Boolean);
  return svg("polyline", { points: path.join(" "), style: `--arm: ${info.color}`, class: info.dashed ? "line dashed" : "line" });
}

export function shape({ hours, low, middle, high }, x, y, color) {
  const there = hours.map((hour, at) => `${x(hour).toFixed(1)},${y(high[at]).toFixed(1)}`);
  const back = hours.map((hour, at) => `${x(hour).toFixed(1)},${y(low[at]).toFixed(1)}`).reverse();
  const median = hours.map((hour, at) => `${x(hour).toFixed(1)},${y(middle[at]).toFixed(1)}`);
  return [svg("polygon", { points: [...there, ...back].join(" "), style: `--arm: ${color}`, class: "band" }),
    svg("polyline", { points: median.join(" "), style: `--arm: ${color}`, class: "median" })];
}
