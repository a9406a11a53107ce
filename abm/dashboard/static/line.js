// The line to the server: orders go as JSON; frames come as bytes, everything else as JSON. It mends itself.

import { HERE } from "./address.js";

const KEY = "embers-session", ADDRESS = "embers-address";
const MOST_HELD = 20;

export class Line {
  // `hear` gets every message; `first` gives what to show: {recipe, hour}.
  constructor(hear, first) {
    this.hear = hear;
    this.first = first;
    this.server = null;
    this.attempts = 0;
    this.held = []; // orders that wait for the server
    // A reload finds its views again; another link in the same tab begins anew.
    if (location.search && location.search !== sessionStorage.getItem(ADDRESS)) sessionStorage.removeItem(KEY);
    for (const leaving of ["pagehide", "visibilitychange"]) addEventListener(leaving, () => sessionStorage.setItem(ADDRESS, location.search));
    this.open();
  }

  open() {
    this.socket = new WebSocket(`${HERE.replace(/^http/, "ws")}/live`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => { this.opened = true; this.send({ do: "hello", session: this.session ?? sessionStorage.getItem(KEY), ...this.first() }); };
    this.socket.onmessage = (message) => this.take(message.data);
    this.socket.onclose = () => this.lost();
  }

  take(data) {
    this.attempts = 0;
    if (data instanceof ArrayBuffer) { this.hear(decoded(data)); return; }
    const said = JSON.parse(data);
    if (said.say === "welcome") {
      sessionStorage.setItem(KEY, said.session);
      this.session = said.session;
      if (this.server !== null && this.server !== said.server) { location.reload(); return; } // a new server
      this.server = said.server;
      this.welcome = true;
    }
    if (said.say === "stopped") { this.over = true; sessionStorage.removeItem(KEY); }
    this.hear(said);
    if (said.say === "welcome") this.held.splice(0).forEach((order) => this.send(order));
  }

  lost() {
    if (this.over) return;
    if (this.opened) this.hear({ say: "lost" });
    else this.why();
    this.opened = this.welcome = false;
    this.attempts += 1;
    setTimeout(() => this.open(), Math.min(3000, 250 * this.attempts));
  }

  // A line that is refused does not say why: whether the server is there shows otherwise.
  async why() {
    const answer = await fetch(`${HERE}/static/address.js`, { method: "HEAD" }).catch(() => null);
    if (!this.welcome) this.hear({ say: answer?.ok ? "unreachable" : "lost" });
  }

  // Give an order; while there is no server, or no place on it, it waits.
  ask(order) {
    if (this.welcome) this.send(order);
    else if (order.do !== "seen" && this.held.length < MOST_HELD) this.held.push(order);
    else return;
    this.given?.(order);
  }

  send(order) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(order));
  }
}

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };

// A frame: its header, and `arrays` by name, each {data, shape}.
export function decoded(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const arrays = {};
  for (const [name, type, shape] of header.arrays) {
    const size = shape.reduce((product, side) => product * side, 1);
    const data = new TYPES[type](buffer, at, size);
    arrays[name] = { data, shape };
    at += Math.ceil(data.byteLength / 8) * 8;
  }
  return { say: "frame", ...header, arrays };
}
