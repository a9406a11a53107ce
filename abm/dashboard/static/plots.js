// Parts of the drawings of the mechanism: axes with titles, steps, points with intervals, areas, bars.

import { h, svg } from "./dom.js";
import { SMALL, enlarging } from "./enlarge.js";
import { short } from "./curves.js";

// A linear axis from low to high with round marks: {marks, share(value)}.
export function linear(low, high, count = 4) {
  const span = high - low || 1, rough = span / count, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= rough * 0.999);
  const first = Math.floor(low / step + 1e-9) * step, last = Math.ceil(high / step - 1e-9) * step;
  const marks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, at) => first + at * step);
  return { marks, share: (value) => Math.min(1, Math.max(0, (value - first) / (last - first || 1))) };
}

// A logarithmic axis of whole decades.
export function logarithmic(low, high) {
  const first = Math.floor(Math.log10(low) + 1e-9), last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const every = Math.ceil((last - first) / 5);
  const marks = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at)).filter((_, at) => at % every === 0);
  return { marks, share: (value) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-300)) - first) / (last - first))) };
}

// The frame of a drawing: grid, marks of both axes, title of the x axis. Gives {x, y, parts}; axes as above.
export function frame(box, across, up, { title = "", label = short, ticks = null } = {}) {
  const x = (value) => box.left + box.plot.width * across.share(value), floor = box.top + box.plot.height;
  const y = (value) => box.top + box.plot.height * (1 - up.share(value));
  const parts = up.marks.flatMap((mark) => [
    svg("line", { x1: box.left, x2: box.width - box.right, y1: y(mark), y2: y(mark), class: "grid" }),
    svg("text", { x: box.left - 5, y: y(mark) + 4, "text-anchor": "end" }, short(mark))]);
  (ticks ?? across.marks).forEach((mark) => parts.push(svg("text", { x: x(mark), y: floor + (box === SMALL ? 15 : 20), "text-anchor": "middle" }, label(mark))));
  if (title && box !== SMALL) parts.push(svg("text", { x: box.left + box.plot.width / 2, y: box.height - 4, "text-anchor": "middle", class: "axis-title" }, title));
  return { x, y, floor, parts };
}

// Marks of an axis of days up to the end of a run, as the curves have them.
export function dayMarks(end) {
  const every = [1, 2, 5, 7, 14, 28].find((one) => end / one <= 5) ?? 28;
  return Array.from({ length: Math.floor(end / every) + 1 }, (_, at) => at * every);
}

// A line through points; numbers that are missing leave a gap.
export function path(xs, values, x, y, attributes) {
  let pen = "M", text = "";
  values.forEach((value, at) => {
    if (value === null || value === undefined || !Number.isFinite(value)) { pen = "M"; return; }
    text += `${pen}${x(xs[at]).toFixed(1)},${y(value).toFixed(1)}`;
    pen = "L";
  });
  return svg("path", { d: text, ...attributes });
}

// The area between two lines.
export function area(xs, low, high, x, y, attributes) {
  const known = xs.map((_, at) => at).filter((at) => low[at] !== null && high[at] !== null);
  const there = known.map((at) => `${x(xs[at]).toFixed(1)},${y(high[at]).toFixed(1)}`), back = known.map((at) => `${x(xs[at]).toFixed(1)},${y(low[at]).toFixed(1)}`).reverse();
  return svg("polygon", { points: [...there, ...back].join(" "), ...attributes });
}

// A small drawing with its heading and the button that enlarges it. `chart`: as the Enlarger takes it.
export function small(chart, enlarger, name, box = SMALL) {
  chart.drawing = svg("svg", { viewBox: `0 0 ${box.width} ${box.height}`, role: "img", "aria-label": name });
  chart.caption = h("h4", { text: chart.heading() });
  chart.element = h("figure", { class: "plot" }, h("figcaption", {}, chart.caption, enlarging(enlarger, chart, name)), chart.drawing);
  chart.redraw = () => {
    if (chart.caption.textContent !== chart.heading()) chart.caption.textContent = chart.heading();
    const narrow = chart.drawing.clientWidth > 0 && chart.drawing.clientWidth < 380, size = narrow ? SMALL : box; // else its text is too small
    chart.drawing.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    chart.paint(chart.drawing, size);
    enlarger.draw(chart);
  };
  return chart;
}
