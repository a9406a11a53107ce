// What each step of a lesson shows.

import { button, day, h } from "./dom.js";
import { LessonChart } from "./lesson_chart.js";
import { showExplain } from "./lesson_explain.js";
import { showLeaf } from "./lesson_leaf.js";
import { compared, form, isAnswered } from "./lesson_tasks.js";
import { showTransfer } from "./lesson_transfer.js";

const PICTURE = 440; // pixels of a side

const WORDS = [
  ["seeded cell", "a dormant cancer cell that is in the lung on day 0"], ["clone", "a seeded cell and all its daughters"],
  ["awakened", "no longer dormant: the cell proliferates"], ["twin", "the same cell in another of the lungs, with the same random numbers"],
  ["epithelium", "the cells that line the air spaces, which the virus infects"], ["log axis", "each line is ten times the one below"],
];

export const STEPS = {
  question: { name: "Question", show: question },
  watch: { name: "Watch", show: watch },
  predict: { name: "Predict", show: predict },
  run: { name: "Run", show: run },
  compare: { name: "Compare", show: compare },
  explain: { name: "Explain", show: showExplain },
  transfer: { name: "Find out", show: showTransfer },
  leave: { name: "Keep", show: showLeaf },
};

export function stepsOf(lesson) {
  return ["question", lesson.arms.some((arm) => arm.given) ? "watch" : null, "predict", "run", "compare", lesson.cells ? "explain" : null, lesson.transfer ? "transfer" : null, "leave"].filter(Boolean);
}

function question(at) {
  const { lesson } = at;
  at.fill(h("p", { class: "lesson-question", text: lesson.question }), h("p", { text: lesson.story }),
    h("ul", { class: "lesson-arms" }, lesson.arms.map((arm, number) => h("li", {}, h("i", { class: "swatch", style: `--arm: ${at.color(number)}` }), arm.title))),
    h("details", { class: "words" }, h("summary", { text: "Words that you will meet" }), h("dl", {}, WORDS.flatMap(([word, text]) => [h("dt", { text: word }), h("dd", { text })]))),
    h("p", { class: "quiet", text: `About ${lesson.minutes} minutes. You predict before you see anything; a wrong prediction costs nothing and teaches most.` }),
    at.ways("Begin"));
  at.bring(at.steps.includes("watch") ? "watch" : "run", {}, 0);
}

// A chart that follows the run: the measure of the first sketch, or the number of cancer cells.
function follow(at, places, prediction) {
  const task = at.tasks.find((one) => one.kind === "sketch");
  const axis = task?.axis ?? { title: "cancer cells per seeded cell", low: 0.1, high: 1000, log: true, form: "number" };
  const measure = task?.measure ?? "cells_per_seeded", chart = new LessonChart(axis, at.end, axis.title);
  if (task && prediction) chart.sketched(at.startOf(task), task.hours, at.answers()[at.tasks.indexOf(task)].value);
  const draw = () => {
    const { list, hour } = at.page.arms;
    chart.show(list.map((arm, view) => at.curve(places[view], at.page.arms.values(arm.points, measure, arm))));
    at.clock.textContent = `Day ${day(hour)}`;
  };
  return { element: chart.element, draw };
}

// Play, pause and hurry, until the end has come.
function player(at, ended) {
  at.clock = h("output", { class: "clock", text: "Day 0.0" });
  const { arms } = at.page;
  const start = button("Play", () => (arms.playing ? at.ask({ do: "pause" }) : at.play()), { class: "main-action", disabled: true }); // until the lungs are there
  const others = [button("Faster", () => at.play(true), { disabled: true }), button("To the end", () => at.ask({ do: "step", day: at.end / 24 }), { disabled: true })];
  const draw = () => {
    start.textContent = arms.playing ? "Pause" : "Play";
    [start, ...others].forEach((one) => { one.disabled = arms.ended; });
  };
  return { draw, ended: () => arms.ended && ended(), element: h("p", { class: "abreast player" }, start, others, at.clock) };
}

// Play the arms of a part in this step; `done` is called once at the end.
async function playPart(at, part, places, prediction, text, done) {
  const once = { over: false };
  const chart = follow(at, places, prediction), controls = player(at, () => { if (!once.over) { once.over = true; done(); } });
  at.fill(text, controls.element, chart.element, at.say, at.ways("Next", false));
  if (!(await at.bring(part, {}, 0))) return;
  at.onframe = () => { chart.draw(); controls.draw(); controls.ended(); };
  at.onframe();
}

function watch(at) {
  const places = at.arms.flatMap((arm, place) => (arm.given ? [place] : []));
  const names = places.map((place) => `“${at.arms[place].title}”`).join(" and ");
  const text = h("p", { text: `Before you predict, watch ${names}. Press play and follow the cancer cells, and their number in the chart.` });
  playPart(at, "watch", places, false, text, () => {
    const curves = {}, starts = {}, { arms } = at.page;
    for (const task of at.tasks.filter((one) => one.kind === "sketch")) {
      places.forEach((place, view) => { curves[`${place} ${task.measure}`] = arms.values(arms.list[view].points, task.measure, arms.list[view]).map(short); });
      [starts[task.measure]] = curves[`${places[0]} ${task.measure}`];
    }
    at.state.watched = { curves, starts };
    at.keep();
    at.next.disabled = false;
    at.say.textContent = "That was it. Now it is your turn to predict.";
  });
}

async function predict(at) {
  at.fill(h("p", { class: "quiet", text: "One moment: the lungs are prepared …" }));
  const starts = await prepare(at);
  if (!starts) return;
  const answers = at.answers(), locked = at.state.committed;
  const commit = () => {
    at.state.committed = true;
    at.keep();
    at.go("run");
  };
  const changed = () => { go.disabled = !answers.every(isAnswered); at.keep(); };
  const go = button(locked ? "To the run" : "Commit and run", locked ? () => at.go("run") : commit, { class: "main-action" });
  at.fill(...at.tasks.map((task, number) => h("section", { class: "task", inert: locked },
    h("h3", {}, h("span", { class: "count", text: `${number + 1}` }), task.ask), form(at, task, answers[number], changed))),
    h("p", { class: "quiet", text: locked ? "You have committed to these predictions." : "Once you commit, a prediction cannot be changed." }),
    h("p", { class: "abreast ways" }, button("Back", () => at.go(at.steps[at.steps.indexOf("predict") - 1])), go));
  if (!locked) changed();
}

// The pictures that are to choose from, and where curves begin: from runs that stay out of sight.
async function prepare(at) {
  const pictures = at.tasks.filter((task) => task.kind === "picture"), sketches = at.tasks.filter((task) => task.kind === "sketch");
  const { arms } = at.page;
  if (!at.state.watched && sketches.length && !at.state.starts) {
    if (!(await at.bring("run", {}, 0))) return false;
    at.state.starts = Object.fromEntries(sketches.map((task) => [task.measure, arms.values(arms.list[task.arm].points, task.measure, arms.list[task.arm])[0]]));
  }
  for (const task of pictures) {
    const key = at.tasks.indexOf(task);
    if (`${key} 0` in at.state.pictures) continue;
    if (!(await at.bring("run", {}, task.hour))) return false;
    task.arms.forEach((arm, place) => { at.state.pictures[`${key} ${place}`] = pictured(at.page.views.views[arm]); });
  }
  return true;
}

// A picture of a view as it is drawn now, out of sight.
function pictured(view) {
  const canvas = h("canvas", { width: PICTURE, height: PICTURE });
  canvas.getContext("2d").drawImage(view.canvas, 0, 0, PICTURE, PICTURE);
  return canvas.toDataURL();
}

function run(at) {
  if (!at.state.committed) { at.instead("predict"); return; }
  const text = h("p", { text: at.tasks.some((task) => task.kind === "sketch") ? "This is the run. Your prediction is the dashed line; the model does not know it." : "This is the run. The model does not know your prediction." });
  playPart(at, "run", at.arms.map((_, place) => place), true, text, async () => {
    at.say.textContent = "The run is over: compare it with your prediction.";
    at.next.disabled = false;
    at.next.textContent = "Compare";
  });
}

// The server scores the run that it shows; the answer is kept under the seed of its lung.
async function scored(at) {
  const said = await at.answered("reveal", { answers: at.answers().map((one) => one.value) });
  const curves = {}, { arms } = at.page;
  for (const task of at.tasks.filter((one) => one.kind === "sketch")) {
    for (const arm of [task.arm, ...task.beside]) curves[`${arm} ${task.measure}`] = arms.values(arms.list[arm].points, task.measure, arms.list[arm]).map(short);
  }
  const { results } = at.state, known = results.findIndex((one) => one.seed === said.seed);
  if (known >= 0) results[known] = { ...said, curves };
  else results.push({ ...said, curves });
  at.state.shown = known >= 0 ? known : results.length - 1;
  at.keep();
}

async function compare(at) {
  if (!at.state.committed) { at.instead("predict"); return; }
  const first = at.state.results[at.state.shown];
  if (!first) {
    at.fill(h("p", { class: "quiet", text: "Comparing …" }));
    if (!(await at.bring("run", {}, at.end))) return;
    const mine = at.turns;
    await scored(at);
    if (at.turns !== mine) return;
  }
  comparison(at);
}

function comparison(at) {
  const result = at.state.results[at.state.shown], answers = at.answers();
  at.onframe = null;
  at.fill(
    h("div", { class: "total" }, h("p", {}, h("span", { text: "Your prediction: " }), h("b", { text: result.total === null ? "–" : `${result.total}` }), h("span", { text: " of 100 points" })),
      h("p", { class: "quiet", text: "Full points within a factor of 2 (or a tenth of a linear axis) of the run, none from three times that distance on; an answer to choose counts all or nothing." })),
    ...result.failed.map((title) => h("p", { class: "warning", text: `In “${title}” the virus did not establish in this lung, as happens by chance. Run another lung.` })),
    ...at.tasks.map((task, number) => h("section", { class: task.kind === "sketch" ? "task beside" : "task" }, h("h3", {}, h("span", { class: "count", text: `${number + 1}` }), task.ask),
      compared(at, task, answers[number], result.tasks[number]),
      h("p", { class: "points" }, result.tasks[number].score === null ? "" : h("b", { text: `${result.tasks[number].score} points. ` }), result.tasks[number].says.join(" ")))),
    h("section", { class: "task" }, h("h3", { text: "What this lung shows" }), findings(result)),
    h("section", { class: "task chance" }, h("h3", { text: "Is it chance?" }),
      h("p", { text: "Another lung has other cells at other places, and other chance. Your predictions stay the same." }), lungs(at)),
    at.ways("Explain it"));
}

export function findings(result) {
  return h("ul", { class: "findings" }, result.findings.map((one) => h("li", { class: one.holds ? "holds" : "fails" }, h("b", { class: "sign", text: one.holds ? "✓" : "✗" }),
    h("span", {}, one.text, h("span", { class: "quiet", text: ` ${one.holds ? "Yes" : "Not in this lung"}: ${one.value} (${one.says}).` })))));
}

function lungs(at) {
  const { results, shown } = at.state, last = Math.max(...results.map((one) => one.seed));
  const held = (one) => one.findings.filter((finding) => finding.holds).length;
  const another = button("Run another lung", async () => {
    another.disabled = true;
    at.say.textContent = "Another lung is run …";
    if (!(await at.bring("run", { seed: last + 1 }, at.end))) return;
    await scored(at);
    at.say.textContent = "This is the other lung.";
    comparison(at);
  }, { disabled: results.length >= 8 });
  return h("div", {}, h("ul", { class: "lungs" }, results.map((one, number) => h("li", {}, button(`Lung ${one.seed}`, () => { at.state.shown = number; comparison(at); }, { class: "small", "aria-pressed": String(number === shown) }),
    h("span", { text: `${one.total ?? "–"} points; ${held(one)} of ${one.findings.length} statements hold` })))), h("p", {}, another), at.say);
}

function short(value) { return Number(value.toPrecision(4)); }
