// Lessons: predict, run, compare, explain, transfer, keep. This file leads from step to step and brings the run where a
// step needs it; what a step shows stands in lesson_steps.js.

import { HERE } from "./address.js";
import { button, h } from "./dom.js";
import { COLORS, colorsOf } from "./lesson_colors.js";
import { STEPS, stepsOf } from "./lesson_steps.js";
import { blank } from "./lesson_tasks.js";

const KEPT = "embers-lesson"; // in the memory of the browser tab: a reload loses nothing
const BEFORE = "embers-before-lesson";
const NORMAL = 2, FAST = 3; // of the speeds of the page

export class Lessons {
  constructor(page) {
    this.page = page;
    this.lesson = null;
    this.waits = [];
    this.opener = button("Lessons", () => this.menu());
    this.element = h("section", { class: "lesson", "aria-label": "Lesson", hidden: true });
    this.colors = colorsOf(page.facts);
    window.addEventListener("popstate", () => this.back());
    this.asked = addressed().lesson; // by the address, until it is open
    if (this.asked) this.until(() => page.arms.recipe && page.arms.list.length, true).then(() => this.begin(this.asked, JSON.parse(sessionStorage.getItem(BEFORE) ?? "null")));
  }

  get open() { return this.lesson !== null; }
  address(step) { return `${location.pathname}?lesson=${encodeURIComponent(this.lesson.name)}&step=${step}`; }

  // The list of lessons.
  async menu() {
    const found = await this.fetched("lessons");
    if (!found) return;
    const dialog = this.page.notices.dialog;
    this.page.notices.open("Lessons", h("p", { text: "Predict first, then run the model, see how near you came, and find out why." }),
      h("ul", { class: "lesson-list" }, found.map((one) => h("li", {}, h("h3", { text: one.title }), h("p", { text: one.question }),
        h("p", { class: "abreast" }, button("Start", () => { dialog.close(); this.begin(one.name); }, { class: "main-action", "aria-label": `Start: ${one.title}` }), h("span", { class: "quiet", text: `${one.minutes} min` }))))));
  }

  async fetched(path) {
    const answer = await fetch(`${HERE}/${path}`).catch(() => null);
    if (answer?.ok) return answer.json();
    this.page.notices.refuse(answer ? await answer.text() : "The server does not answer: try again when it is back.");
    return null;
  }

  // Open a lesson where it was left in this tab, or at its beginning; `before`: what the page is to show after it.
  async begin(name, before = null) {
    const there = addressed();
    this.asked = name; // the address is not that of the page now
    const lesson = await this.fetched(`lessons/${encodeURIComponent(name)}`);
    this.asked = null;
    if (!lesson) { this.page.remember(); return; }
    const { arms } = this.page;
    this.before = before ?? { recipe: arms.recipe, hour: arms.hour, speed: arms.speed };
    remember(BEFORE, this.before);
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    this.lesson = lesson;
    Object.assign(this, { arms: lesson.arms, tasks: lesson.tasks, end: 24 * lesson.days, steps: stepsOf(lesson), laid: "", cell: null, chosen: undefined });
    this.state = kept?.name === name && kept.tasks === JSON.stringify(lesson.tasks) ? kept : this.fresh();
    const isThere = there.lesson === name; // as after a reload, or Back in the browser
    if (isThere && this.state === kept && this.steps.includes(there.step)) this.state.step = there.step;
    if (this.state.committed && !this.state.results.length && this.state.step !== "question") this.state.step = "run";
    this.page.look({ alone: null, difference: false, colorBy: "state" });
    this.root.classList.add("in-lesson");
    this.element.parentElement.classList.add("lesson-ground");
    this.root.querySelector(".views").after(this.colors);
    this.element.hidden = false;
    if (isThere) this.instead(this.state.step); else this.go(this.state.step);
  }

  // Back or forward in the browser: to a step of a lesson, or out of it.
  back() {
    const { lesson, step } = addressed(), { before } = this;
    if (this.lesson && this.lesson.name !== lesson) this.leave();
    if (!lesson) this.page.remember();
    else if (!this.lesson) this.begin(lesson, before);
    else this.go(this.steps.includes(step) ? step : this.steps[0]);
  }

  get root() { return document.querySelector(".embers"); }

  fresh() {
    return { name: this.lesson.name, tasks: JSON.stringify(this.tasks), step: this.steps[0], answers: null, committed: false, watched: null, pictures: {},
      orders: this.tasks.map((task) => (task.kind === "picture" ? shuffled(task.arms.length) : null)), results: [], shown: 0, tries: {}, sentence: "", name_of_student: "" };
  }

  // Back to what the page showed before.
  leave() {
    const { before } = this;
    this.keep();
    sessionStorage.removeItem(BEFORE);
    this.turn();
    Object.assign(this, { lesson: null, before: null });
    this.root.classList.remove("in-lesson");
    delete this.root.dataset.lessonStep;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.page.act.overlay("");
    this.unpick();
    this.page.views.fit();
    this.ask({ do: "speed", at: before.speed ?? 1 });
    this.ask({ do: "recipe", recipe: before.recipe, hour: before.hour });
    this.opener.focus();
  }

  again() {
    sessionStorage.removeItem(KEPT);
    this.state = this.fresh();
    this.go(this.state.step);
  }

  keep() { remember(KEPT, this.state); }

  // Show a step in the place of one that cannot be shown yet.
  instead(step) {
    history.replaceState(null, "", this.address(step));
    this.go(step);
  }

  // Show a step; each is an entry in the history of the browser.
  go(step) {
    this.turn();
    if (addressed().step !== step) history.pushState(null, "", this.address(step));
    this.unpick();
    this.state.step = step;
    this.keep();
    this.page.act.overlay("");
    this.page.views.fit();
    const { lesson } = this, at = this.steps.indexOf(step);
    const done = (one, number) => number < at;
    this.redraws = [];
    this.root.dataset.lessonStep = step;
    this.body = h("div", { class: "lesson-body" });
    this.say = h("p", { class: "lesson-status", role: "status" });
    const title = h("h2", { tabindex: "-1", text: lesson.title });
    this.element.replaceChildren(
      h("header", { class: "lesson-head" }, title, h("p", { class: "abreast" }, button("Start again", () => this.again(), { class: "small" }), button("Leave the lesson", () => this.leave(), { class: "small" }))),
      h("ol", { class: "lesson-steps", "aria-label": "Steps of the lesson" }, this.steps.map((one, number) => h("li", { class: done(one, number) ? "done" : one === step ? "now" : "", "aria-current": one === step ? "step" : null }, h("span", { text: `${number + 1}` }), STEPS[one].name))),
      this.body, this.say);
    STEPS[step].show(this);
    title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "start" });
  }

  // The cell that was explained is marked no more.
  unpick() { if (this.root.dataset.lessonStep === "explain") this.page.act.unpick(); }

  // What the step shows; what is none is left out.
  fill(...parts) { this.body.replaceChildren(...parts.filter(Boolean)); }

  // Buttons to the step before and after; `allowed`: whether one can go on.
  ways(text = "Next", allowed = true) {
    const at = this.steps.indexOf(this.state.step);
    this.next = at < this.steps.length - 1 ? button(text, () => this.go(this.steps[at + 1]), { class: "main-action", disabled: !allowed }) : null;
    return h("p", { class: "abreast ways" }, at ? button("Back", () => this.go(this.steps[at - 1])) : null, this.next);
  }

  // ---- the run ------------------------------------------------------------------------------------------------------

  ask(order) { this.page.act.ask(order); }
  part(part, what = {}) { this.ask({ do: "lesson", name: this.lesson.name, part, ...what }); }

  // End all that waits for the run: something else is shown now.
  turn() {
    this.waits = this.waits.filter((one) => one.kept);
    this.turns = (this.turns ?? 0) + 1;
    this.onframe = null;
  }

  // Resolves when a frame fulfills the test; `kept`: also after another step has come.
  until(test, kept = false) {
    return new Promise((done) => { this.waits.push({ test, done, kept }); this.check(); });
  }

  check() {
    const met = this.waits.filter((one) => one.test());
    this.waits = this.waits.filter((one) => !met.includes(one));
    met.forEach((one) => one.done());
  }

  // Called with each frame that was drawn.
  frame() {
    this.onframe?.();
    this.check();
  }

  // Other lungs have been run in the background.
  bands() { if (this.lesson) this.redraws.forEach((draw) => draw()); }

  hear(said) {
    if (this.lesson && said.name === this.lesson.name) this.hears?.(said);
    this.check();
  }

  // The answer of the server to a part.
  answered(part, what) {
    return new Promise((done) => {
      this.hears = (said) => { if (said.part === part && said.at === what?.at) { this.hears = null; done(said); } };
      this.part(part, what);
    });
  }

  // Lay out a part (watch, run, try) and be at an hour of it, as fast as can be. False where another step came between.
  async bring(part, what, hour) {
    const key = JSON.stringify([part, what]), { arms } = this.page, mine = this.turns;
    if (this.laid !== key) {
      const scenes = arms.scenes;
      this.laid = key;
      this.part(part, what);
      this.laying = this.until(() => arms.scenes > scenes && arms.infos.length === arms.list.length, true);
    }
    await this.laying; // which another step may have asked for
    if (this.turns !== mine) return false;
    if (Math.abs(arms.hour - hour) > 0.05 || arms.playing) {
      this.ask({ do: "step", day: hour / 24 });
      await this.until(() => Math.abs(arms.hour - hour) < 0.05 && !arms.playing);
    }
    return this.turns === mine;
  }

  // The colors of the arms of a lesson, in every part the same; `infos`: of the views.
  paint(infos) {
    if (!this.lesson) return;
    const part = JSON.parse(this.laid || "[]")[0], given = this.arms.flatMap((arm, place) => (arm.given ? [place] : []));
    const places = part === "watch" ? given : part === "try" ? this.lesson.transfer.places : this.arms.map((_, place) => place);
    infos.forEach((info, view) => { info.color = this.color(places[view] ?? view); info.dashed = false; });
  }

  // The lung of a result, as the part `run` is asked for it.
  lungOf(result) { return result.seed === this.lesson.seed ? {} : { seed: result.seed }; }

  play(fast = false) {
    this.ask({ do: "speed", at: fast ? FAST : NORMAL });
    this.ask({ do: "play" });
  }

  // ---- what the forms ask for ---------------------------------------------------------------------------------------

  color(arm) { return COLORS[arm]; }
  startOf(task) { return this.state.watched?.starts?.[task.measure] ?? this.state.starts?.[task.measure] ?? task.axis.low; }
  orderOf(task) { return this.state.orders[this.tasks.indexOf(task)]; }

  answers() {
    this.state.answers ??= this.tasks.map((task) => blank(task, task.kind === "sketch" ? this.startOf(task) : 0));
    return this.state.answers;
  }

  curve(arm, values, faint = false) { return { title: this.arms[arm].title, color: this.color(arm), values, faint }; }

  watchedCurves(task) {
    return task.beside.filter((arm) => this.state.watched?.curves[`${arm} ${task.measure}`]).map((arm) => this.curve(arm, this.state.watched.curves[`${arm} ${task.measure}`], true));
  }

  runCurves(task) {
    return [...task.beside.map((arm) => this.curve(arm, this.valuesOf(arm, task.measure), true)), this.curve(task.arm, this.valuesOf(task.arm, task.measure))];
  }

  // A curve of the run now, or of the run that was last compared.
  valuesOf(arm, measure) {
    const { list } = this.page.arms, run = JSON.parse(this.laid || "[]")[0] === "run";
    const now = run && list[arm] ? this.page.arms.values(list[arm].points, measure, list[arm]) : [];
    return now.length ? now : (this.state.results[this.state.shown]?.curves?.[`${arm} ${measure}`] ?? []);
  }

  // The middle half of other lungs, as far as they have been run in the background.
  bandOf(task) {
    const found = this.laid.startsWith('["run"') ? this.page.curves.bands?.arms[task.arm]?.[task.measure] : null;
    return found ? { hours: this.page.curves.bands.hours, low: found.low, high: found.high, color: this.color(task.arm) } : null;
  }

  picture(task, arm) {
    const image = this.state.pictures[`${this.tasks.indexOf(task)} ${arm}`];
    return h("img", { src: image, alt: `Lung section on day ${task.hour / 24}`, class: "lung" });
  }
}

// The lesson and step that the address names. (Solara keeps a state of its own in the history, in the place of any other.)
function addressed() {
  const said = new URLSearchParams(location.search);
  return { lesson: said.get("lesson"), step: said.get("step") };
}

function remember(key, value) {
  try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* no room: a reload begins again */ }
}

// The places of so many things in a random order.
function shuffled(count) {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}
