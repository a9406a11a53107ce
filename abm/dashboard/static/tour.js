// A guided tour: one card per stop, beside the part that it explains. It advances the model as it goes.

import { button, h } from "./dom.js";

const STOPS = [
  [".views", "Four lungs at the same time", "The same section of mouse lung four times, with the same 20 dormant cancer cells (dark, golden rim) and the same random draws: twins. Two are infected with influenza on day 0. In two, an antibody blocks IL-6 from day 1.", { day: 0 }],
  [".views", "Day 3: the virus spreads", "Infected epithelium is yellow, then orange while it releases virus, then brown as it dies. Immune cells arrive. The two lungs without virus do not change.", { day: 3 }],
  [".tools", "IL-6 awakens the cells", "Infected tissue and immune cells release interleukin-6. The overlay shows it, on one scale for all views. Little is left where the antibody acts.", { day: 4, overlay: "il6" }],
  [".views", "Day 8: proliferation", "Proliferating cancer cells are pink. Cells awoke only where virus and IL-6 came together. Click on a cell to see when it awoke, and that its twins stayed dormant.", { day: 8, overlay: "" }],
  [".difference", "The difference", "This map shows only the cancer cells: pink where a clone awoke in this view and not in the view of comparison.", { difference: true }],
  [".curves", "Curves", "Each view has its color. Shaded bands are runs with other seeds in the background; they show how much is due to chance. The latest events are listed beside the curves.", { difference: false, day: 15 }],
  [".bar", "Control time", "Play, pause, step, go back, or drag to a day. Reset returns to day 0 with the same seed; a new seed gives another lung. Every control also has a key.", {}],
  [".top nav", "Ask what if", "Steer: block IL-6 on day 9, give an antiviral, remove T cells, change any parameter. Every change is recorded and can be saved as a scenario. This is a model: predictions are marked, and nothing is medical advice.", {}],
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
