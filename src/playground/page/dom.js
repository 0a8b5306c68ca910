// Building nodes, and talking to the server. Text becomes text nodes only, never markup: whatever
// a name or a message holds stays data.

/** Makes an element. Properties: `on` holds listeners, `class`, `data` and attributes by name. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [kind, run] of Object.entries(value)) node.addEventListener(kind, run);
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A round sign with someone's initials, in a colour that goes with their id. */
export function avatar(person, small = false) {
  const initials = person.name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("");
  const hue = person.bot ? "bot" : [...String(person.id)].reduce((sum, digit) => (sum * 7 + Number(digit)) % 6, 0);
  const kind = `avatar hue-${hue}${small ? " small" : ""}`;
  return el("span", { class: kind, "aria-hidden": "true" }, initials.toUpperCase());
}

/** Asks the server; a refusal becomes an error with the server's words. */
export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const kind = response.headers.get("content-type") ?? "";
  const data = kind.startsWith("application/json") ? await response.json() : null;
  if (!response.ok) throw new Error(data?.error ?? `The playground answered ${response.status}.`);
  return data;
}

let hiding;
/** Says something in passing, also to a screen reader. */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => box.classList.remove("shown"), 6000);
}

let numbered = 0;
/** A fresh id, for labels and lists that must name each other. */
export const freshId = (stem) => `${stem}-${++numbered}`;

/**
 * Suggestions below an input, as the ARIA pattern for comboboxes has them. `items(text)` gives
 * (a promise of) the entries `{ title, detail, value }`; `pick(entry)` is told of the chosen one.
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
    const entries = await Promise.resolve(this.items(this.input.value)).catch(() => []);
    if (turn !== this.asked || document.activeElement !== this.input) return;
    this.entries = entries;
    this.list.replaceChildren(...entries.map((entry, place) => this.row(entry, place)));
    this.list.hidden = entries.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    // Nothing is chosen for somebody who leaves an optional field empty and presses Enter.
    const wanted = this.input.value !== "" || this.input.required;
    this.mark(entries.length && wanted ? 0 : -1);
  }

  row(entry, place) {
    const choose = (event) => { event.preventDefault(); this.choose(place); };
    return el("li", { role: "option", id: `${this.list.id}-${place}`, on: { mousedown: choose } },
      el("b", {}, entry.title), entry.detail ? el("span", {}, entry.detail) : null);
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
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(place) {
    const entry = this.entries[place];
    this.hide();
    if (entry) this.pick(entry);
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const last = this.entries.length - 1;
    if (event.key === "ArrowDown") this.mark(this.at >= last ? 0 : this.at + 1);
    else if (event.key === "ArrowUp") this.mark(this.at <= 0 ? last : this.at - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.at >= 0) this.choose(this.at);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
