// The chart of a lesson: curves of arms, and a curve that a student draws by pointer or by keyboard.

import { number, svg } from "./dom.js";

const WIDTH = 620, HEIGHT = 330, LEFT = 58, RIGHT = 14, TOP = 34, BOTTOM = 40;
const PLOT = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };

// A value as an axis writes it.
export function said(axis, value) {
  const shown = axis.form === "percent" ? 100 * value : value;
  const text = shown > 0 && shown < 1 ? String(Number(shown.toPrecision(2))) : number(shown);
  return axis.form === "percent" ? `${text} %` : text;
}

// Where a value lies on an axis, from 0 to 1, and the value that lies there.
export function shareOf(axis, value) {
  const kept = Math.min(Math.max(value, axis.low), axis.high);
  return axis.log ? Math.log(kept / axis.low) / Math.log(axis.high / axis.low) : (kept - axis.low) / (axis.high - axis.low);
}

export function valueAt(axis, share) {
  const kept = Math.min(Math.max(share, 0), 1);
  return axis.log ? axis.low * (axis.high / axis.low) ** kept : axis.low + kept * (axis.high - axis.low);
}

// Round values of an axis: powers of ten, or equal steps.
export function marksOf(axis) {
  if (axis.log) {
    const first = Math.ceil(Math.log10(axis.low) - 1e-9), last = Math.floor(Math.log10(axis.high) + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
  }
  const rough = (axis.high - axis.low) / 5, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * ten).find((one) => one >= rough - 1e-12);
  const first = Math.ceil(axis.low / step - 1e-9);
  return Array.from({ length: Math.floor(axis.high / step + 1e-9) - first + 1 }, (_, at) => (first + at) * step);
}

export class LessonChart {
  // `axis`: {title, low, high, log, form}; `end`: hours; `name`: for those who cannot see it.
  constructor(axis, end, name) {
    Object.assign(this, { axis, end, name });
    this.lines = svg("g"), this.drawn = svg("g");
    this.element = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "lesson-chart", role: "group", "aria-label": name }, this.frame(), this.lines, this.drawn);
  }

  x(hour) { return LEFT + (PLOT.width * hour) / this.end; }
  y(value) { return TOP + PLOT.height * (1 - shareOf(this.axis, value)); }

  frame() {
    const days = this.end / 24, every = [1, 2, 4, 7, 14, 28].find((one) => days / one <= 8) ?? 28;
    const marks = Array.from({ length: Math.floor(days / every) + 1 }, (_, at) => at * every);
    return svg("g", { class: "frame", "aria-hidden": "true" },
      marksOf(this.axis).flatMap((mark) => [svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: this.y(mark), y2: this.y(mark), class: "grid" }),
        svg("text", { x: LEFT - 8, y: this.y(mark) + 4, "text-anchor": "end" }, said(this.axis, mark))]),
      marks.map((mark) => svg("text", { x: this.x(24 * mark), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, String(mark))),
      svg("text", { x: LEFT + PLOT.width / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "axis-title" }, "day"),
      svg("text", { x: 0, y: 15, class: "axis-title" }, this.axis.title));
  }

  // Curves: {title, color, values (one per hour)}, and a band of other lungs: {hours, low, high}. The end of each is labelled.
  show(curves, band = null) {
    const parts = [];
    if (band) {
      const there = band.hours.map((hour, at) => `${this.x(hour).toFixed(1)},${this.y(band.high[at]).toFixed(1)}`);
      const back = band.hours.map((hour, at) => `${this.x(hour).toFixed(1)},${this.y(band.low[at]).toFixed(1)}`).reverse();
      parts.push(svg("polygon", { points: [...there, ...back].join(" "), class: "band", style: `--arm: ${band.color}` }));
    }
    const labels = [];
    for (const { title, color, values, faint } of curves.filter((one) => one.values.length)) {
      const every = Math.max(1, Math.floor(values.length / 300));
      const points = values.map((value, hour) => (hour % every && hour !== values.length - 1 ? null : `${this.x(hour).toFixed(1)},${this.y(value).toFixed(1)}`)).filter(Boolean);
      parts.push(svg("polyline", { points: points.join(" "), class: faint ? "curve faint" : "curve", style: `--arm: ${color}` }));
      labels.push({ title, color, x: this.x(values.length - 1), y: this.y(values.at(-1)) });
    }
    this.lines.replaceChildren(...parts, ...this.labelled(labels));
  }

  // Names beside the ends of curves, on the side with more room, moved apart where they would lie over one another.
  labelled(labels) {
    labels.sort((one, other) => one.y - other.y);
    labels.forEach((one, at) => { one.place = Math.max(TOP + 10, one.y - 8, at ? labels[at - 1].place + 17 : 0); });
    return labels.map(({ title, color, x, place }) => svg("text", { ...(x < LEFT + PLOT.width / 2 ? { x: x + 6, "text-anchor": "start" } : { x: x - 6, "text-anchor": "end" }), y: place, class: "name", style: `--arm: ${color}` }, title));
  }

  // The prediction: points at these hours from the value on day 0 on.
  sketched(start, hours, values, still = true) {
    const points = [`${this.x(0)},${this.y(start)}`, ...hours.map((hour, at) => `${this.x(hour)},${this.y(values[at])}`)].join(" ");
    const parts = [svg("polyline", { points, class: "sketch" })];
    if (still) {
      const at = Math.floor(hours.length / 2);
      parts.push(svg("text", { x: this.x(hours[at]), y: Math.max(TOP + 12, this.y(values[at]) - 12), class: "name own", "text-anchor": "middle" }, "your prediction"));
    }
    this.drawn.replaceChildren(...parts);
  }

  // Let the student draw: `values` change in place; `changed` hears of it.
  open(start, hours, values, changed) {
    const { axis } = this;
    const handles = hours.map((hour, at) => svg("g", { class: "handle", role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-label": `${axis.title} on day ${number(hour / 24)}`,
      "aria-valuemin": axis.low, "aria-valuemax": axis.high, onkeydown: (event) => key(event, at) }, svg("circle", { r: 7, cx: this.x(hour) })));
    const ground = svg("rect", { x: LEFT, y: TOP, width: PLOT.width, height: PLOT.height, class: "ground" });
    const draw = () => {
      this.sketched(start, hours, values, false);
      handles.forEach((handle, at) => {
        handle.firstChild.setAttribute("cy", this.y(values[at]));
        handle.setAttribute("aria-valuenow", values[at]);
        handle.setAttribute("aria-valuetext", said(axis, values[at]));
      });
    };
    const set = (at, share) => { values[at] = valueAt(axis, share); changed(); };
    const key = (event, at) => {
      const move = { ArrowUp: 0.02, ArrowDown: -0.02, PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 }[event.key];
      const next = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (next) handles[at + next]?.focus();
      else if (move) { set(at, shareOf(axis, values[at]) + move); draw(); } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    let before = null;
    const pointer = (event) => {
      const box = this.element.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * WIDTH, share = 1 - (((event.clientY - box.top) / box.height) * HEIGHT - TOP) / PLOT.height;
      const here = { x, share }, from = before ?? here;
      const nearest = hours.reduce((best, hour, at) => (Math.abs(this.x(hour) - x) < Math.abs(this.x(hours[best]) - x) ? at : best), 0);
      hours.forEach((hour, at) => { // all that the stroke has passed
        const place = this.x(hour), passed = place >= Math.min(from.x, x) && place <= Math.max(from.x, x);
        if (passed && x !== from.x) set(at, from.share + ((here.share - from.share) * (place - from.x)) / (x - from.x));
      });
      if (Math.abs(this.x(hours[nearest]) - x) < PLOT.width / hours.length / 2 + 1) set(nearest, share);
      before = here;
      draw();
    };
    const svgRoot = this.element;
    svgRoot.classList.add("open");
    svgRoot.addEventListener("pointerdown", (event) => { svgRoot.setPointerCapture(event.pointerId); before = null; pointer(event); event.preventDefault(); });
    svgRoot.addEventListener("pointermove", (event) => { if (svgRoot.hasPointerCapture(event.pointerId)) pointer(event); });
    this.element.append(ground, ...handles); // for good: a point that is taken out loses the focus
    draw();
  }
}
