// Play, pause, step, back, reset, seed, speed, and the time axis on which every change is written.

import { button, day, h, number, select } from "./dom.js";
import { fullTitle, marksOf } from "./arms.js";

export class Bar {
  // `ask`: gives an order to the server.
  constructor(facts, arms, ask) {
    Object.assign(this, { facts, arms, ask });
    this.play = button("Play", () => this.toggle(), { class: "main-action", "aria-keyshortcuts": "Space" });
    this.seed = h("input", { type: "text", inputmode: "numeric", id: "embers-seed", size: 6, autocomplete: "off",
      onkeydown: (event) => { if (event.key === "Enter") this.reseed(this.seed.value.trim()); },
      onchange: () => this.reseed(this.seed.value.trim()) });
    this.axis = h("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": "Day",
      oninput: () => { this.dragged = true; this.say(Number(this.axis.value)); },
      onchange: () => { this.dragged = false; this.ask({ do: "step", day: Number(this.axis.value) / 24 }); } });
    this.marks = h("div", { class: "marks", "aria-hidden": "true" });
    this.clock = h("output", { class: "clock" });
    const names = ["slow", "normal", "fast", "faster", "full speed"];
    this.speed = select(facts.speeds.map((hours, at) => [at, hours ? `${names[at]} (${hours} h/s)` : names[at]]), 1,
      (at) => this.ask({ do: "speed", at: Number(at) }), { id: "embers-speed" });
    this.element = h("div", { class: "bar", role: "group", "aria-label": "Time" },
      this.play,
      button("Back 1 h", () => this.ask({ do: "step", hours: -1 }), { "aria-keyshortcuts": "ArrowLeft" }),
      button("Step 1 h", () => this.ask({ do: "step", hours: 1 }), { "aria-keyshortcuts": "ArrowRight" }),
      button("Reset", () => this.reset(), { title: "Day 0 again, same seed" }),
      this.undo = button("", () => this.goBack(), { class: "undo", hidden: true }),
      h("span", { class: "pair" }, h("label", { for: "embers-speed", text: "Speed" }), this.speed),
      h("span", { class: "axis" }, this.clock, h("span", { class: "track" }, this.axis, this.marks)),
      h("span", { class: "pair" }, h("label", { for: "embers-seed", text: "Seed" }), this.seed,
        button("New seed", () => this.anySeed(), { title: "Other chance, same day" })));
  }

  // Play or pause; at the end, from day 0.
  toggle() {
    if (this.arms.ended && !this.arms.playing) this.ask({ do: "step", day: 0 });
    this.ask({ do: this.arms.playing ? "pause" : "play" });
  }

  // Day 0; a way back is offered, as this may have been a slip.
  reset() {
    const { hour, recipe } = this.arms;
    this.ask({ do: "reset" });
    this.offer(hour, recipe.seed, `Back to day ${day(hour)}`);
  }

  // Other chance, on the same day.
  reseed(seed) {
    const { hour, recipe } = this.arms;
    if (seed === String(recipe?.seed) || seed === this.asked) return; // Enter is a change, too
    this.asked = seed;
    this.ask({ do: "reset", seed, hour });
    this.offer(hour, recipe.seed, `Back to seed ${recipe.seed}`);
  }

  anySeed() {
    this.reseed(String(1 + Math.floor(Math.random() * 9998)));
  }

  offer(hour, seed, text) {
    this.before = { hour, seed };
    this.undo.textContent = text;
    this.undo.hidden = false;
  }

  goBack() {
    const { hour, seed } = this.before;
    this.ask(seed === this.arms.recipe.seed ? { do: "step", day: hour / 24 } : { do: "reset", seed, hour });
    this.undo.hidden = true;
    this.play.focus();
  }

  // The seed and the marks of what was done.
  relabel() {
    this.asked = null;
    this.seed.value = this.arms.recipe.seed;
    this.mark();
  }

  mark() {
    const end = this.arms.end, seen = new Map();
    this.arms.list.forEach((arm) => marksOf(arm.info ?? { infections: [], treatments: [], changes: [] }).forEach((one) => {
      if (one.hour < end) seen.set(`${one.hour} ${arm.number}`, { ...one, arm });
    }));
    this.marks.replaceChildren(...[...seen.values()].map(({ hour, text, arm }) => h("i", {
      style: `left: ${(100 * hour) / end}%; --arm: ${arm.info.color}; top: ${2 + 5 * arm.number}px`,
      title: `Day ${day(hour)}: ${text} (${fullTitle(arm.info)})`,
    })));
  }

  say(hour) {
    this.clock.textContent = `Day ${day(hour)}`;
  }

  draw() {
    const { hour, end, playing, ended } = this.arms;
    this.play.textContent = playing ? "Pause" : ended ? "Play again" : "Play";
    if (playing && hour > (this.before?.hour ?? Infinity)) this.undo.hidden = true;
    if (document.activeElement !== this.speed) this.speed.value = String(this.arms.speed);
    if (Number(this.axis.max) !== end) { this.axis.max = end; this.mark(); }
    if (!this.dragged) {
      this.axis.value = hour;
      this.axis.setAttribute("aria-valuetext", `Day ${day(hour)}`);
      this.say(hour);
    }
  }
}

// The state of all arms in one plain sentence.
export function summary(arms) {
  const told = arms.list.filter((arm) => arm.info && arm.points.length);
  if (!told.length) return [];
  const parts = told.map((arm) => ({ color: arm.info.color, letter: arm.info.letter, title: arm.info.title, text: `${number(arms.latest(arm, "cells_per_seeded"))} ×` }));
  return [{ text: `Day ${day(arms.hour)}: cancer cells per seeded cell` }, ...parts];
}
