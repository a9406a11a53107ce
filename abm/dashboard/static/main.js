// The page: builds everything in its place, and brings what the server says to what is shown.

import { HERE } from "./address.js";
import { Arms } from "./arms.js";
import { Bar, summary } from "./bar.js";
import { Classroom } from "./classroom.js";
import { Curves } from "./curves.js";
import { button, calmly, h, late } from "./dom.js";
import { Legend } from "./legend.js";
import { Mechanism } from "./mechanism.js";
import { Lessons } from "./lesson.js";
import { Line } from "./line.js";
import { listenToKeys } from "./keys.js";
import { Notices } from "./notices.js";
import { aboutText, Opening } from "./opening.js";
import { Present } from "./present.js";
import { Raster } from "./raster.js";
import { linkOf, wishOf } from "./share.js";
import { Steer } from "./steer.js";
import { Teach } from "./teach.js";
import { toggleTheme } from "./theme.js";
import { Tour } from "./tour.js";
import { Views } from "./views.js";
import { Watch } from "./watch.js";

const CHANGES = ["edit", "recipe", "reset", "forget"]; // orders that change what is shown
const OPTIONS = { colorBy: "state", overlay: "", level: false, difference: false, against: 0, alone: null, shown: null, only: null };

class Page {
  constructor(place, facts) {
    this.facts = facts;
    this.wish = wishOf(location, facts);
    const layers = Object.fromEntries(Object.keys(facts.layers).map((name) => [name, true]));
    this.options = { ...layers, ...OPTIONS, ...this.wish.options };
    this.arms = new Arms(facts);
    const act = {
      ask: (order) => this.line.ask(order),
      look: (changes) => this.look(changes),
      overlay: (name) => { this.look({ overlay: name }); this.line.ask({ do: "overlay", name }); },
      pick: (arm, site) => this.line.ask({ do: "pick", arm, ...site }),
      unpick: () => this.teach.close(),
      rules: (at) => this.steer.showRules(at),
      choose: (at, name) => this.choose(at, name),
      title: (arm, title) => this.line.ask({ do: "title", arm, title }),
      zoom: (factor) => this.views.zoomBy(factor),
      fit: () => this.views.fit(),
      single: (only) => { this.options.only = only; this.wake(); },
      seen: (arm) => this.views.seen(arm),
      level_line: (on) => { this.look({ level: on }); this.line.ask({ do: "level", on }); },
      level: () => this.facts.parameters.find((one) => one.name === "dormancy.half_response").value,
      watch: () => this.watch.begin(),
      predict: () => this.lessons.menu(), // what "Predict first" does
      about: () => this.notices.open("About Embers", aboutText(facts)),
      page: this,
    };
    this.act = act;
    this.notices = new Notices();
    this.views = new Views(new Raster(facts), this.arms, this.options, act);
    this.bar = new Bar(facts, this.arms, act.ask);
    this.legend = new Legend(facts, this.arms, this.options, act);
    this.curves = new Curves(facts, this.arms, act);
    this.teach = new Teach(facts, this.arms, act);
    this.steer = new Steer(facts, this.arms, act);
    this.mechanism = new Mechanism(facts, this.arms, act, this.curves.enlarger);
    this.tour = new Tour(act);
    this.lessons = new Lessons(this);
    this.watch = new Watch(this.arms, act);
    this.opening = new Opening(facts, act);
    this.classroom = new Classroom(this);
    this.present = new Present(this, () => this.bar.toggle());
    this.build(place);
    this.due = false;
    this.drawAll = calmly(() => this.say(), 300);
    listenToKeys(this);
    this.line = new Line((said) => this.hear(said), () => this.recall());
    this.line.given = (order) => {
      if (!this.line.over && CHANGES.includes(order.do)) this.notices.hush(); // what was refused before is over
      this.notices.queue.given(order);
    };
    window.embers = this; // for tests, and for the curious
  }

  build(place) {
    document.documentElement.lang = "en";
    document.querySelector("meta[name=viewport]")?.setAttribute("content", "width=device-width, initial-scale=1");
    this.told = h("p", { class: "told", text: "Laying out the sections …" });
    this.spoken = h("p", { class: "spoken", "aria-live": "polite" });
    const head = h("header", { class: "top" },
      h("h1", { text: "Embers" }), h("p", { class: "what", text: "Dormant cancer cells, infection and IL-6 in the lung" }),
      h("p", { class: "disclaimer", text: this.facts.disclaimer }),
      h("nav", { "aria-label": "Page" }, this.lessons.opener, this.steer.opener, this.mechanism.opener, this.tour.opener,
        this.present.opener, this.classroom.opener, button("Share", () => this.notices.share(this)), button("Download", () => this.notices.download(this)),
        button("Keys", () => this.notices.keys()), button("About", this.act.about),
        button("Light / dark", toggleTheme, { class: "lesson-keeps" })));
    this.main = h("main", {}, this.notices.element, this.notices.queue.room, this.present.element, this.classroom.dialog, this.bar.element,
      h("div", { class: "headline" }, this.told, this.legend.scale), this.spoken, this.watch.element, this.tour.card, this.lessons.element,
      h("div", { class: "desk" }, this.steer.element, h("div", { class: "stage" }, h("div", { class: "board" },
        this.views.element, this.legend.chips.element, this.legend.tools,
        h("div", { class: "below" }, this.curves.element, this.teach.element)))),
      this.mechanism.element);
    const root = h("div", { class: "embers" }, head, this.main);
    place.replaceChildren(root);
    if (Opening.isDue(location)) this.opening.show(root);
    this.legend.draw();
  }

  // What to show when the line opens: what is on, else what the link says.
  recall() {
    if (this.arms.recipe) return { recipe: this.arms.recipe, hour: this.arms.hour };
    return { recipe: this.wish.recipe, hour: this.wish.hour };
  }

  hear(said) {
    const known = { frame: "frame", recipe: "recipe", story: "story", refused: "refused", taken: "taken", bands: "bands", band: "band" };
    if (known[said.say]) this[`hear_${known[said.say]}`](said);
    else if (said.say === "lesson") this.lessons.hear(said);
    else { this.mechanism.hear(said); this.notices.hear(said); }
    if (said.say === "welcome") { this.line.ask({ do: "overlay", name: this.options.overlay }); this.line.ask({ do: "level", on: this.options.level }); this.classroom.hear(said.lecture); this.classroom.show(); }
    if (said.say === "followers") this.classroom.hear(said.lecture);
    this.main.classList.toggle("queued", !this.notices.queue.room.hidden && !this.arms.frames);
  }

  hear_frame(frame) {
    this.arms.takeFrame(frame);
    if (frame.sections) { this.views.build(); this.relabel(); }
    this.notices.quiet();
    this.opening.follow(this.arms);
    this.notices.queue.follow(frame);
    this.number = frame.number;
    this.wake();
  }

  wake() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => this.draw());
  }

  // Whether all that is known is on the page.
  get drawn() { return !this.due && !late.size; }

  // The next frame is made when this one is on the screen.
  draw() {
    this.due = false;
    const turned = this.arms.playing !== this.before;
    this.views.draw();
    this.bar.draw();
    this.legend.groups();
    this.curves.draw();
    this.steer.follow();
    this.mechanism.draw();
    this.present.draw();
    if (turned) this.say(); else this.drawAll(); // paused, the words are those of the hour that is shown
    this.lessons.frame();
    if (this.number !== this.seen) this.line.ask({ do: "seen", number: this.number });
    this.seen = this.number;
    if (turned) { this.before = this.arms.playing; this.spoken.textContent = this.arms.playing ? "playing" : `paused. ${this.spokenState ?? ""}`; }
  }

  say() {
    const [first, ...rest] = summary(this.arms);
    if (!first) return;
    this.told.replaceChildren(h("b", { text: first.text }), ...rest.map((one) => h("span", { title: one.title }, h("b", { class: "letter", style: `--arm: ${one.color}`, text: one.letter }), ` ${one.text}`)));
    this.spokenState = `${first.text}: ${rest.map((one) => `${one.text} in ${one.letter}, ${one.title}`).join("; ")}`;
    this.teach.draw();
    this.tour.draw();
    this.watch.draw();
  }

  hear_recipe(said) {
    const before = unnamed(this.arms.recipe);
    this.arms.takeRecipe(said);
    this.lessons.paint(said.arms);
    if (before !== unnamed(said.recipe)) { this.curves.bands = null; this.teach.unsure(); }
    this.relabel();
  }

  relabel() {
    if (!this.arms.infos || !this.arms.list.length) return;
    if (this.options.against >= this.arms.list.length) this.options.against = 0;
    if (this.options.alone !== null && this.options.alone >= this.arms.list.length) this.options.alone = null;
    this.bar.relabel();
    this.views.relabel();
    this.legend.draw();
    this.steer.draw();
    this.curves.offer();
    this.mechanism.relabel();
    this.curves.draw();
    this.present.relabel();
    this.say();
    this.remember();
  }

  // The address says what is shown, so that a reload shows it again.
  remember() {
    if (this.arms.recipe && !this.lessons.open && !this.lessons.asked) history.replaceState(null, "", linkOf(this) ?? location.pathname); // what was uploaded is in no link
  }

  hear_story(said) { this.teach.tell(said.story); this.mechanism.picked(said.story); }
  hear_refused(said) {
    this.notices.quiet();
    if (!(said.field && this.steer.answer(said))) this.notices.refuse(said.text);
    this.relabel();
  }
  hear_taken(said) { this.steer.answer(said); }
  hear_bands(said) { this.curves.takeBands(said); this.lessons.bands(); this.teach.sure(said); this.mechanism.replicated(); }
  hear_band(said) { this.curves.takeBand(said); }

  look(changes) {
    Object.assign(this.options, changes);
    if (Object.keys(changes).length) { this.legend.draw(); this.views.relabel(); this.views.resize(); this.present.relabel(); this.remember(); }
    this.classroom.show();
    this.wake();
  }

  theme() { toggleTheme(); }

  escape() {
    if (this.present.leave()) return;
    this.notices.hush();
    this.opening.close();
    this.tour.end();
    this.steer.toggle(false);
  }

  choose(at, name) {
    const arms = this.arms.recipe.arms.map((arm, number) => (number === at ? { base: name } : arm));
    this.line.ask({ do: "recipe", recipe: { arms }, hour: this.arms.hour });
  }
}

// A recipe without the titles of its views, which change no run.
function unnamed(recipe) {
  return JSON.stringify(recipe, (key, value) => (key === "title" ? undefined : value));
}

async function begin() {
  const place = h("div");
  document.body.prepend(place);
  const styled = Promise.all(["style.css", "mechanism.css", "classroom.css", "lesson.css"].map((name) => new Promise((done) => {
    document.head.append(h("link", { rel: "stylesheet", href: `${HERE}/static/${name}`, onload: done, onerror: done }));
  })));
  const facts = await (await fetch(`${HERE}/facts`)).json();
  await styled;
  new Page(place, facts);
}

begin();
