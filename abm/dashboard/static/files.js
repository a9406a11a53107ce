// Files from the server and to it. The session is named in a header, not in the address, which proxies write into their logs.

import { HERE } from "./address.js";
import { h } from "./dom.js";

const SESSION = "X-Embers-Session";

// A link that fetches a file and saves it; `path`: below the address of the downloads, or what gives it when it is pressed.
export function fileLink(page, text, path, attributes = {}) {
  const at = typeof path === "function" ? path : () => path;
  const go = async (event) => {
    event.preventDefault();
    const link = event.currentTarget;
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    const answer = await fetch(`${HERE}/download/${at()}`, { headers: { [SESSION]: page.line.session } }).catch(() => null);
    link.ariaBusy = null;
    if (!answer?.ok) { page.notices.dialog.close(); page.notices.refuse(answer ? await answer.text() : "The server does not answer: try again when it is back."); return; }
    save(await answer.blob(), nameIn(answer.headers.get("Content-Disposition") ?? ""));
  };
  return h("a", { href: `${HERE}/download/${at()}`, download: "", onclick: go, ...attributes, text });
}

// Send a file; the answer is that of the server.
export function send(page, path, body) {
  return fetch(`${HERE}/${path}`, { method: "POST", body, headers: { [SESSION]: page.line.session } });
}

// Save what the page has made or fetched under a name.
export function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function nameIn(disposition) {
  const encoded = disposition.match(/filename\*=UTF-8''([^;]+)/)?.[1];
  return encoded ? decodeURIComponent(encoded) : "embers";
}
