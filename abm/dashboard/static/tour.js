// A guided tour: one card a stop, beside what it tells of. It plays the story while it goes.

import { button, h } from "./dom.js";

const STOPS = [
  [".views", "Four lungs, one clock", "The same piece of mouse lung four times, with the same 20 sleeping cancer cells (dark, golden rim) and the same chance: twins. Two catch influenza on day 0; in two, an antibody blocks IL-6 from day 1.", { day: 0 }],
  [".views", "Day 3: the virus spreads", "Infected epithelium is yellow, then orange while it releases virus, then brown as it dies. Immune cells come. The two lungs without virus stay as they were.", { day: 3 }],
  [".tools", "What wakes the cells: IL-6", "Infected tissue and immune cells release interleukin-6. The overlay shows it, on one scale for all views. Where the antibody is, little is left.", { day: 4, overlay: "il6" }],
  [".views", "Day 8: awake", "Awake cancer cells are pink and divide. They awoke only where virus and IL-6 came together. Click on one: it tells when it awoke, and that its twins slept on.", { day: 8, overlay: "" }],
  [".difference", "The difference itself", "Here only the cancer cells are shown: pink where a clone awoke in this view and not in the one it is compared with.", { difference: true }],
  [".curves", "The same as curves", "Each view in its color; shaded: other seeds, run quietly in the background. They show how much is chance. What just happened stands beside.", { difference: false, day: 15 }],
  [".bar", "Time is yours", "Play, pause, step, go back, drag to a day. Reset gives day 0 with the same seed; a new seed gives another lung. All of it by keys, too.", {}],
  [".top nav", "Ask what if", "Steer: block IL-6 on day 9, give an antiviral, remove T cells, change any parameter. What you do is recorded and can be saved as a scenario. It is a model: predictions are marked, and none is medical advice.", {}],
];

export class Tour {
  constructor(act) {
    this.act = act;
    this.opener = button("Tour", () => this.begin());
    this.card = h("section", { class: "tour", role: "region", "aria-label": "Guided tour", tabindex: "-1", hidden: true });
  }

  begin() {
    const { arms, facts } = this.act.page, recipe = arms.recipe;
    const usual = recipe.arms.every((arm, at) => arm.base === facts.fourArms[at] && !arm.edits.length) && recipe.arms.length === 4;
    if (!usual) this.act.ask({ do: "recipe", recipe: { arms: facts.fourArms } });
    this.act.look({ alone: null });
    this.go(0);
  }

  go(at) {
    const [place, title, text, deed] = STOPS[at];
    this.at = at;
    this.clear();
    if ("day" in deed) this.act.ask({ do: "step", day: deed.day });
    if ("overlay" in deed) this.act.overlay(deed.overlay);
    if ("difference" in deed) this.act.look({ difference: deed.difference, against: 0 });
    document.querySelector(`.embers ${place}`)?.classList.add("toured");
    this.card.hidden = false;
    this.card.replaceChildren(h("p", { class: "quiet", text: `${at + 1} of ${STOPS.length}` }), h("h2", { text: title }), h("p", { text }),
      h("p", { class: "abreast" }, at ? button("Back", () => this.go(at - 1)) : null,
        at < STOPS.length - 1 ? button("Next", () => this.go(at + 1), { class: "main-action" }) : null,
        button(at < STOPS.length - 1 ? "End the tour" : "Done", () => this.end(), at < STOPS.length - 1 ? {} : { class: "main-action" })));
    this.card.focus();
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
