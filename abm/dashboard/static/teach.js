// Text that explains: what just happened, the story of a cell, how sure one can be.

import { button, day, h } from "./dom.js";

const SHOWN = 40;

export class Teach {
  constructor(facts, arms, act) {
    Object.assign(this, { facts, arms, act });
    this.news = h("ol", { class: "news", tabindex: "0", "aria-label": "News, latest first" });
    this.story = h("section", { class: "story", "aria-live": "polite", hidden: true });
    this.sureness = h("section", { class: "sure", "aria-label": "How sure can one be?" });
    this.element = h("aside", { class: "teach", "aria-label": "What happens" }, this.story,
      h("h2", { text: "What just happened" }), this.news, this.sureness);
    this.shown = "";
  }

  draw() {
    const { news, list } = this.arms, key = JSON.stringify([news, list.map((arm) => arm.info?.title)]);
    if (key === this.shown) return;
    this.shown = key;
    const last = [...news].sort((one, other) => other.hour - one.hour).slice(0, SHOWN);
    this.news.replaceChildren(...(last.length ? last.map((one) => {
      const info = list[one.arm]?.info ?? {};
      return h("li", {}, h("b", { text: `Day ${day(one.hour)}` }), h("i", { class: "swatch", style: `--arm: ${info.color}` }), h("span", { class: "who", text: info.title ?? "" }), h("span", { text: one.text }));
    }) : [h("li", { class: "quiet", text: "Nothing yet: press play." })]));
  }

  // The story of a picked cell; nothing where nobody was there.
  tell(story) {
    const { closing } = this;
    this.closing = false;
    if (closing && !story) return; // the answer to Close
    this.story.hidden = false;
    if (!story) {
      this.story.replaceChildren(h("p", { class: "quiet", text: "No cancer cell there. Click on a cancer cell to see its history." }));
      return;
    }
    const info = this.arms.list[story.arm]?.info ?? {};
    this.story.replaceChildren(
      h("h2", {}, `A cell of clone ${story.clone}`), h("p", { class: "where" }, h("i", { class: "swatch", style: `--arm: ${info.color}` }), `${info.title}, day ${day(story.hour)}`),
      ...story.lines.map((text) => h("p", { text })),
      h("ul", {}, story.twins.map((twin) => h("li", {}, h("i", { class: "swatch", style: `--arm: ${this.arms.list[twin.arm]?.info.color}` }), `In “${this.arms.list[twin.arm]?.info.title}” ${twin.text}`))),
      button("Close", () => { this.story.hidden = this.closing = true; this.act.ask({ do: "pick", arm: -1, x: 0, y: 0 }); }, { class: "small" }));
  }

  // How much of what is seen could be chance.
  sure(bands) {
    this.sureness.replaceChildren(h("h2", { text: "How sure can one be?" }),
      h("p", { class: "quiet", text: `${bands.count} of ${bands.most} quiet replicates with other seeds; the bands behind the curves are their lowest and highest.` }),
      ...bands.sure.map((text) => h("p", { text })));
  }

  // The bands belonged to something else.
  unsure() {
    this.sureness.replaceChildren();
  }
}
