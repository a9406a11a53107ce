// The opening screen: the question, what one is going to see, the study, and three ways to begin. Who comes by a link or
// returns to a run sees that at once instead.

import { button, h } from "./dom.js";

export class Opening {
  // `act`: {watch(), predict(), about()}
  constructor(facts, act) {
    this.act = act;
    this.about = facts.about;
    const { question, sentences, study } = this.about;
    this.watch = button("Watch", () => this.leave(act.watch), { class: "main-action" });
    this.head = h("div", { class: "asked" }, h("h2", { id: "embers-question", text: question }));
    this.body = h("section", { class: "begin", "aria-labelledby": "embers-question" },
      sentences.map((text) => h("p", { text })),
      h("div", { class: "ways" }, this.watch,
        button("Predict first", () => this.leave(act.predict)), button("Explore", () => this.leave(() => {}))),
      h("p", { class: "study" }, "The study: ", study.text, ", ", h("a", { href: study.link, target: "_blank", rel: "noopener", text: `doi:${study.doi}` })),
      h("p", { class: "study" }, `${facts.disclaimer} `, button("About Embers", act.about, { class: "small" })));
    this.open = false;
  }

  // Nothing to come back to, and no link: a new visitor.
  static isDue(address) {
    return !address.search;
  }

  show(root) {
    this.root = root;
    this.open = true;
    root.classList.add("opening");
    root.querySelector("main").prepend(this.head, this.body);
    window.scrollTo(0, 0);
  }

  // Go on to the page, and there do what was chosen.
  leave(next) {
    this.close();
    next();
  }

  close() {
    if (!this.open) return;
    this.open = false;
    this.root.classList.remove("opening");
    this.head.remove();
    this.body.remove();
    window.scrollTo(0, 0);
    this.act.page.bar.play.focus({ preventScroll: true });
  }

  // Somebody plays, or has played: then it is in the way.
  follow({ playing, hour }) {
    if (playing || hour > 0) this.close();
  }
}

// What "About" says.
export function aboutText(facts) {
  const { study, model, limits, isNot, version, cite } = facts.about;
  const list = (lines) => h("ul", {}, lines.map((text) => h("li", { text })));
  return h("div", { class: "about" },
    h("h3", { text: "The study" }), h("p", {}, study.text, ", ", h("a", { href: study.link, target: "_blank", rel: "noopener", text: `doi:${study.doi}` })),
    h("h3", { text: "The model" }), model.map((text) => h("p", { text })),
    h("h3", { text: "Its limits" }), list(limits),
    h("h3", { text: "What it is not" }), list(isNot),
    h("h3", { text: "How to cite" }), h("p", { class: "cite", text: cite }),
    h("p", { class: "quiet", text: `${version}. MIT license.` }));
}
