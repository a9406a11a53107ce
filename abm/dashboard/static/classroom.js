// The classroom: a link by which others follow this run, the address of the page, both as QR codes that a hall can read.

import { HERE } from "./address.js";
import { button, calmly, h, select, unique } from "./dom.js";
import { send } from "./files.js";

const LOCAL = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

export class Classroom {
  constructor(page) {
    this.page = page;
    this.lecture = null; // {token, followers, most}
    this.addresses = [];
    this.opener = button("Classroom", () => this.open(), { "aria-haspopup": "dialog" });
    this.count = h("p", { class: "count", role: "status" });
    this.where = h("div", { class: "where" });
    this.halves = h("div", { class: "halves" });
    const title = unique("classroom");
    this.dialog = h("dialog", { class: "classroom", "aria-labelledby": title },
      h("div", { class: "line" }, h("h2", { id: title, text: "Classroom" }), button("Close", () => this.dialog.close())), this.where, this.halves);
    this.show = calmly(() => this.look(), 200);
  }

  // What the server says of the lecture of this session.
  hear(lecture) {
    this.lecture = lecture;
    this.opener.textContent = lecture ? `Classroom · ${lecture.followers}` : "Classroom";
    this.opener.setAttribute("aria-label", lecture ? `Classroom, ${followers(lecture)}` : "Classroom");
    this.count.textContent = lecture ? followers(lecture) : "";
    this.count.classList.toggle("full", lecture !== null && lecture.followers >= lecture.most);
  }

  async open() {
    if (await this.ask("state")) { this.draw(); this.dialog.showModal(); }
  }

  async ask(what) {
    const answer = await send(this.page, `lecture/${what}`, "").catch(() => null);
    if (!answer?.ok) { this.page.notices.refuse(answer ? await answer.text() : "The server does not answer: try again when it is back."); return false; }
    const said = await answer.json();
    this.hear(said.lecture);
    this.addresses = LOCAL.test(location.hostname) ? said.addresses : [new URL("..", `${HERE}/`).href];
    if (!this.addresses.includes(this.address)) [this.address] = this.addresses;
    return true;
  }

  async begin() {
    if (!await this.ask("begin")) { this.dialog.close(); return; }
    this.draw();
    this.look();
    this.halves.querySelector("button")?.focus();
  }

  async end() {
    if (await this.ask("end")) this.draw();
    this.halves.querySelector("button")?.focus();
  }

  draw() {
    const base = this.address ?? new URL("..", `${HERE}/`).href, link = this.lecture && `${base}embers/follow#${this.lecture.token}`;
    const choice = select(this.addresses.map((one) => [one, one]), this.address, (address) => { this.address = address; this.draw(); }, { id: unique("address") });
    this.where.replaceChildren(...(this.addresses.length === 0 ? [h("p", { class: "notice" }, h("span", {},
      "Only this machine can reach the page now. To let a class in, start it with ", h("code", { text: "embers serve --host 0.0.0.0" }), " and open this panel again."))]
      : this.addresses.length > 1 ? [h("p", { class: "line" }, h("label", { for: choice.id, text: "This machine has several addresses. Does the code lead nowhere? Try another:" }), choice)] : []));
    this.halves.replaceChildren(
      this.half("Follow this run", link, "See the views, curves and clock of this screen on yours. There is nothing to press.",
        this.lecture ? [this.count, button("End", () => this.end(), { title: "The link leads nowhere from then on" })] : [],
        h("div", { class: "start" }, button("Let others follow", () => this.begin(), { class: "main-action" }),
          h("p", { text: "Makes a link that cannot be guessed. It ends when you end it, or with your session." }))),
      this.half("Your own run", base, "Steer a run of your own. The same seed gives everybody the same run.", []));
  }

  // One of the two codes, with its link and what it is for.
  half(title, link, text, more, instead) {
    const copied = h("span", { role: "status", class: "quiet" });
    const copy = button("Copy", async () => { copied.textContent = (await put(link)) ? "copied" : "Copy it by hand."; }, { "aria-label": `Copy the link: ${title}` });
    return h("section", { class: "half" }, h("h3", { text: title }), h("p", { text }),
      link ? (this.addresses.length ? this.code(link) : h("p", { class: "nowhere", text: "No code yet: no other machine could follow it." })) : instead, link ? h("p", { class: "address" }, parts(link)) : null, link ? h("div", { class: "abreast" }, copy, copied, ...more) : null);
  }

  code(link) {
    const image = h("img", { alt: `QR code of ${link}`, width: 400, height: 400 });
    send(this.page, "qr", link).then(async (answer) => {
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    }).catch((error) => { image.replaceWith(h("p", { class: "notice", text: `No code: ${error.message}` })); });
    return image;
  }

  // Those who follow see the views as they are seen here.
  look() {
    if (!this.lecture) return;
    const { options, views, facts, line } = this.page, { colorBy, difference, against, shown } = options;
    const layers = Object.fromEntries(Object.keys(facts.layers).map((name) => [name, options[name]]));
    const alone = shown?.length === 1 ? shown[0] : options.alone;
    const said = { colorBy, difference, against, alone, layers, zoom: views.zoom, middle: views.middle };
    if (JSON.stringify(said) === this.said && this.token === this.lecture.token) return;
    Object.assign(this, { said: JSON.stringify(said), token: this.lecture.token });
    line.ask({ do: "look", look: said });
  }
}

function followers({ followers: many, most }) {
  return `${many} of ${most} seats taken`;
}

// The link in parts at which it may break, and with a token that can be typed.
function parts(link) {
  const [address, token] = link.split("#");
  return [h("span", { text: address.replace(/^http:\/\//, "") }), token ? h("b", { text: `#${token}` }) : null];
}

async function put(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* only over https, or on this machine */ }
  const field = h("textarea", { class: "spoken" });
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
