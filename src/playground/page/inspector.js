// What goes over the wire: each request of the bot and each event of the gateway, as it happens.

import { ask, el, freshId, toast } from "./dom.js";
import { highlight } from "./highlight.js";
import { gathered } from "./live.js";
import { format } from "./markdown.js";

/** How many entries stay on the page. */
const KEPT = 300;

/** A snowflake, of which the last digits tell it from others at a glance. */
const LONG_ID = /\d{12,}(\d{4})\b/g;

/** The panel with the newest entries last. */
export class Inspector {
  title = "Inspector";

  constructor(page) {
    this.page = page;
    this.last = 0;
    this.rows = [];
    this.stir = gathered(() => this.load());
  }

  draw(body) {
    if (body.firstChild) return;
    this.body = body;
    this.list = el("ol", { class: "traffic", "aria-label": "Requests and events" });
    body.replaceChildren(this.filters(), this.list);
    [this.last, this.rows] = [0, []];
    this.load();
  }

  close() { this.list = null; }

  filters() {
    const [kind, text] = [freshId("kind"), freshId("text")];
    this.kind = el("select", { id: kind, on: { change: () => this.sift() } }, [["", "All"], ["request", "Requests"], ["event", "Events"], ["bad", "Failures"]].map(([value, label]) => el("option", { value }, label)));
    this.text = el("input", { id: text, type: "search", placeholder: "messages, 500, INTERACTION…", on: { input: () => this.sift() } });
    const clear = el("button", { type: "button", class: "button secondary", on: { click: () => { this.rows = []; this.list.replaceChildren(); } } }, "Clear");
    return el("div", { class: "filters" },
      el("div", { class: "field" }, el("label", { for: kind }, "Show"), this.kind),
      el("div", { class: "field" }, el("label", { for: text }, "That contains"), this.text),
      clear);
  }

  /** Asks for what is new, where the panel is open. */
  async load() {
    if (!this.list?.isConnected || this.loading) return;
    this.loading = true;
    try {
      const { entries, last } = await ask(`/api/inspector?after=${this.last}`);
      this.last = last;
      this.add(entries);
    } catch (error) {
      toast(error.message);
    }
    this.loading = false;
  }

  add(entries) {
    const atEnd = this.body.scrollHeight - this.body.scrollTop - this.body.clientHeight < 80;
    const fresh = entries.map((entry) => ({ entry, node: this.row(entry) }));
    for (const { node } of [...this.rows, ...fresh].slice(0, -KEPT)) node.remove();
    this.rows = [...this.rows, ...fresh].slice(-KEPT);
    this.list.append(...fresh.map(({ node }) => node));
    this.sift();
    if (atEnd) this.body.scrollTop = this.body.scrollHeight;
  }

  sift() {
    const [kind, text] = [this.kind.value, this.text.value.trim().toLowerCase()];
    for (const { entry, node } of this.rows) {
      const fits = kind === "" || kind === entry.kind || (kind === "bad" && isBad(entry));
      entry.words ??= JSON.stringify(entry).toLowerCase();
      node.hidden = !fits || !entry.words.includes(text);
    }
  }

  row(entry) {
    const bodies = el("div", { class: "bodies" });
    const details = el("details", { on: { toggle: () => { if (details.open && !bodies.firstChild) bodies.append(...this.bodies(entry)); } } },
      el("summary", {},
        el("span", { class: `sign ${entry.kind}`, title: entry.kind === "event" ? "Gateway event" : "Request" }, entry.kind === "event" ? "↓" : "↑"),
        el("span", { class: "label", title: entry.label }, entry.label.replace(LONG_ID, "…$1")),
        el("span", { class: isBad(entry) ? "status bad" : "status" }, status(entry))),
      bodies);
    return el("li", {}, details);
  }

  bodies(entry) {
    const at = format(entry.at, { dateStyle: "medium", timeStyle: "medium" }, this.page.context.zone);
    const real = format(entry.real_at, { timeStyle: "medium" }, undefined);
    return [
      el("p", { class: "small" }, `Simulated ${at} · really ${real}${entry.ms === null || entry.ms === undefined ? "" : ` · ${Math.round(entry.ms * 10) / 10} ms`}`),
      entry.body !== null && [el("h3", {}, entry.kind === "event" ? "Data" : "Body"), json(entry.body)],
      entry.answer !== null && entry.answer !== undefined && [el("h3", {}, "Answer"), json(entry.answer)],
    ].flat().filter(Boolean);
  }
}

const isBad = (entry) => entry.kind === "request" && (entry.cut || entry.status === null || entry.status >= 400);

function status({ kind, status: code, cut, error }) {
  if (kind === "event") return "";
  if (cut || code === null) return "cut";
  return error ? `${code} (${error})` : String(code);
}

function json(value) {
  return el("pre", { tabindex: "0" }, el("code", {}, highlight(JSON.stringify(value, null, 2), "json")));
}
