// What the page has to say about itself: work under way, a lost server, a wish that was refused; and its dialogs.

import { button, h, tick } from "./dom.js";
import { KEYS, setSingleKeys, singleKeys } from "./keys.js";
import { Queue } from "./queue.js";
import { downloads, linkOf } from "./share.js";


export class Notices {
  constructor() {
    this.refusal = h("div", { class: "notice refusal", role: "alert", hidden: true });
    this.queue = new Queue();
    this.dialog = h("dialog", { "aria-labelledby": "embers-dialog" });
    this.element = h("div", { class: "notices" }, this.refusal, this.queue.element, this.dialog);
  }

  hear(said) {
    if (said.say === "laying out") this.busy("Laying out the sections. The very first start compiles the model, which takes about half a minute.");
    if (said.say === "unreachable") this.busy("The server takes no more connections now. This page tries again by itself.", 0);
    if (said.say === "queue") this.queue.wait(said);
    if (said.say === "done") this.queue.done(said.do);
    if (said.say === "lost") this.queue.orders = []; // what was under way is not done any more
    if (said.say === "lost") this.busy("The server does not answer. The page continues when the server is back.", 0);
    if (said.say === "stopped") { this.quiet(); this.refuse(`The views have stopped. ${said.text} Reload the page to start again.`); }
    if (said.say === "welcome") { this.quiet(); this.queue.enter(); }
  }

  busy(text, patience) {
    this.queue.busy(text, patience);
  }

  quiet() {
    this.queue.quiet();
  }

  refuse(text) {
    this.quiet();
    this.refusal.replaceChildren(h("pre", { text }), button("Close", () => this.hush(), { class: "small" }));
    this.refusal.hidden = false;
    this.refusal.scrollIntoView({ block: "nearest" });
  }

  hush() {
    this.refusal.hidden = true;
  }

  open(title, ...content) {
    this.dialog.replaceChildren(h("h2", { id: "embers-dialog", text: title }), ...content,
      h("p", { class: "end" }, button("Close", () => this.dialog.close(), { class: "main-action" })));
    this.dialog.showModal();
  }

  keys() {
    this.open("Keys", h("table", { class: "keys" }, h("tbody", {}, KEYS.map(([key, text]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", { text: key })), h("td", { text }))))),
      h("p", {}, tick("Single letters, digits and signs act as keys", singleKeys(), setSingleKeys)));
  }

  share(page) {
    const link = linkOf(page, true), field = h("input", { type: "text", readonly: true, value: link ?? "", "aria-label": "Link", class: "link" });
    const copied = h("span", { role: "status" });
    const copy = button("Copy", async () => {
      field.select();
      try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
      copied.textContent = " copied";
    });
    this.open("Share this view", link
      ? h("div", {}, h("p", { text: "This link shows the same views with the same seed, changes and day. It works wherever this server can be reached." }), field, h("p", {}, copy, copied))
      : h("p", { text: "A link cannot hold an uploaded scenario or map. Download the scenario files and give those." }));
  }

  download(page) {
    this.open("Download", downloads(page));
  }
}
