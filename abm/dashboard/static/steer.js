import { button, h } from "./dom.js";
export class Steer {
  constructor() { this.opener = button("Steer", () => this.toggle()); this.element = h("aside", {hidden:true}); }
  draw() {}
  toggle() {}
}
