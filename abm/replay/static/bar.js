// Play, the clock, the time axis with what was done to each arm, and the keyboard.

import { button, day, h, select } from "../../dashboard/static/dom.js";
import { colored } from "./charts.js";

const SPEEDS = [["2", "slow"], ["0.8", "normal"], ["0.3", "fast"]]; // seconds a day

export class Bar {
  // `act`: {show(frame)}
  constructor(film, look, act) {
    Object.assign(this, { film, look, act });
    this.seconds = 0.8;
    this.play = button("Play", () => this.toggle(), { class: "main-action" });
    this.clock = h("output", { class: "clock", for: "embers-scrubber" });
    this.scrubber = h("input", { type: "range", id: "embers-scrubber", min: 0, max: film.hours.length - 1, step: 1, value: 0, "aria-label": "Shown time", oninput: () => { this.pause(); act.show(Number(this.scrubber.value)); } });
    const speed = select(SPEEDS, "0.8", (value) => { this.seconds = Number(value); }, { "aria-label": "Speed" });
    const rows = film.arms.flatMap((arm) => arm.bars.map((one) => this.row(arm, one)));
    this.spoken = h("p", { class: "spoken", role: "status" });
    this.element = h("div", { class: "time", role: "group", "aria-label": "Time" },
      h("div", { class: "drive" }, this.play, this.clock, speed),
      h("div", { class: "axis-of-time" }, this.scrubber,
        rows.length ? h("ul", { class: "deeds", "aria-label": "What was done" }, rows) : null), this.spoken);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // What was done to an arm: a bar from its start to its end, or a mark, with its name.
  row(arm, { start, stop, text }) {
    const { end } = this.film, long = stop > start, first = (100 * start) / end;
    const when = long ? `day ${start / 24} to ${Number(day(stop))}` : `day ${Number(day(start))}`;
    const deed = colored(h("li", { class: long ? "deed" : "deed at-once", title: `${arm.title}: ${text}, ${when}` },
      h("span", { class: "stretch" }), h("span", { class: "name" }, h("b", { text: arm.letter }), ` ${text}`, h("span", { class: "spoken", text: `, ${when}` }))), arm);
    const [stretch, name] = deed.children;
    stretch.style.left = `${first}%`;
    stretch.style.width = long ? `${(100 * (stop - start)) / end}%` : "";
    if (first > 60) name.style.right = `${100 - first}%`;
    else name.style.left = `${first}%`;
    return deed;
  }

  draw() {
    const hour = this.film.hours[this.look.frame], last = this.look.frame === this.film.hours.length - 1;
    this.clock.textContent = `Day ${day(hour)}`;
    this.scrubber.value = this.look.frame;
    this.scrubber.setAttribute("aria-valuetext", this.clock.textContent);
    this.play.textContent = this.running ? "Pause" : last ? "Play again" : "Play";
  }

  toggle() { if (this.running) this.pause(); else this.start(); }

  start() {
    if (this.look.frame === this.film.hours.length - 1) this.act.show(0);
    this.running = true;
    let hour = this.film.hours[this.look.frame], before = performance.now();
    const go = (now) => {
      if (!this.running) return;
      hour += (Math.min(now - before, 200) / 1000 / this.seconds) * 24;
      before = now;
      let frame = this.look.frame;
      while (frame + 1 < this.film.hours.length && this.film.hours[frame + 1] <= hour) frame += 1;
      if (frame + 1 === this.film.hours.length) this.running = false;
      if (frame !== this.look.frame || !this.running) this.act.show(frame);
      if (this.running) requestAnimationFrame(go); else this.say();
    };
    this.draw();
    requestAnimationFrame(go);
  }

  pause() {
    if (!this.running) return;
    this.running = false;
    this.draw();
    this.say();
  }

  say() { this.spoken.textContent = `${this.clock.textContent} is shown.`; }

  // Space, arrows (with Shift by a day), Home and End, wherever they have no other meaning.
  key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest?.("select, textarea, input:not(#embers-scrubber)")) return;
    const presses = target.closest?.("button, summary, a");
    if (event.key === " " && !presses) this.toggle();
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(this.film.hours.length - 1);
    else if (event.key === "ArrowRight") this.go(this.next(event.shiftKey, 1));
    else if (event.key === "ArrowLeft") this.go(this.next(event.shiftKey, -1));
    else return;
    event.preventDefault();
  }

  go(frame) {
    this.pause();
    this.act.show(frame);
  }

  // The frame after or before the shown one, or the one a day away.
  next(byDay, sign) {
    const { hours } = this.film, { frame } = this.look;
    if (!byDay) return Math.min(hours.length - 1, Math.max(0, frame + sign));
    return nearest(hours, hours[frame] + 24 * sign);
  }
}

export function nearest(hours, hour) {
  return hours.reduce((best, one, at) => (Math.abs(one - hour) < Math.abs(hours[best] - hour) ? at : best), 0);
}
