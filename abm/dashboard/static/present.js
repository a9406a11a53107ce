// Present mode for a lecture hall: the whole screen, large type, the views that are talked about, one number, one curve.

import { button, calmly, css, day, h, number, select, svg, unique } from "./dom.js";
import { axisFor, short } from "./curves.js";
import { keepingFocus } from "./fields.js";
import { treatmentName } from "./arms.js";

const IDLE = 3000; // ms without a move until the controls go

export class Present {
  // `page`: {arms, views, curves, facts, options, look(changes), notices}; `toggle`: plays or pauses, for who may.
  constructor(page, toggle = null) {
    Object.assign(this, { page, toggle });
    this.on = false;
    this.opener = button("Present", () => this.enter(), { title: "Full screen, for a lecture hall (P)", "aria-keyshortcuts": "P" });
    this.clock = h("p", { class: "clock" });
    this.key = h("ul", { class: "key", "aria-label": "Cancer cells" });
    this.heading = h("h2");
    this.numbers = h("ul", { class: "numbers" });
    this.drawing = svg("svg", { role: "img" });
    this.play = toggle && button("Play", toggle, { class: "main-action" });
    this.chosen = h("div", { class: "chosen", role: "group", "aria-label": "Views shown" });
    this.curve = select([], "", (name) => { this.measure = name; this.draw(); }, { id: unique("curve") });
    this.stage = h("div", { class: "hall" });
    this.foot = h("div", { class: "foot" }, this.play, this.chosen,
      h("span", { class: "pair" }, h("label", { for: this.curve.id, text: "Curve" }), this.curve), button("Leave (Esc)", () => this.leave(), { class: "leave" }));
    this.element = h("section", { class: "present", "aria-label": "Present mode", tabindex: "-1", hidden: true },
      h("div", { class: "crown" }, this.clock, this.key), this.stage,
      h("div", { class: "side" }, h("div", { role: "group", "aria-label": "Numbers now" }, this.heading, this.numbers), h("figure", {}, this.drawing)), this.foot);
    this.drawChart = calmly(() => this.chart(), 200);
    this.sized = new ResizeObserver(() => this.arrange());
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && this.full) this.leave(); });
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) this.element.addEventListener(event, () => this.stir());
  }

  enter() {
    if (this.on || !this.page.arms.list.length) return;
    this.on = true;
    this.held = { alone: this.page.options.alone, focus: document.activeElement };
    this.mark = document.createComment("views");
    this.page.views.element.replaceWith(this.mark);
    this.stage.replaceChildren(this.page.views.element);
    this.others = [...this.element.parentElement.children].filter((one) => one !== this.element && !one.classList.contains("notices"));
    this.others.push(document.querySelector(".embers header.top"));
    this.others.forEach((one) => { one.inert = true; });
    this.element.hidden = false;
    document.documentElement.classList.add("presenting");
    this.page.look({ alone: null, shown: this.first() });
    this.sized.observe(this.stage);
    this.sized.observe(this.drawing.parentElement);
    document.documentElement.requestFullscreen?.().then(() => { this.full = true; }, () => {}); // without it, the window has to do
    this.stir();
    this.element.focus(); // keys act from here, and no button stays lit on the wall
  }

  leave() {
    if (!this.on) return false;
    clearTimeout(this.calming);
    this.on = this.full = false;
    if (document.fullscreenElement) document.exitFullscreen();
    this.sized.disconnect();
    this.others.forEach((one) => { one.inert = false; });
    this.element.hidden = true;
    document.documentElement.classList.remove("presenting");
    this.mark.replaceWith(this.page.views.element);
    ["--across", "--heads", "--tile"].forEach((name) => this.page.views.element.style.removeProperty(name));
    this.page.views.element.classList.remove("many");
    this.page.look({ alone: this.held.alone, shown: null });
    (this.held.focus?.isConnected && this.held.focus !== document.body ? this.held.focus : this.opener).focus();
    return true;
  }

  // At first the view that is enlarged; of many, the two first that are infected: what is done to them is the question.
  first() {
    const { list } = this.page.arms, all = list.map((arm) => arm.number), { alone } = this.page.options;
    if (alone !== null) return [alone];
    const infected = list.filter((arm) => arm.info?.infections.length).map((arm) => arm.number);
    return (infected.length > 1 ? infected : all).slice(0, 2);
  }

  // One more view or one less; one stays.
  choose(at) {
    const { shown } = this.page.options, next = shown.includes(at) ? shown.filter((one) => one !== at) : [...shown, at].sort();
    if (!next.length || at >= this.page.arms.list.length) return;
    this.page.look({ shown: next });
  }

  // After a change of the views.
  relabel() {
    if (!this.on) return;
    const { arms, options, curves } = this.page;
    if (options.shown.some((at) => at >= arms.list.length)) { this.page.look({ shown: this.first() }); return; }
    this.key.replaceChildren(...this.keys());
    keepingFocus(this.chosen, () => this.chosen.replaceChildren(...arms.list.map((arm) => button(arm.info.letter, () => this.choose(arm.number), {
      "aria-pressed": String(options.shown.includes(arm.number)), "aria-label": `View ${arm.info.letter} ${arm.info.title}`, style: `--arm: ${arm.info.color}`, class: "pick", "data-key": `pick ${arm.number}`,
    }))));
    const choices = curves.charts.flatMap((chart) => Object.entries(chart.choices));
    this.measure = choices.some(([name]) => name === this.measure) ? this.measure : choices[0][0];
    this.curve.replaceChildren(...choices.map(([name, text]) => h("option", { value: name, text, selected: name === this.measure })));
    this.arrange();
    this.draw();
  }

  // What the colors mean: of cancer cells as they are drawn now, and of the overlay.
  keys() {
    const { facts, options, arms } = this.page, overlay = arms.overlays(facts)[options.overlay], rim = [24, 16, 32];
    const cells = options.difference && arms.list.length > 1 ? facts.difference.map((one) => ({ ...one, rim }))
      : options.colorBy === "cause" ? facts.causes.map((one) => ({ ...one, rim })) : options.colorBy === "clone" ? [] : facts.cancer;
    const stops = facts.ramp.filter((_, at) => at % 15 === 0).map(css).join(", ");
    return [...cells.map((one) => h("li", {}, dot(one), one.name)), overlay && !(options.difference && arms.list.length > 1)
      ? h("li", {}, `${overlay.name} ${overlay.low.toLocaleString("en-US")}`, h("i", { style: `background: linear-gradient(to right, ${stops})` }), `${overlay.high.toLocaleString("en-US")} ${overlay.unit}`) : null].filter(Boolean);
  }

  // Views as large as the screen lets them be: the heads, at the width of their columns, take what they need.
  arrange() {
    if (!this.on) return;
    const { element } = this.page.views, count = this.page.options.shown.length, type = this.type();
    this.element.style.setProperty("--wide", `${count === 1 ? 44 : count === 2 ? 64 : 52}fr`);
    this.element.style.setProperty("--rest", `${count === 1 ? 56 : count === 2 ? 36 : 48}fr`);
    element.classList.toggle("many", count > 2);
    this.numbers.classList.toggle("many", count > 2);
    const { clientWidth: wide, clientHeight: high } = this.stage, gap = 0.7 * type;
    const options = [1, 2].filter((across) => across <= count && (count < 3 || across === 2)).map((across) => {
      for (const [name, value] of [["--across", across], ["--heads", "0px"]]) element.style.setProperty(name, value);
      const heads = Math.max(...[...element.querySelectorAll(".view:not(.hidden) .head")].map((one) => one.offsetHeight)), down = Math.ceil(count / across);
      const side = Math.min((wide - gap * (across - 1)) / across - 4, (high - gap * (down - 1)) / down - heads - 4);
      return { across, heads, side: Math.max(80, Math.floor(side)) };
    });
    const { across, heads, side } = options.reduce((best, one) => (one.side > best.side ? one : best));
    for (const [name, value] of [["--across", across], ["--heads", `${heads}px`], ["--tile", `${side}px`]]) element.style.setProperty(name, value);
    this.page.views.resize();
    this.chart();
  }

  // Size of the type [px].
  type() {
    return parseFloat(getComputedStyle(this.element).fontSize);
  }

  shown() {
    return this.page.arms.list.filter((arm) => this.page.options.shown.includes(arm.number) && arm.info && arm.points.length && this.page.arms.place(this.measure, arm) >= 0);
  }

  plot() {
    return this.page.curves.charts.find((chart) => Object.hasOwn(chart.choices, this.measure));
  }

  draw() {
    if (!this.on) return;
    const { arms, curves } = this.page, plot = this.plot();
    write(this.clock, `Day ${day(arms.hour)}`);
    if (this.play) write(this.play, arms.playing ? "Pause" : arms.ended ? "Play again" : "Play");
    const times = plot.unit === "×" || plot.unit === "%"; // written behind the number
    write(this.heading, `${plot.choices[this.measure]}${times ? "" : `, ${plot.unit}`}`);
    const chart = { ...plot, measure: this.measure };
    this.numbers.replaceChildren(...this.shown().map((arm) => h("li", { style: `--arm: ${arm.info.color}` },
      h("b", { class: "letter", text: arm.info.letter }), h("strong", {}, number(curves.values(chart, [arm.points.at(-1)], arm)[0]), times ? h("small", { text: ` ${plot.unit}` }) : null))));
    this.drawChart();
  }

  // One curve in type that is read from the last row.
  chart() {
    if (!this.on) return;
    const { arms, curves } = this.page, plot = this.plot(), chart = { ...plot, measure: this.measure }, shown = this.shown();
    const { clientWidth: wide, clientHeight: high } = this.drawing.parentElement;
    if (!shown.length || wide < 200 || high < 120) return;
    const series = shown.map((arm) => curves.values(chart, arm.points, arm)), axis = axisFor(chart, series, [], null);
    const type = this.type(), marks = thinned(axis.marks), left = type * (0.5 + 0.57 * Math.max(3, ...marks.map((mark) => short(mark).length)));
    const right = 1.3 * type, top = 0.6 * type, bottom = 1.6 * type;
    const x = (hour) => left + ((wide - left - right) * hour) / arms.end, y = (value) => top + (high - top - bottom) * (1 - axis.share(value));
    const every = [1, 2, 5, 7, 14, 28].find((one) => arms.end / 24 / one <= (wide > 16 * type ? 4 : 2)) ?? 60;
    const ends = apart(series.map((values) => y(values.at(-1))), type, top, high - bottom);
    this.drawing.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    this.drawing.replaceChildren(
      ...marks.flatMap((mark) => [svg("line", { class: "grid", x1: left, x2: wide - right, y1: y(mark), y2: y(mark) }), svg("text", { x: left - 0.3 * type, y: y(mark) + 0.35 * type, "text-anchor": "end" }, short(mark))]),
      svg("text", { x: left - 0.3 * type, y: high - 0.3 * type, "text-anchor": "end" }, "day"),
      ...Array.from({ length: Math.floor(arms.end / 24 / every) + 1 }, (_, at) => svg("text", { x: x(at * every * 24), y: high - 0.3 * type, "text-anchor": at ? "middle" : "start" }, String(at * every))),
      ...shown.flatMap((arm) => starts(arm.info).map((one) => svg("line", { class: "starts", style: `--arm: ${arm.info.color}`, x1: x(one.hour), x2: x(one.hour), y1: top, y2: high - bottom }, svg("title", {}, `${one.text} starts`)))),
      ...shown.flatMap((arm, at) => [
        svg("polyline", { class: arm.info.dashed ? "line dashed" : "line", style: `--arm: ${arm.info.color}`, points: points(series[at], x, y) }),
        svg("text", { class: "end", style: `--arm: ${arm.info.color}`, x: x(arms.hour) + 0.3 * type, y: ends[at] + 0.35 * type }, arm.info.letter)]));
    this.drawing.setAttribute("aria-label", `${plot.choices[this.measure]}, day ${day(arms.hour)}: ${shown.map((arm, at) => `${arm.info.letter} ${arm.info.title} ${number(series[at].at(-1))}`).join("; ")}`);
  }

  // The controls are there while somebody uses them, and whenever it does not play.
  stir() {
    this.element.classList.add("stirred");
    clearTimeout(this.calming);
    this.calming = setTimeout(() => (this.page.arms.playing ? this.element.classList.remove("stirred") : this.stir()), IDLE);
  }
}

function starts(info) {
  return info.treatments.filter((one) => one.start !== undefined).map((one) => ({ hour: one.start, text: treatmentName(one) }));
}

function points(values, x, y) {
  const every = Math.max(1, Math.floor(values.length / 400));
  return values.map((value, hour) => (hour % every === 0 || hour === values.length - 1 ? `${x(hour).toFixed(1)},${y(value).toFixed(1)}` : null)).filter(Boolean).join(" ");
}

// Four marks of an axis at most.
function thinned(marks) {
  const every = Math.ceil((marks.length - 1) / 3);
  return marks.filter((_, at) => at % every === 0);
}

// Heights of labels, moved so that none covers another one.
function apart(heights, least, top, bottom) {
  const order = heights.map((_, at) => at).sort((one, other) => heights[one] - heights[other]), found = [...heights];
  order.forEach((at, number) => { if (number) found[at] = Math.max(found[at], found[order[number - 1]] + least); });
  const over = Math.max(0, found[order.at(-1)] - bottom);
  return found.map((height) => Math.max(top, height - over));
}

function dot({ color, rim }) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("circle", { cx: 12, cy: 12, r: 11, fill: css(rim) }), svg("circle", { cx: 12, cy: 12, r: 8, fill: css(color) }));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
