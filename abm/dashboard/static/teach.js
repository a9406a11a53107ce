// Text that explains: what just happened, the story of a cell, how sure one can be.

import { fullTitle } from "./arms.js";
import { button, day, h, number } from "./dom.js";

const SHOWN = 40;

export class Teach {
  constructor(facts, arms, act) {
    Object.assign(this, { facts, arms, act });
    this.news = h("ol", { class: "news", tabindex: "0", "aria-label": "News, latest first" });
    this.story = h("section", { class: "story", "aria-live": "polite", hidden: true });
    this.sureness = h("section", { class: "sure", "aria-label": "How sure can one be?" });
    this.typical = h("p", { class: "typical" });
    this.element = h("aside", { class: "teach", "aria-label": "What happens" }, this.story,
      h("h2", { text: "What just happened" }), this.news, this.sureness);
    this.shown = "";
  }

  draw() {
    this.weigh();
    const { news, list } = this.arms, key = JSON.stringify([news, list.map((arm) => arm.info?.title)]);
    if (key === this.shown) return;
    this.shown = key;
    const last = together(news).slice(0, SHOWN);
    this.news.replaceChildren(...(last.length ? last.map((one) => h("li", {}, h("b", { text: `Day ${day(one.hour)}` }),
      one.arms.map((arm) => this.letter(list[arm]?.info)),
      h("span", { class: "who", text: one.arms.map((arm) => list[arm]?.info?.title).filter(Boolean).join("; ") }), h("span", { text: one.text }),
      one.mark === "failed" ? button("Another seed", () => this.act.page.bar.anySeed(), { class: "small" }) : null))
      : [h("li", { class: "quiet", text: "Nothing yet: press play." })]));
  }

  letter(info) {
    return info ? h("b", { class: "letter", style: `--arm: ${info.color}`, text: info.letter, title: info.title }) : null;
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
      h("h2", {}, `A cell of clone ${story.clone}`), h("p", { class: "where" }, h("i", { class: "swatch", style: `--arm: ${info.color}` }), `${fullTitle(info)}, day ${day(story.hour)}`),
      ...story.lines.map((text) => h("p", { text })),
      h("ul", {}, story.twins.map((twin) => h("li", {}, h("i", { class: "swatch", style: `--arm: ${this.arms.list[twin.arm]?.info.color}` }), `In ${this.arms.list[twin.arm]?.info.letter} “${this.arms.list[twin.arm]?.info.title}” ${twin.text}`))),
      button("Why did it awaken?", () => this.act.page.mechanism.explain(), { class: "small" }), " ",
      button("Close", () => this.close(), { class: "small" }));
    this.story.scrollIntoView({ block: "nearest" });
  }

  // No cell is picked any more.
  close() {
    this.story.hidden = this.closing = true;
    this.act.ask({ do: "pick", arm: -1, x: 0, y: 0 });
  }

  // How much of what is seen could be chance.
  sure(bands) {
    this.bands = bands;
    this.verdict = h("div");
    this.sureness.replaceChildren(h("h2", { text: "How sure can one be?" }),
      h("p", { class: "quiet", text: `${bands.count} of ${bands.most} background runs with other seeds. Behind the curves: their median (thin) and the middle half of them (band), up to now.` }),
      this.typical, this.verdict);
    this.weigh();
  }

  // How this run stands beside the others now; how the views compare is kept back until the day that this is about.
  weigh() {
    if (!this.bands) return;
    const said = this.arms.list.map((arm) => [arm.info?.letter, this.act.page.curves.timesMedian(arm)]).filter(([letter, times]) => letter && times !== null);
    this.typical.textContent = said.length ? `This run, now: ${said.map(([letter, times]) => `${letter} ${number(times)} ×`).join(", ")} the median of the background runs (cancer cells).` : "";
    const due = this.arms.hour >= this.bands.judged, text = due ? this.bands.sure : [`How the views differ on day ${Math.round(this.bands.judged / 24)} is said on that day.`];
    if (this.verdict.textContent !== text.join("")) this.verdict.replaceChildren(...text.map((one) => h("p", { class: due ? "" : "quiet", text: one })));
  }

  // The bands belonged to something else.
  unsure() {
    this.bands = null;
    this.sureness.replaceChildren();
  }
}

// News by time, the latest first; what happens in several views at once is said once: [{hour, mark, text, arms}].
function together(news) {
  const found = new Map();
  for (const one of news) {
    const key = `${one.hour} ${one.text}`;
    if (found.has(key)) found.get(key).arms.push(one.arm);
    else found.set(key, { ...one, arms: [one.arm] });
  }
  return [...found.values()].sort((one, other) => other.hour - one.hour);
}
