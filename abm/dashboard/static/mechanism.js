// The mechanism behind the views: who secretes IL-6, why a cell awakened, what a blockade prevents by day, ratios, distributions.

import { Distribution } from "./distribution.js";
import { button, calmly, h } from "./dom.js";
import { CellRecord } from "./record.js";
import { Ratio } from "./ratio.js";
import { Secretion } from "./secretion.js";
import { Timing } from "./timing.js";

export class Mechanism {
  constructor(facts, arms, act, enlarger) {
    Object.assign(this, { facts, arms, act });
    const ask = (about, what = {}) => act.ask({ do: "ask", about, ...what });
    this.record = new CellRecord(facts, arms, ask, enlarger);
    this.timing = new Timing(facts, arms, ask, enlarger);
    this.ratio = new Ratio(facts, arms, ask, enlarger);
    this.distribution = new Distribution(facts, arms, ask, enlarger);
    this.secretion = new Secretion(facts, arms, act, enlarger);
    this.cards = [this.secretion, this.record, this.timing, this.ratio, this.distribution];
    this.opener = button("Mechanism", () => this.toggle(), { "aria-expanded": "false", "aria-controls": "embers-mechanism" });
    this.element = h("section", { class: "mechanism", id: "embers-mechanism", "aria-label": "Mechanism and numbers", hidden: true },
      h("h2", { text: "Mechanism and numbers", tabindex: "-1" }), h("div", { class: "cards" }, this.cards.map((card) => card.element)));
    this.draw = calmly(() => { if (!this.element.hidden) this.cards.forEach((card) => card.draw()); }, 400);
  }

  toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.relabel();
    this.element.scrollIntoView({ block: "start" });
    this.element.firstChild.focus({ preventScroll: true });
  }

  // The record of the picked cell.
  explain() {
    this.toggle(true);
    this.record.ask();
  }

  // After a change of the arms.
  relabel() {
    if (this.element.hidden) return;
    this.cards.forEach((card) => card.relabel());
    this.draw();
  }

  hear(said) {
    const card = { record: this.record, timing: this.timing, ratio: this.ratio, distribution: this.distribution }[said.say];
    card?.take(said);
  }

  // There are more replicates, or others.
  replicated() { if (!this.element.hidden) this.ratio.again(); }

  // A cell was picked, or none.
  picked(story) { this.record.picked(story); }
}
