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

/** Exchanges a node's children without losing the focus in it; nodes are known by `data-control`. */
export function swap(root, rows) {
  const control = root.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  root.replaceChildren(...rows);
  if (control) [...root.querySelectorAll("[data-control]")].find((node) => node.dataset.control === control)?.focus();
}
