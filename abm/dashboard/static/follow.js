// The page of a follower: shows the run of a lecture and steers nothing. Its token stands behind the # of the address.

import { HERE } from "./address.js";
import { Arms } from "./arms.js";
import { summary } from "./bar.js";
import { Curves } from "./curves.js";
import { button, calmly, day, h, late } from "./dom.js";
import { Legend } from "./legend.js";
import { decoded } from "./line.js";
import { Present } from "./present.js";
import { Raster } from "./raster.js";
import { Teach } from "./teach.js";
import { toggleTheme } from "./theme.js";
import { Views } from "./views.js";

const WAITS = [1000, 2000, 4000, 8000, 15000]; // ms until it tries again; each with chance, as a class loses its network at once
const SAID = { laying: "Laying out the sections …", lost: "The connection is lost. The page comes back by itself.", stopped: "The views of the lecture have stopped." };

class Follower {
  constructor(place, facts) {
    this.facts = facts;
    this.options = { ...Object.fromEntries(Object.keys(facts.layers).map((name) => [name, true])), colorBy: "state", overlay: "", difference: false, against: 0, alone: null, shown: null, only: null };
    this.arms = new Arms(facts);
    const act = {
      ask: () => {}, pick: () => {}, rules: () => {}, choose: () => {}, title: () => {}, overlay: () => {}, // a follower steers nothing
      look: (changes) => this.look(changes), zoom: (factor) => this.views.zoomBy(factor), fit: () => this.views.fit(),
      single: (only) => { this.options.only = only; this.wake(); }, seen: (arm) => this.views.seen(arm),
      level: () => facts.parameters.find((one) => one.name === "dormancy.half_response").value, page: this,
    };
    this.options.watching = true;
    this.views = new Views(new Raster(facts), this.arms, this.options, act);
    this.legend = new Legend(facts, this.arms, this.options, act);
    this.curves = new Curves(facts, this.arms, act);
    this.teach = new Teach(facts, this.arms, act);
    this.present = new Present(this);
    this.present.opener.hidden = true; // until there is something
    this.teach.story.scrollIntoView = () => {}; // a page that somebody reads does not move by itself
    this.attempts = 0;
    this.build(place);
    this.say = calmly(() => this.tell(), 300);
    this.listen();
    window.embers = this;
    if ("DecompressionStream" in window) this.open();
    else this.end("This browser is too old to follow a lecture.", "One from 2023 or later can.");
  }

  build(place) {
    this.clock = h("output", { class: "clock" });
    this.state = h("span", { class: "state", role: "status" });
    this.way = h("progress", { max: 1, value: 0, "aria-label": "Time of the run" });
    this.told = h("p", { class: "told" });
    this.card = h("section", { class: "room", "aria-live": "polite" }, h("h2", { text: "Connecting …" }));
    this.shown = h("div", { hidden: true }, h("div", { class: "bar" }, this.clock, this.state, this.way), h("div", { class: "headline" }, this.told, this.legend.scale),
      h("div", { class: "stage" }, h("div", { class: "board" }, this.views.element, this.legend.chips.element, this.legend.tools,
        h("div", { class: "below" }, this.curves.element, this.teach.element))));
    place.replaceChildren(h("div", { class: "embers following" }, h("header", { class: "top" }, h("h1", { text: "Embers" }), h("p", { class: "what", text: "You follow a lecture" }),
      h("p", { class: "disclaimer", text: this.facts.disclaimer }), h("nav", { "aria-label": "Page" }, this.present.opener, button("Light / dark", toggleTheme), h("a", { class: "button", href: new URL("..", `${HERE}/`).href, text: "A page of my own" }))),
    h("main", {}, this.card, this.shown, this.present.element)));
    this.legend.draw();
  }

  open() {
    const token = location.hash.slice(1);
    this.socket = new WebSocket(`${HERE.replace(/^http/, "ws")}/follow/live`);
    this.socket.binaryType = "arraybuffer";
    let last = Promise.resolve(); // messages keep their order, although frames are unpacked first
    this.socket.onopen = () => this.socket.send(JSON.stringify({ follow: token }));
    this.socket.onmessage = ({ data }) => {
      const ready = data instanceof ArrayBuffer ? unpacked(data) : JSON.parse(data);
      last = last.then(() => ready).then((said) => this.hear(said));
    };
    this.socket.onclose = () => last.then(() => this.lost());
  }

  lost() {
    if (this.over) return;
    if (!this.retry) this.note(SAID.lost);
    const wait = this.retry ?? WAITS[Math.min(this.attempts, WAITS.length - 1)];
    this.attempts += 1;
    this.retry = undefined;
    setTimeout(() => this.open(), wait * (0.5 + Math.random()));
  }

  hear(said) {
    if (said.say === "frame") this.frame(said);
    if (said.say === "recipe") { if (this.recipe !== plain(said.recipe)) { this.curves.bands = null; this.teach.unsure(); } this.recipe = plain(said.recipe); this.arms.takeRecipe(said); this.relabel(); }
    if (said.say === "look") this.mirror(said);
    if (said.say === "story" && said.story) this.teach.tell(said.story);
    if (said.say === "story" && !said.story) this.teach.story.hidden = true;
    if (said.say === "bands") { this.curves.bands = said; this.curves.draw(); this.teach.sure(said); }
    if (said.say === "laying out") this.note(SAID.laying);
    if (said.say === "stopped") this.end(SAID.stopped, "Ask your lecturer to load the page again.");
    if (said.say === "none" || said.say === "over") this.end(said.text, said.say === "none" ? "Compare it with the link on the wall, or scan the code again." : "Thank you for watching.");
    if (said.say === "full") { this.retry = 1000 * said.retry; this.note(said.text, `This page tries again every ${said.retry} seconds and starts when a seat is free.`); }
    if (said.say === "welcome") { if (this.server && this.server !== said.server) location.reload(); this.server = said.server; this.attempts = 0; }
  }

  frame(frame) {
    this.arms.takeFrame(frame);
    if (frame.sections) { this.views.build(); this.relabel(); }
    if (this.options.overlay !== frame.overlay) { this.options.overlay = frame.overlay; this.legend.draw(); }
    if (this.shown.hidden) { this.shown.hidden = this.present.opener.hidden = false; this.views.resize(); }
    this.card.hidden = true;
    this.unseen = true;
    this.wake();
  }

  wake() {
    if (this.due) return;
    this.due = true;
    if (document.hidden) setTimeout(() => this.draw(), 500); // a browser draws no page that is not seen
    else requestAnimationFrame(() => this.draw());
  }

  // Whether all that is known is on the page.
  get drawn() { return !this.due && !late.size; }

  draw() {
    this.due = false;
    const { hour, end, playing, ended } = this.arms;
    if (!document.hidden) { this.views.draw(); this.legend.groups(); this.curves.draw(); this.present.draw(); }
    this.clock.textContent = `Day ${day(hour)}`;
    const state = playing ? "playing" : ended ? "at the end" : "paused";
    if (this.state.textContent !== state) this.state.textContent = state;
    this.way.value = hour / end;
    this.say();
    if (this.unseen && this.socket.readyState === WebSocket.OPEN) this.socket.send('{"do": "seen"}');
    this.unseen = false;
  }

  tell() {
    const [first, ...rest] = summary(this.arms);
    if (!first) return; // the clock stands above
    this.told.replaceChildren(h("b", { text: first.text.replace(/^.*: /, "").replace(/^c/, "C") }), ...rest.map((one) => h("span", { title: one.title }, h("b", { class: "letter", style: `--arm: ${one.color}`, text: one.letter }), ` ${one.text}`)));
    this.teach.draw();
  }

  relabel() {
    if (!this.arms.infos || !this.arms.list.length) return;
    const count = this.arms.list.length, { options } = this;
    if (options.against >= count) options.against = 0;
    if (options.alone !== null && options.alone >= count) options.alone = null;
    this.views.relabel();
    this.legend.draw();
    this.curves.offer();
    this.curves.draw();
    this.present.relabel();
    this.say();
  }

  // Show the views as the lecture shows them.
  mirror({ layers, zoom, middle, colorBy, difference, against, alone }) {
    Object.assign(this.views, { zoom, middle });
    this.look({ ...layers, colorBy, difference, against, alone });
  }

  look(changes) {
    Object.assign(this.options, changes);
    if (Object.keys(changes).length) { this.legend.draw(); this.views.relabel(); this.views.resize(); this.present.relabel(); }
    this.wake();
  }

  // What there is to say where the views stand, or over them if they are there.
  note(title, text = "") {
    this.card.hidden = false;
    this.card.replaceChildren(h("h2", { text: title }), h("p", { text }));
  }

  end(title, text) {
    this.over = true;
    this.note(title, text);
    this.state.textContent = "";
  }

  listen() {
    const press = { p: () => (this.present.leave() || this.present.enter()), f: () => this.views.fit(), "+": () => this.views.zoomBy(1.35), "-": () => this.views.zoomBy(1 / 1.35), t: toggleTheme, Escape: () => this.present.leave() };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (/^[1-4]$/.test(name) && this.present.on) this.present.choose(Number(name) - 1);
      else if (press[name]) press[name]();
      else return;
      event.preventDefault();
    });
  }
}

function plain(recipe) {
  return JSON.stringify(recipe, (key, value) => (key === "title" ? undefined : value));
}

// A frame comes packed, once for all who follow.
async function unpacked(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return decoded(await new Response(stream).arrayBuffer());
}

const facts = await (await fetch(`${HERE}/facts`)).json();
new Follower(document.getElementById("place"), facts);
