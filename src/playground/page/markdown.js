// Discord's Markdown as nodes. Nothing here parses HTML; what is not Markdown is text.

import { el } from "./dom.js";
import { highlight } from "./highlight.js";

/** Renders a text. `context` resolves mentions (`user`, `channel`, `role`), links and times. */
export function markdown(text, context) {
  return blocks(text.replaceAll("\r\n", "\n"), context);
}

const FENCE = /```(?:([\w+#.-]+)\n)?\n*([\s\S]+?)\n*```/;

function blocks(text, context) {
  const fence = FENCE.exec(text);
  if (!fence) return lines(text.split("\n"), context);
  const before = text.slice(0, fence.index).replace(/\n$/, "");
  const after = text.slice(fence.index + fence[0].length).replace(/^\n/, "");
  const code = el("pre", { tabindex: "0" }, el("code", { data: { lang: fence[1] ?? "" } }, highlight(fence[2], fence[1] ?? "")));
  return [...(before ? blocks(before, context) : []), code, ...(after ? blocks(after, context) : [])];
}

const ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

function lines(all, context) {
  const out = [];
  let plain = [];
  const flush = () => {
    if (plain.length) out.push(el("p", {}, inline(plain.join("\n"), context)));
    plain = [];
  };
  for (let at = 0; at < all.length; at += 1) {
    const line = all[at];
    const heading = /^(#{1,3}) +(.+)$/.exec(line);
    const small = /^-# +(.+)$/.exec(line);
    if (heading) { flush(); out.push(headline(heading[1].length, heading[2], context)); }
    else if (small) { flush(); out.push(el("p", { class: "subtext" }, inline(small[1], context))); }
    else if (line.startsWith(">>> ")) {
      flush();
      out.push(el("blockquote", {}, blocks([line.slice(4), ...all.slice(at + 1)].join("\n"), context)));
      return out;
    } else if (/^> /.test(line)) {
      flush();
      const end = until(all, at, (next) => /^>( |$)/.test(next));
      out.push(el("blockquote", {}, lines(all.slice(at, end).map((next) => next.slice(2)), context)));
      at = end - 1;
    } else if (ITEM.test(line)) {
      flush();
      const end = until(all, at, (next) => ITEM.test(next) || /^ {2,}\S/.test(next));
      out.push(...list(all.slice(at, end), context));
      at = end - 1;
    } else if (line.trim() === "") flush();
    else plain.push(line);
  }
  flush();
  return out;
}

function until(all, from, holds) {
  let end = from;
  while (end < all.length && holds(all[end])) end += 1;
  return end;
}

/** Headings in a message are below those of the page. */
const headline = (depth, text, context) => el(`h${depth + 3}`, {}, inline(text, context));

/** Lists with those below them; a change between bullets and numbers begins another. */
function list(rows, context) {
  const isNumbered = (marker) => /\d/.test(marker);
  const first = ITEM.exec(rows[0])[2];
  const numbered = isNumbered(first);
  const root = el(numbered ? "ol" : "ul", numbered ? { start: Number.parseInt(first, 10) } : {});
  for (let at = 0; at < rows.length;) {
    const [, indent, marker, words] = ITEM.exec(rows[at]);
    if (isNumbered(marker) !== numbered) return [root, ...list(rows.slice(at), context)];
    const deeper = (row) => (ITEM.exec(row)?.[1] ?? row.match(/^ */)[0]).length > indent.length;
    let end = at + 1;
    while (end < rows.length && deeper(rows[end])) end += 1;
    root.append(el("li", {}, inline(words, context), nested(rows.slice(at + 1, end), context)));
    at = end;
  }
  return [root];
}

function nested(rows, context) {
  const start = rows.findIndex((row) => ITEM.test(row));
  const words = (start < 0 ? rows : rows.slice(0, start)).map((row) => row.trim()).join("\n");
  return [words ? [el("br"), inline(words, context)] : [], start < 0 ? [] : list(rows.slice(start), context)];
}

// Each rule: what it looks like at the place, and what it becomes. The first that fits is taken.
const RULES = [
  [/\\([^\w\s])/y, (found) => found[1]],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (found) => el("code", {}, found[2].replace(/^ (.+) $/s, "$1"))],
  [/\*\*\*(?=\S)([\s\S]+?)\*\*\*(?!\*)/y, (found, c) => el("strong", {}, el("em", {}, inline(found[1], c)))],
  [/\*\*(?=\S)([\s\S]+?)\*\*(?!\*)/y, (found, c) => el("strong", {}, inline(found[1], c))],
  [/__(?=\S)([\s\S]+?)__(?!_)/y, (found, c) => el("u", {}, inline(found[1], c))],
  [/~~(?=\S)([\s\S]+?)~~/y, (found, c) => el("s", {}, inline(found[1], c))],
  [/\|\|([\s\S]+?)\|\|/y, (found, c) => spoiler(found[1], c)],
  [/\*(?=\S)((?:\*\*|[^*])+?)(?<=\S)\*(?!\*)/y, (found, c) => el("em", {}, inline(found[1], c))],
  [/(?<!\w)_(?=\S)((?:__|[^_])+?)(?<=\S)_(?!\w)/y, (found, c) => el("em", {}, inline(found[1], c))],
  [/\[([^[\]\n]+)\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s()]*\)[^\s<>()]*)*)>?\)/y, (found, c) => link(found[2], inline(found[1], c), c)],
  [/<(https?:\/\/[^\s<>]+)>/y, (found, c) => link(found[1], [found[1]], c)],
  [/https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/y, (found, c) => link(found[0], [found[0]], c)],
  [/<@!?(\d{1,20})>/y, (found, c) => mention(`@${c.user(found[1]) ?? "unknown-user"}`)],
  [/<@&(\d{1,20})>/y, (found, c) => mention(`@${c.role(found[1]) ?? "unknown-role"}`)],
  [/<#(\d{1,20})>/y, (found, c) => channel(found[1], c)],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (found, c) => moment(Number(found[1]) * 1000, found[2] ?? "f", c)],
  [/<\/([^:>]+):\d+>/y, (found) => mention(`/${found[1]}`)],
  [/@(?:everyone|here)/y, (found) => mention(found[0])],
];

function inline(text, context) {
  const out = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const hit = match(text, at, context);
    if (!hit) { plain += text[at]; at += 1; continue; }
    if (plain) out.push(plain);
    plain = "";
    out.push(hit.node);
    at = hit.end;
  }
  if (plain) out.push(plain);
  return out;
}

function match(text, at, context) {
  if (!/[\\`*_~|[<h@]/.test(text[at])) return null;
  for (const [rule, make] of RULES) {
    rule.lastIndex = at;
    const found = rule.exec(text);
    // Making a node may run the same rule deeper down, so its place is read first.
    if (found) return { end: at + found[0].length, node: make(found, context) };
  }
  return null;
}

function spoiler(text, context) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler", "aria-expanded": "false" }, el("span", {}, inline(text, context)));
  const show = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label", "aria-expanded"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show, { once: true });
  node.addEventListener("keydown", show);
  return node;
}

const mention = (text) => el("span", { class: "mention" }, text);

function channel(id, context) {
  const name = context.channel(id);
  if (name === undefined) return mention("#unknown");
  return el("button", { type: "button", class: "mention", on: { click: () => context.go(id) } }, `#${name}`);
}

/** A link to a message of this guild leads there; any other opens beside the page. */
function link(url, words, context) {
  const place = /^https:\/\/discord\.com\/channels\/(\d+)\/(\d+)(?:\/(\d+))?$/.exec(url);
  if (place && place[1] === context.guild) {
    const bare = words.length === 1 && words[0] === url;
    const text = bare ? `#${context.channel(place[2]) ?? "unknown"}${place[3] ? " › message" : ""}` : words;
    return el("button", { type: "button", class: bare ? "mention" : "link", on: { click: () => context.go(place[2], place[3]) } }, text);
  }
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** A date or time as the page writes them: in the playground's zone. */
export function format(at, style, zone) {
  return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone }).format(at);
}

function moment(at, style, context) {
  if (Math.abs(at) > 8.64e15) return "Invalid date";
  const words = style === "R" ? relative(at - context.now()) : format(at, STYLES[style], context.zone);
  const title = format(at, STYLES.F, context.zone);
  return el("time", { class: "moment", datetime: new Date(at).toISOString(), title, data: { at, style } }, words);
}

const UNITS = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];

function relative(distance) {
  const [unit, length] = UNITS.find(([, size]) => Math.abs(distance) >= size) ?? ["second", 1e3];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(distance / length), unit);
}

/** Brings the relative times below a node up to the present. */
export function refreshTimes(root, now) {
  for (const node of root.querySelectorAll('time.moment[data-style="R"]')) {
    const words = relative(Number(node.dataset.at) - now);
    if (node.textContent !== words) node.textContent = words;
  }
}
