// A guided tour: one card per stop, beside the part that it explains. It advances the model as it goes, and says what is
// seen now: its numbers are those of the frame.

import { button, h, number } from "./dom.js";

// Each stop: the part, the title, the text (from the page), what is done there.
const STOPS = [
  [".views", "Four lungs at the same time", (page) => `The same section of mouse lung four times, with the same ${founders(page)} dormant cancer cells (dark, golden rim) and the same random draws: twins. ${given(page)}`, { day: 0 }],
  [".views", "Day 3: the virus", (page) => `Infected epithelium is yellow, then orange while it releases virus, then brown as it dies. ${each(page, "infected_share", (share) => `${number(100 * share)} %`)} of the epithelium is infected now. ${established(page)}`, { day: 3 }],
  [".tools", "IL-6", (page) => `Infected tissue and immune cells release interleukin-6, which awakens dormant cells. The overlay shows it, on one scale for all views. On average it is now ${each(page, "il6", (mean) => number(mean))} ng/mL; half of its full effect needs ${number(page.act.level())}.`, { day: 4, overlay: "il6" }],
  [".views", "Day 8: awakenings", (page) => `Proliferating cancer cells are crimson. Clones that awakened so far: ${letters(page, (arm) => `${page.arms.awakened(arm)} of ${arm.awoke.length}`)}. Click on a cell to see when it awakened, and what became of its twins in the other views.`, { day: 8, overlay: "" }],
  [".difference", "The difference", (page) => `This map shows only the cancer cells. Crimson: the clone awakened in this view and not in the view of comparison. Such clones now: ${letters(page, (arm) => page.arms.classes(arm, page.views.other(arm.number)).filter((kind) => kind === 3).length)}.`, { difference: true }],
  [".curves", "Curves", (page) => `Each view has its color and letter; there are now ${each(page, "cells_per_seeded", number)} cancer cells per seeded cell. The thin lines and bands are the median and the middle half of runs with other seeds in the background; they show how much is due to chance. “What just happened” lists the latest events.`, { difference: false, day: 15 }],
  [".bar", "Control time", () => "Play, pause, step, go back, or drag to a day. Reset returns to day 0 with the same seed; a new seed shows another course of chance on the same day. Every control also has a key.", {}],
  [".top nav", "Ask what if", () => "Steer: block IL-6 on day 9, give an antiviral, remove T cells, change any parameter. The name of a view then says what was done to it, and it can be saved as a scenario. This is a model: predictions are marked, and nothing is medical advice.", {}],
];

export class Tour {
  constructor(act) {
    this.act = act;
    this.opener = button("Tour", () => this.begin());
    this.card = h("section", { class: "tour", role: "region", "aria-label": "Guided tour", tabindex: "-1", hidden: true });
    this.text = h("p");
  }

  begin() {
    const { arms, facts } = this.act.page, recipe = arms.recipe;
    const usual = recipe.arms.every((arm, at) => arm.base === facts.fourArms[at] && !arm.edits.length) && recipe.arms.length === 4;
    if (!usual) this.act.ask({ do: "recipe", recipe: { arms: facts.fourArms } });
    this.act.look({ alone: null });
    this.go(0);
  }

  go(at) {
    const [place, title, , deed] = STOPS[at];
    this.at = at;
    this.clear();
    if ("day" in deed) { this.day = deed.day; this.act.ask({ do: "step", day: deed.day }); }
    if ("overlay" in deed) this.act.overlay(deed.overlay);
    if ("difference" in deed) this.act.look({ difference: deed.difference, against: 0 });
    this.target = document.querySelector(`.embers ${place}`);
    this.target?.classList.add("toured");
    this.card.hidden = false;
    this.card.replaceChildren(h("p", { class: "quiet", text: `${at + 1} of ${STOPS.length}` }), h("h2", { text: title }), this.text,
      h("p", { class: "abreast" }, at ? button("Back", () => this.go(at - 1)) : null,
        at < STOPS.length - 1 ? button("Next", () => this.go(at + 1), { class: "main-action" }) : null,
        button(at < STOPS.length - 1 ? "End the tour" : "Done", () => this.end(), at < STOPS.length - 1 ? {} : { class: "main-action" })));
    this.draw();
    this.target?.scrollIntoView({ block: this.target.offsetHeight > 0.6 * window.innerHeight ? "start" : "center" });
    this.place();
    this.card.focus({ preventScroll: true });
  }

  // The text for what is seen now.
  draw() {
    if (this.card.hidden) return;
    const { page } = this.act, there = "day" in STOPS[this.at][3] ? page.arms.hour >= 24 * this.day : true;
    const text = there && page.arms.list.every((arm) => arm.info && arm.points.length) ? STOPS[this.at][2](page) : `Running to day ${this.day} …`;
    if (this.text.textContent !== text) { this.text.textContent = text; this.place(); }
  }

  // The corner in which the card covers least of what it is about.
  place() {
    const target = this.target?.getBoundingClientRect(), { offsetWidth: wide, offsetHeight: high } = this.card;
    if (!target) return;
    const corners = [["bottom", "right"], ["bottom", "left"], ["top", "right"], ["top", "left"]].map(([down, across]) => {
      const top = down === "top" ? EDGE : window.innerHeight - EDGE - high, left = across === "left" ? EDGE : window.innerWidth - EDGE - wide;
      const over = Math.max(0, Math.min(top + high, target.bottom) - Math.max(top, target.top)) * Math.max(0, Math.min(left + wide, target.right) - Math.max(left, target.left));
      return { down, across, over };
    });
    const best = corners.reduce((least, one) => (one.over < least.over ? one : least));
    this.card.style.inset = "auto";
    this.card.style[best.down] = this.card.style[best.across] = `${EDGE}px`;
  }

  clear() {
    document.querySelectorAll(".embers .toured").forEach((element) => element.classList.remove("toured"));
  }

  end() {
    if (this.card.hidden) return;
    this.clear();
    if (this.act.page.options.overlay) this.act.overlay("");
    this.act.look({ difference: false });
    this.card.hidden = true;
    this.opener.focus();
  }
}

const EDGE = 14; // px from the sides of the window

function letters({ arms }, what) {
  return arms.list.map((arm) => `${arm.info.letter} ${what(arm)}`).join(", ");
}

function each(page, measure, text) {
  return letters(page, (arm) => text(page.arms.latest(arm, measure)));
}

function founders({ arms }) {
  return arms.list[0].awoke.length;
}

// Which views are infected, and which are treated, when.
function given({ arms }) {
  const listed = (found) => found.map((arm) => arm.info.letter).join(", ").replace(/, (?=\w$)/, " and ");
  const infected = arms.list.filter((arm) => arm.info.infections.length), treated = arms.list.filter((arm) => arm.info.treatments.length);
  const said = treated.map(({ info: { letter, treatments: [first] } }) => `${letter}: ${first.type} from day ${number((first.start ?? 0) / 24)}.`);
  return `${listed(infected)}: ${infected[0]?.info.virus ?? "no infection"} on day ${number((infected[0]?.info.infections[0].time ?? 0) / 24)}. ${said.join(" ")}`;
}

// What became of the infection.
function established({ arms }) {
  const at = arms.place("infected_share"), infected = arms.list.filter((arm) => arm.info.infections.length);
  const spread = infected.some((arm) => arm.points.some((point) => point[at] >= 0.01));
  return spread ? "Immune cells arrive." : "In this section the virus has hardly spread; another seed shows more.";
}
