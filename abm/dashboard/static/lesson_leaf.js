// The last step: one page to print or save, with everything that the student has done.

import { button, h, labelled } from "./dom.js";
import { findings } from "./lesson_steps.js";
import { compared, inWords } from "./lesson_tasks.js";
import { solved, table } from "./lesson_transfer.js";

export function showLeaf(at) {
  const { state, lesson } = at, result = state.results[state.shown];
  if (!result) { at.instead("run"); return; }
  const sentence = h("textarea", { rows: 3, maxlength: 600, oninput: () => { state.sentence = sentence.value; at.keep(); own.textContent = sentence.value; } });
  const student = h("input", { type: "text", maxlength: 80, autocomplete: "name", value: state.name_of_student, oninput: () => { state.name_of_student = student.value; at.keep(); who.textContent = student.value; } });
  sentence.value = state.sentence;
  const own = h("p", { class: "own-words", text: state.sentence }), who = h("span", { text: state.name_of_student });
  at.fill(
    h("div", { class: "leaving" }, h("p", { class: "lesson-question", text: result.leave }), labelled("Your answer, in your own words", sentence), labelled("Your name (for the printed page; it stays in this browser)", student),
      h("p", { class: "abreast ways" }, button("Back", () => at.go(at.steps.at(-2))), button("Print or save as PDF", () => print(), { class: "main-action" }), button("Leave the lesson", () => at.leave()))),
    h("article", { class: "leaf", "aria-label": "Your page" },
      h("header", {}, h("h3", { text: lesson.title }), h("p", {}, "Name: ", who)),
      h("p", { class: "asked", text: lesson.question }),
      h("div", { class: "leaf-tasks" }, at.tasks.map((task, number) => leafTask(at, task, number, result))),
      h("div", { class: "leaf-half" }, h("section", {}, h("h4", { text: "What the run shows" }), findings(result), h("p", { text: result.explain }), result.limits ? [h("h4", { text: "What the model cannot say" }), h("p", { text: result.limits })] : null),
        lesson.transfer ? h("section", {}, h("h4", { text: lesson.transfer.ask }), table(lesson.transfer, state.tries, lesson.transfer.find === "any"), h("p", { text: solved(lesson.transfer, state.tries).text })) : null),
      h("section", {}, h("h4", { text: result.leave }), own),
      h("footer", { text: `Embers, lesson ${lesson.name}, lung (seed) ${result.seed}${state.results.length > 1 ? `; also run: ${state.results.filter((one) => one !== result).map((one) => one.seed).join(", ")}` : ""}. A model, not medical advice.` })));
}

function leafTask(at, task, number, result) {
  const answer = at.answers()[number], found = result.tasks[number];
  const drawn = task.kind === "sketch" || task.kind === "bars";
  return h("section", {}, h("h4", { text: `${number + 1}. ${task.ask}` }), drawn ? compared(at, task, answer, found) : h("p", { text: `My prediction: ${inWords(at, task, answer)}.` }),
    h("p", {}, found.score === null ? "" : h("b", { text: `${found.score} points. ` }), found.says.join(" ")));
}
