// The predictions of a lesson: how each kind is asked, and how it is shown beside the run.

import { h, number } from "./dom.js";
import { LessonChart, marksOf, said, shareOf, valueAt } from "./lesson_chart.js";

const STEPS = 200; // of a bar

// A fresh answer, which its form changes in place: {value, touched}.
export function blank(task, start) {
  if (task.kind === "sketch") return { value: task.hours.map(() => start), touched: false };
  if (task.kind === "bars") return { value: task.bars.map(() => valueAt(task.axis, 0.5)), touched: task.bars.map(() => false) };
  return { value: null, touched: false };
}

// Whether a student has answered.
export function isAnswered(answer) {
  return Array.isArray(answer.touched) ? answer.touched.every(Boolean) : answer.touched;
}

// The form of a prediction; `lesson` is the open lesson, `changed` hears of every change.
export function form(lesson, task, answer, changed) {
  return { sketch: sketchForm, bars: barsForm, choice: choiceForm, "which lung": choiceForm, picture: pictureForm }[task.kind](lesson, task, answer, changed);
}

// What was predicted, beside what the run gave.
export function compared(lesson, task, answer, result) {
  return { sketch: sketchShown, bars: barsShown, choice: choiceShown, "which lung": choiceShown, picture: pictureShown }[task.kind](lesson, task, answer, result);
}

function sketchForm(lesson, task, answer, changed) {
  const chart = new LessonChart(task.axis, lesson.end, `Draw your curve: ${task.axis.title}`);
  chart.show(lesson.watchedCurves(task));
  chart.open(lesson.startOf(task), task.hours, answer.value, () => { answer.touched = true; changed(); });
  return h("div", { class: "drawing" }, chart.element,
    h("p", { class: "quiet", text: "Drag in the chart to draw. By keyboard: Tab to a point, ↑ and ↓ move it, ← and → go to the next one." }));
}

function sketchShown(lesson, task, answer) {
  const chart = new LessonChart(task.axis, lesson.end, `${task.axis.title}: your prediction and the run`);
  const note = h("p", { class: "quiet" });
  const draw = () => { // once more when other lungs have been run
    const band = lesson.bandOf(task);
    chart.show(lesson.runCurves(task), band);
    note.textContent = band ? "Pale band: the middle half of other lungs, run in the background." : "";
  };
  draw();
  lesson.redraws.push(draw);
  chart.sketched(lesson.startOf(task), task.hours, answer.value);
  return h("div", { class: "drawing" }, chart.element, note);
}

function barsForm(lesson, task, answer, changed) {
  return h("div", { class: "bars" }, task.bars.map((bar, at) => {
    const shown = h("output", { text: answer.touched[at] ? said(task.axis, answer.value[at]) : "place it" });
    const input = h("input", { type: "range", min: 0, max: STEPS, step: 1, value: Math.round(STEPS * shareOf(task.axis, answer.value[at])), "aria-label": `${lesson.arms[bar.arm].title}: ${task.axis.title}` });
    const tell = () => {
      answer.value[at] = valueAt(task.axis, Number(input.value) / STEPS);
      answer.touched[at] = true;
      shown.textContent = said(task.axis, answer.value[at]);
      input.setAttribute("aria-valuetext", shown.textContent);
      changed();
    };
    input.addEventListener("input", tell);
    input.addEventListener("click", tell); // who agrees with the middle
    return h("div", { class: "bar-row", style: `--arm: ${lesson.color(bar.arm)}` }, h("span", { class: "bar-name", text: lesson.arms[bar.arm].title }), input, shown);
  }), h("div", { class: "bar-row bar-axis quiet" }, h("span"), h("div", { class: "bar-marks" },
    marksOf(task.axis).map((mark) => h("i", { style: `left: ${100 * shareOf(task.axis, mark)}%`, text: said(task.axis, mark) })), h("p", { text: task.axis.title }))));
}

function barsShown(lesson, task, answer, result) {
  const bar = (value, kind, name) => h("span", { class: `bar-shown ${kind}` }, h("i", { style: `width: ${100 * shareOf(task.axis, value)}%` }), h("span", { text: `${name} ${said(task.axis, value)}` }));
  return h("div", { class: "bars" }, task.bars.map((one, at) => h("div", { class: "bar-row", style: `--arm: ${lesson.color(one.arm)}` },
    h("span", { class: "bar-name", text: lesson.arms[one.arm].title }), h("span", { class: "pairs" }, bar(answer.value[at], "own", "you:"), bar(result.right[at], "run", "run:")))));
}

function radios(lesson, task, answer, changed, labels) {
  const name = `lesson-task-${lesson.tasks.indexOf(task)}`;
  return labels.map((label, at) => {
    const input = h("input", { type: "radio", name, value: at, checked: answer.value === at, onchange: () => { Object.assign(answer, { value: at, touched: true }); changed(); } });
    return h("label", { class: "option" }, input, label);
  });
}

function choiceForm(lesson, task, answer, changed) {
  return h("fieldset", { class: "options" }, h("legend", { class: "hidden-legend", text: task.ask }), radios(lesson, task, answer, changed, task.options.map((text) => h("span", { text }))));
}

function choiceShown(lesson, task, answer, result) {
  return h("ul", { class: "options shown" }, task.options.map((text, at) => optionShown(at, answer, result, h("span", { text }))));
}

function optionShown(at, answer, result, content) {
  const right = at === result.right, own = at === answer.value;
  return h("li", { class: `option ${right ? "right" : ""} ${own ? "own" : ""}` }, h("b", { class: "sign", text: right ? "✓" : own ? "✗" : "" }), content,
    h("span", { class: "who", text: [own ? "your answer" : "", right ? "the run" : ""].filter(Boolean).join(", ") }));
}

// Pictures are shuffled, the same way for as long as the lesson is open: `order` gives the arm of each place.
function pictureForm(lesson, task, answer, changed) {
  const order = lesson.orderOf(task);
  return h("fieldset", { class: "options pictures" }, h("legend", { class: "hidden-legend", text: task.ask }),
    order.map((arm, place) => {
      const input = h("input", { type: "radio", name: `lesson-task-${lesson.tasks.indexOf(task)}`, value: place, checked: answer.value === arm, onchange: () => { Object.assign(answer, { value: arm, touched: true }); changed(); } });
      return h("label", { class: "option" }, lesson.picture(task, arm), h("span", { class: "choose" }, input, `Picture ${place + 1}`));
    }));
}

function pictureShown(lesson, task, answer, result) {
  return h("ul", { class: "options pictures shown" }, lesson.orderOf(task).map((arm, place) => optionShown(arm, answer, result,
    h("span", { class: "pictured" }, lesson.picture(task, arm), h("span", { text: `${place + 1}: ${lesson.arms[task.arms[arm]].title}` })))));
}

// An answer in a few words, for the page that students keep.
export function inWords(lesson, task, answer) {
  if (task.kind === "sketch") return `${lesson.arms[task.arm].title}: day ${number(task.hours.at(-1) / 24)}: ${said(task.axis, answer.value.at(-1))} (${task.axis.title})`;
  if (task.kind === "bars") return task.bars.map((bar, at) => `${lesson.arms[bar.arm].title}: ${said(task.axis, answer.value[at])}`).join("; ");
  if (task.kind === "picture") return `picture ${lesson.orderOf(task).indexOf(answer.value) + 1}`;
  return task.options[answer.value];
}
