// A list below (or above) an input to choose from, by keyboard or pointer.

import { el, freshId } from "./dom.js";

/**
 * Suggestions for an input, as the ARIA pattern for comboboxes has them. `items(text)` gives
 * (a promise of) the entries `{ title, detail, tags, value }`; `pick(entry)` is told of the
 * chosen one.
 */
export class Suggestions {
  constructor(input, { items, pick, label, active = () => true }) {
    Object.assign(this, { input, items, pick, active });
    this.entries = [];
    this.at = -1;
    this.asked = 0;
    this.list = el("ul", { role: "listbox", id: freshId("list"), class: "suggestions", hidden: true, "aria-label": label });
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", this.list.id], ["aria-autocomplete", "list"], ["autocomplete", "off"]]) input.setAttribute(name, value);
    input.addEventListener("input", () => this.show());
    input.addEventListener("focus", () => this.show());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
  }

  async show() {
    const turn = ++this.asked;
    if (!this.active()) return this.hide();
    this.input.setAttribute("aria-busy", "true");
    const entries = await Promise.resolve(this.items(this.input.value)).catch(() => null);
    if (turn !== this.asked) return;
    this.input.removeAttribute("aria-busy");
    if (document.activeElement !== this.input) return;
    this.offer(entries);
  }

  /** Shows the entries; none at all means that they could not be had. */
  offer(entries) {
    this.entries = entries ?? [];
    const rows = this.entries.map((entry, place) => this.row(entry, place));
    if (!entries) rows.push(el("li", { role: "option", class: "none", "aria-disabled": "true" }, "Loading options failed"));
    this.list.replaceChildren(...rows);
    this.list.hidden = rows.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    // Nothing is chosen for somebody who leaves an optional field empty and presses Enter.
    const wanted = this.input.value !== "" || this.input.required;
    this.mark(this.entries.length && wanted ? 0 : -1);
  }

  row(entry, place) {
    const choose = (event) => { event.preventDefault(); this.choose(place); };
    return el("li", { role: "option", id: `${this.list.id}-${place}`, on: { mousedown: choose } },
      el("b", {}, entry.title), entry.detail ? el("span", {}, entry.detail) : null,
      entry.tags?.length ? el("span", { class: "tags" }, entry.tags.map((tag) => el("code", {}, tag))) : null);
  }

  mark(place) {
    this.at = place;
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === place)));
    const row = this.list.children[place];
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  hide() {
    ++this.asked;
    this.at = -1;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.input.removeAttribute("aria-busy");
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(place) {
    const entry = this.entries[place];
    this.hide();
    if (entry) this.pick(entry);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.list.hidden) {
      if (event.key === "ArrowDown" && this.active()) { event.preventDefault(); this.show(); }
      return;
    }
    const last = this.entries.length - 1;
    if (event.key === "ArrowDown") this.mark(this.at >= last ? 0 : this.at + 1);
    else if (event.key === "ArrowUp") this.mark(this.at <= 0 ? last : this.at - 1);
    else if (event.key === "Enter" && this.at >= 0) this.choose(this.at);
    else if (event.key === "Tab" && !event.shiftKey && this.at >= 0) {
      this.choose(this.at);
      // Picking in a field goes on to the next one, as Tab does.
      if (!this.input.isConnected) event.preventDefault();
      event.stopPropagation();
      return;
    } else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
