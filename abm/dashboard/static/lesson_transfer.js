// The task at the end of a lesson: students set one value, run, and see what it gives; their own points answer the question.

import { button, h, labelled, svg } from "./dom.js";
import { marksOf, said, shareOf } from "./lesson_chart.js";

const WIDTH = 620, HEIGHT = 300, LEFT = 62, RIGHT = 14, TOP = 14, BOTTOM = 46;

export function showTransfer(at) {
  if (!at.state.committed) { at.instead("predict"); return; }
  const task = at.lesson.transfer;
  at.chosen ??= Math.floor(task.values.length / 2);
  const list = task.find === "any";
  const draw = () => {
    const tries = at.state.tries, used = Object.keys(tries).length;
    const run = button("Run it", () => go(), { class: "main-action", disabled: used >= task.tries && !(at.chosen in tries) });
    at.fill(h("p", { class: "lesson-question", text: task.ask }),
      h("div", { class: "setting" }, list ? options(at, task, draw) : slider(at, task, run), h("p", { class: "abreast" }, run, h("span", { class: "quiet", text: `${used} of ${task.tries} runs used` })), at.say),
      list ? null : chart(at, task), table(task, tries, list), verdict(task, tries), at.ways());
  };
  const go = async () => {
    const value = at.chosen;
    at.say.textContent = `Running: ${labelOf(task, value)} …`;
    at.body.querySelectorAll("button, input").forEach((one) => { one.disabled = true; });
    if (!(await at.bring("try", { at: value }, at.end))) return;
    const mine = at.turns, answer = await at.answered("tried", { at: value });
    if (at.turns !== mine) return;
    at.state.tries[value] = { value: answer.value, text: answer.text, inside: answer.inside };
    at.keep();
    at.say.textContent = `${labelOf(task, value)}: ${answer.text}`;
    draw();
    at.body.querySelector(".setting input:checked, .setting input")?.focus();
  };
  draw();
}

function labelOf(task, at) {
  return task.find === "any" ? task.values[at] : `${task.title || "value"} ${task.values[at]} ${task.unit}`.trim();
}

function slider(at, task, run) {
  const output = h("output", { class: "clock" });
  const input = h("input", { type: "range", min: 0, max: task.values.length - 1, step: 1, value: at.chosen, oninput: () => tell() });
  const tell = () => {
    at.chosen = Number(input.value);
    output.textContent = `${task.values[at.chosen]} ${task.unit}`;
    input.setAttribute("aria-valuetext", output.textContent);
    run.disabled = Object.keys(at.state.tries).length >= task.tries && !(at.chosen in at.state.tries);
  };
  tell();
  return h("div", { class: "abreast slider" }, labelled(task.title || "Value", input), output);
}

function options(at, task, draw) {
  return h("fieldset", { class: "options" }, h("legend", { class: "hidden-legend", text: task.title || "Options" }), task.values.map((text, value) => h("label", { class: "option" },
    h("input", { type: "radio", name: "lesson-option", checked: value === at.chosen, onchange: () => { at.chosen = value; draw(); at.body.querySelector("input:checked").focus(); } }), h("span", { text }))));
}

// The points so far, and the range that is looked for.
function chart(at, task) {
  const tries = Object.entries(at.state.tries).filter(([, one]) => one.value !== null).map(([value, one]) => ({ at: Number(value), ...one }));
  const axis = axisOf(task, tries.map((one) => one.value));
  const x = (place) => LEFT + ((WIDTH - LEFT - RIGHT) * place) / (task.values.length - 1), y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - shareOf(axis, value));
  const upper = task.most === null ? TOP : y(task.most), lower = task.least === null ? HEIGHT - BOTTOM : y(task.least);
  const every = Math.ceil(task.values.length / 10);
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "lesson-chart", role: "img", "aria-label": `${task.number}: ${tries.length} runs, listed below` },
    svg("rect", { x: LEFT, width: WIDTH - LEFT - RIGHT, y: upper, height: lower - upper, class: "goal" }),
    marksOf(axis).flatMap((mark) => [svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(mark), y2: y(mark), class: "grid" }), svg("text", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, said(axis, mark))]),
    svg("text", { x: WIDTH - RIGHT - 6, y: task.most === null ? lower - 7 : upper + 16, "text-anchor": "end", class: "name goal-name" }, task.most === null ? `goal: at least ${said(axis, task.least)}` : `goal: at most ${said(axis, task.most)}`),
    task.values.flatMap((text, place) => (place % every ? [] : [svg("text", { x: x(place), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, text)])),
    svg("text", { x: LEFT + (WIDTH - LEFT - RIGHT) / 2, y: HEIGHT - 5, "text-anchor": "middle", class: "axis-title" }, `${task.title}${task.unit ? ` (${task.unit})` : ""}`),
    tries.map((one) => svg("circle", { cx: x(one.at), cy: y(one.value), r: 7, class: one.inside ? "try inside" : "try" })));
}

// An axis on which the goal and all points so far have room.
function axisOf(task, values) {
  const bounds = [task.least, task.most].filter((one) => one !== null), all = [...bounds, ...values].filter((one) => !task.log || one > 0);
  const form = task.form === "percent" ? "percent" : "number";
  if (task.log) return { low: 10 ** Math.floor(Math.log10(Math.min(...all)) - 0.1), high: 10 ** Math.ceil(Math.log10(Math.max(...all)) + 0.1), log: true, form };
  return { low: 0, high: 1.15 * Math.max(...all, task.form === "percent" ? 1 : 0), log: false, form };
}

export function table(task, tries, list) {
  const found = Object.entries(tries).sort(([one], [other]) => Number(one) - Number(other));
  if (!found.length) return h("p", { class: "quiet", text: "No run yet." });
  return h("table", { class: "tries" }, h("caption", { text: task.number }), h("thead", {}, h("tr", {}, [list ? "Experiment" : task.title || "Value", "Result", "Goal"].map((text) => h("th", { scope: "col", text })))),
    h("tbody", {}, found.map(([value, one]) => h("tr", {}, h("th", { scope: "row", text: list ? task.values[value] : `${task.values[value]} ${task.unit}` }), h("td", { text: one.text }), h("td", { text: one.inside ? "✓ reached" : "missed" })))));
}

// What the runs of the student show: {solved, text}.
export function solved(task, tries) {
  const inside = Object.keys(tries).map(Number).filter((value) => tries[value].inside).sort((one, other) => one - other);
  if (!inside.length) return { solved: false, text: Object.keys(tries).length ? "No run has reached the goal yet." : "" };
  if (task.find === "any") return { solved: true, text: `You have found one: ${task.values[inside[0]]} (${tries[inside[0]].text}).` };
  const last = task.find === "last", edge = last ? inside.at(-1) : inside[0], beyond = edge + (last ? 1 : -1);
  const name = `${task.values[edge]} ${task.unit}`.trim();
  if (!(beyond in task.values)) return { solved: true, text: `All the way to ${name} the goal is reached.` };
  if (tries[beyond]) return { solved: true, text: `You have shown it: ${name} reaches the goal (${tries[edge].text}), ${`${task.values[beyond]} ${task.unit}`.trim()} does not (${tries[beyond].text}).` };
  return { solved: false, text: `${name} reaches the goal. Is it the ${task.find} one? Show that the next value misses it.` };
}

function verdict(task, tries) {
  const found = solved(task, tries);
  return found.text ? h("p", { class: found.solved ? "verdict solved" : "verdict", text: `${found.solved ? "✓ " : ""}${found.text}` }) : null;
}
