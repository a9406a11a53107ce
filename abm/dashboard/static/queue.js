// What has to wait, and what is being done meanwhile: a place on the server, or an order while the tissue is at work.

import { day, h } from "./dom.js";

const PATIENCE = 500; // ms: what is done sooner is not worth a word
const LONG_WAY = 1200; // ms of a run to a day
const REBUILDS = ["recipe", "reset", "edit"]; // orders for which the sections are laid out
const NAMES = {
  play: () => "play", pause: () => "pause", reset: ({ seed }) => (seed === undefined ? "reset" : `seed ${seed}`), recipe: () => "other views",
  edit: () => "a change", title: () => "a title", forget: () => "forget what waits", pick: () => "the story of a cell", speed: () => "another speed",
  step: (order) => (order.day === undefined ? `${order.hours ?? 1} h` : `day ${Number(day(24 * order.day))}`),
};

export class Queue {
  constructor() {
    this.orders = []; // {do, at}: given and not done yet, oldest first
    this.doing = "";
    this.text = h("p"), this.waiting = h("p", { class: "waits" });
    this.element = h("div", { class: "notice work", role: "status", hidden: true }, h("div", {}, this.text, this.waiting));
    this.room = h("section", { class: "room", "aria-label": "Queue", "aria-live": "polite", hidden: true });
  }

  // What is being done; `patience` [ms] until that is worth a word.
  busy(text, patience = PATIENCE) {
    if (!this.doing) this.since = performance.now() + patience;
    this.doing = text;
    this.later(patience);
  }

  quiet() {
    this.doing = "";
    this.draw();
  }

  given(order) {
    if (!NAMES[order.do]) return;
    this.orders.push({ text: NAMES[order.do](order), kind: order.do, at: performance.now() });
    this.later(PATIENCE);
  }

  done(kind) {
    const at = this.orders.findIndex((one) => one.kind === kind);
    if (at >= 0) this.orders.splice(0, at + 1); // they are done in order
    this.draw();
  }

  // A run to a day, as a frame shows it.
  follow({ to, hour }) {
    if (to === null || to === undefined) {
      this.way = null;
      if (this.running) { this.running = false; this.quiet(); }
      return;
    }
    this.way ??= performance.now();
    if (performance.now() - this.way < LONG_WAY) return;
    this.running = true;
    this.busy(`Running to day ${day(to)}: day ${day(hour)} now.`, 0);
  }

  later(patience) {
    setTimeout(() => this.draw(), patience + 20);
  }

  draw() {
    const now = performance.now(), late = this.orders.filter((one) => now - one.at >= PATIENCE);
    const busy = this.doing && now >= this.since;
    this.element.hidden = !busy && !late.length;
    if (this.element.hidden) return;
    const [first, ...rest] = late.map((one) => one.text), waiting = busy ? late.slice(REBUILDS.includes(late[0]?.kind) ? 1 : 0).map((one) => one.text) : rest;
    write(this.text, busy ? this.doing : `Working: ${first}.`);
    write(this.waiting, waiting.length ? `Then, in this order: ${waiting.join(", ")}.` : "");
  }

  // The place of this visitor among those who wait for one.
  wait({ place, of, text }) {
    this.quiet();
    this.room.hidden = false;
    this.room.replaceChildren(
      h("p", { class: "place" }, h("b", { text: place }), h("span", { text: place === 1 ? "you are next" : "in the queue" }), of > 1 ? h("span", { text: `${of} wait` }) : null),
      h("div", {}, h("h2", { text: "Waiting for a free place" }), h("p", { text }),
        h("p", { text: "The page opens by itself as soon as somebody leaves. Stay here: a reload puts you at the end of the queue." }),
        h("p", { class: "quiet", text: "A follow link from your lecturer needs no place: it shows their run." })));
  }

  // There is a place.
  enter() {
    this.room.hidden = true;
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
