// Watching: one sentence at a time says what is to be seen now, with the numbers of the frame.

import { button, day, h, number } from "./dom.js";

const DWELL = 4500; // ms that a sentence stays at least
const NORMAL = 1, FAST = 2; // speeds
const CALM = 240; // h from which less happens, so that watching goes on fast: 28 days take less than a minute
const EARLY = 48; // h: a treatment that starts later is a late one

// Each sentence: from when on it is true, and its text.
const SENTENCES = [
  [() => true, ({ count }) => `Day 0. Dark dots with a golden rim: ${count} dormant cancer cells, the same in every view.`],
  [({ most }) => most("infected_share") >= 0.005, ({ infected, control }) => `Orange: lung cells infected with influenza, in ${letters(infected)}.${control ? ` ${control.info.letter} stays uninfected.` : ""}`],
  [({ infected, hour, peak }) => infected.length && hour >= 120 && peak("infected_share") < 0.01, () => "In this section the virus has hardly spread, by chance. Another seed shows more."],
  [({ most }) => most("il6") >= 0.2, ({ early }) => `Warm haze: IL-6, released by the infected lung.${early ? ` In ${early.info.letter} an antibody binds it from day ${start(early)}.` : ""}`],
  [({ awakened, list }) => list.some((arm) => awakened(arm) > 0), () => "Crimson, with a flare: a dormant cell awakens and divides. IL-6 is the signal."],
  [({ awakened, list }) => list.some((arm) => 2 * awakened(arm) >= arm.awoke.length), ({ awakened, list, hour }) => `Clones that have awakened by day ${day(hour)}: ${list.map((arm) => `${arm.info.letter} ${awakened(arm)} of ${arm.awoke.length}`).join(", ")}.`],
  [({ late, hour }) => late && hour >= late.info.treatments[0].start, ({ late, awakened }) => `Day ${start(late)}: in ${late.info.letter} the antibody starts only now. ${awakened(late)} of ${late.awoke.length} clones have awakened already.`],
  [({ list, late, hour }) => !(late && hour < late.info.treatments[0].start + EARLY) && list.some((arm) => arm.cs.filter((state) => state === 2).length > 3 * arm.awoke.length), () => "Blue: cells that are dormant again. They have stopped dividing, but they are many now."],
  [({ ended }) => ended, (seen) => `Cancer cells per seeded cell at the end: ${seen.list.map((arm) => `${arm.info.letter} ${number(seen.latest(arm))}${arm.info.prediction ? " (prediction)" : ""}`).join(", ")}.${compared(seen)}`],
];

export class Watch {
  // `act`: {ask(order), page}
  constructor(arms, act) {
    Object.assign(this, { arms, act });
    this.text = h("p", { role: "status" });
    this.element = h("section", { class: "caption", "aria-label": "What is to be seen", hidden: true });
    this.at = -1;
  }

  // Play from day 0 with a sentence at a time.
  begin() {
    this.at = -1;
    this.element.replaceChildren(h("div", {}, this.text), button("Close", () => this.end(), { class: "small" }));
    this.element.hidden = false;
    this.hurried = false;
    this.act.ask({ do: "speed", at: NORMAL });
    if (this.arms.hour > 0) this.act.ask({ do: "step", day: 0 });
    this.act.ask({ do: "play" });
    this.draw();
  }

  end() {
    this.element.hidden = true;
    if (this.hurried && this.arms.speed === FAST) this.act.ask({ do: "speed", at: NORMAL });
    this.act.page.bar.play.focus({ preventScroll: true });
  }

  // Say the next sentence once it is true and the one before was there long enough; the end waits for nothing.
  draw() {
    if (this.element.hidden || !this.text.isConnected || !this.arms.list.every((arm) => arm.info && arm.points.length)) return;
    if (!this.hurried && this.arms.hour >= CALM && this.arms.speed === NORMAL) {
      this.hurried = true;
      this.act.ask({ do: "speed", at: FAST });
    }
    const seen = this.facts(), last = SENTENCES.length - 1;
    const next = seen.ended ? last : this.at + 1, due = seen.ended || performance.now() - this.since >= DWELL || this.at < 0;
    if (next > last || next === this.at || !due) return;
    const at = SENTENCES.findIndex(([when], one) => one >= next && when(seen));
    if (at < 0) return;
    this.at = at;
    this.since = performance.now();
    this.text.textContent = SENTENCES[at][1](seen);
  }

  // What the sentences speak of.
  facts() {
    const { arms } = this, { list, hour, ended } = arms;
    const treated = list.filter(({ info }) => info.infections.length && info.treatments[0]?.start !== undefined), from = (arm) => arm.info.treatments[0].start;
    return {
      list, hour, ended, count: list[0].awoke.length, infected: list.filter(({ info }) => info.infections.length), control: list.find(({ info }) => !info.infections.length),
      early: treated.find((arm) => from(arm) <= EARLY), late: treated.find((arm) => from(arm) > EARLY),
      awakened: (arm) => arms.awakened(arm), latest: (arm) => arms.latest(arm, "cells_per_seeded"), most: (measure) => Math.max(...list.map((arm) => arms.latest(arm, measure))),
      peak: (measure) => Math.max(...list.flatMap((arm) => arms.values(arm.points, measure, arm))),
    };
  }
}

// What early and late treatment did, beside the infected view without one.
function compared({ list, latest, early, late }) {
  const plain = list.find(({ info }) => info.infections.length && !info.treatments.length);
  if (!plain || latest(plain) < 10) return "";
  const share = (arm) => latest(arm) / latest(plain), said = [];
  if (early && share(early) < 0.1) said.push(`IL-6 blocked early: the cells hardly expanded (${early.info.letter}).`);
  if (late && share(late) > 0.5) said.push(`IL-6 blocked late: too late (${late.info.letter}).`);
  return said.length ? ` ${said.join(" ")}` : "";
}

function letters(list) {
  return list.map(({ info }) => info.letter).join(", ").replace(/, (?=\w$)/, " and ");
}

function start({ info }) {
  return number(info.treatments[0].start / 24).replace(".0", "");
}
