// Messages: from what the server sends to what is seen.

import { avatar, el } from "./dom.js";
import { carried } from "./embeds.js";
import { format, markdown } from "./markdown.js";

/** Messages of one author that follow within this time stand below one name, in milliseconds. */
const TOGETHER = 7 * 60e3;

/** Discord's numbers for kinds of message. */
const KIND = { pin: 6, threadCreated: 18, reply: 19, command: 20, threadStarter: 21 };
const SYSTEM = { [KIND.pin]: "pinned a message.", [KIND.threadCreated]: "started a thread.", [KIND.threadStarter]: "started this thread." };

/**
 * Keeps a list of messages up to date, exchanging only what has changed, so that focus, revealed
 * spoilers and the place one has scrolled to stay.
 */
export class MessageList {
  constructor(root, page) {
    this.rows = el("ol");
    root.replaceChildren(this.rows);
    Object.assign(this, { root, page, shown: new Map(), channel: null });
  }

  /** Whether the newest message is in sight. */
  get atEnd() { return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80; }

  update(open, intro, waiting = []) {
    const fresh = this.channel !== open.id;
    if (fresh) { this.shown.clear(); this.rows.replaceChildren(); this.channel = open.id; }
    const atEnd = fresh || this.atEnd;
    const focus = this.focused();
    const wanted = new Map();
    wanted.set("intro", this.row("intro", intro.key, () => el("li", { class: "intro" }, intro.make())));
    let [day, before] = ["", null];
    for (const message of open.messages) {
      const date = format(Date.parse(message.timestamp), { dateStyle: "full" }, this.page.context.zone);
      if (date !== day) wanted.set(date, this.row(date, date, () => el("li", { class: "day" }, el("span", {}, date))));
      const joined = date === day && follows(before, message);
      [day, before] = [date, message];
      const key = JSON.stringify([message, joined, this.page.day(), this.page.marks(message)]);
      wanted.set(message.id, this.row(message.id, key, () => messageRow(message, joined, this.page, open.messages)));
    }
    for (const act of waiting) wanted.set(act.id, this.row(act.id, act.state, () => waitingRow(act, this.page)));
    this.exchange(wanted);
    if (focus) this.refocus(focus);
    if (atEnd) this.toEnd();
  }

  /** The row of this id, as it is if nothing of it has changed. */
  row(id, key, make) {
    const old = this.shown.get(id);
    return old?.key === key ? old : { key, node: make() };
  }

  exchange(wanted) {
    for (const [id, old] of this.shown) if (wanted.get(id) !== old) old.node.remove();
    let place = this.rows.firstChild;
    for (const { node } of wanted.values()) {
      if (node === place) place = place.nextSibling;
      else this.rows.insertBefore(node, place);
    }
    this.shown = wanted;
  }

  focused() {
    const node = document.activeElement;
    const row = node?.closest?.("[data-message]");
    return row && this.root.contains(row) ? { message: row.dataset.message, control: node.dataset.control } : null;
  }

  refocus({ message, control }) {
    if (document.activeElement !== document.body) return;
    const row = this.shown.get(message)?.node;
    const again = [...(row?.querySelectorAll("[data-control]") ?? [])].find((node) => node.dataset.control === control);
    (again ?? row ?? this.root).focus({ preventScroll: true });
  }

  toEnd() { this.root.scrollTop = this.root.scrollHeight; }

  /** Shows a message, and says for a moment which it is. */
  find(id) {
    const row = this.shown.get(id)?.node;
    if (!row) return false;
    const tall = row.offsetHeight > this.root.clientHeight;
    row.scrollIntoView({ block: tall ? "start" : "center" });
    row.focus({ preventScroll: true });
    row.classList.remove("found");
    requestAnimationFrame(() => row.classList.add("found"));
    return true;
  }
}

/** Whether a message goes on below the one before, without a name of its own. */
function follows(before, message) {
  return before !== null && message.kind === 0 && !SYSTEM[before.kind] && before.author.id === message.author.id
    && before.ephemeral === message.ephemeral && Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER;
}

function messageRow(message, joined, page, others) {
  const props = { class: "message", tabindex: "-1", data: { message: message.id } };
  const system = SYSTEM[message.kind];
  if (system) {
    return el("li", { ...props, class: "message system" }, el("span", { "aria-hidden": "true" }, message.kind === KIND.pin ? "⚑" : "↳"),
      el("p", {}, el("b", {}, message.author.name), ` ${system} `, pointer(message, page)), stamp(message, page));
  }
  if (message.ephemeral) props.class += " ephemeral";
  if (message.pinned) props.class += " pinned";
  if (joined) props.class += " joined";
  if (named(message, page)) props.class += " named";
  return el("li", props,
    origin(message, page, others),
    joined ? stamp(message, page, { timeStyle: "short" }) : avatar(message.author),
    el("div", { class: "body" },
      joined ? null : header(message, page),
      content(message, page),
      carried(message, page),
      page.marks(message).includes("failed") && el("p", { class: "failed", role: "alert" }, "This interaction failed"),
      message.thread && threadLink(message.thread, page),
      message.ephemeral && onlyYou(() => page.dismiss(message))));
}

/** Whether the message pings the viewer. */
function named({ pings }, page) {
  return pings && (pings.everyone || pings.users.includes(page.viewer()));
}

/** A command that has not been answered yet, or never was. */
function waitingRow({ command, who, bot, state, dismiss }, page) {
  const words = state === "failed"
    ? el("p", { class: "failed", role: "alert" }, "The application did not respond")
    : el("p", { class: "thinking", role: "status" }, el("span", { class: "dots", "aria-hidden": "true" }, "•••"), " Sending command…");
  return el("li", { class: "message ephemeral" },
    usedBy(who, command), avatar(bot),
    el("div", { class: "body" }, el("p", { class: "who" }, el("b", {}, bot.name), tag()), words,
      state === "failed" ? onlyYou(dismiss) : null));
}

const tag = () => el("span", { class: "tag" }, "APP");

const usedBy = (who, command) =>
  el("p", { class: "origin" }, el("b", {}, who), el("span", {}, "used"), el("span", { class: "mention" }, `/${command}`));

function pointer(message, page) {
  const { channel, message: target } = message.reference ?? {};
  if (!channel) return null;
  return el("button", { type: "button", class: "link", data: { control: "pointer" }, on: { click: () => page.context.go(channel, target ?? undefined) } }, "See it");
}

/** What the message answers: a command, or another message. */
function origin(message, page, others) {
  const { interaction, reference } = message;
  if (message.kind === KIND.command && interaction) return usedBy(page.context.user(interaction.user) ?? "Someone", interaction.name ?? "command");
  if (message.kind !== KIND.reply || !reference?.message) return null;
  const target = others.find((other) => other.id === reference.message);
  const words = target ? target.embeds[0]?.title || target.content || "a message" : "a message that is gone";
  const go = () => page.context.go(reference.channel, reference.message);
  return el("p", { class: "origin" }, el("span", { "aria-hidden": "true" }, "↪"), target && el("b", {}, target.author.name), target
    ? el("button", { type: "button", class: "link", data: { control: "origin" }, on: { click: go } }, words) : el("span", {}, words));
}

function header(message, page) {
  return el("p", { class: "who" },
    el("b", {}, message.author.name),
    message.author.bot && tag(),
    stamp(message, page),
    message.pinned && el("span", { class: "pin" }, "⚑ Pinned"));
}

function stamp(message, page, style) {
  const at = Date.parse(message.timestamp);
  const title = format(at, { dateStyle: "full", timeStyle: "medium" }, page.context.zone);
  return el("time", { class: "stamp", datetime: message.timestamp, title }, style ? format(at, style, page.context.zone) : page.when(at));
}

function content(message, page) {
  if (message.loading) {
    return el("p", { class: "thinking", role: "status" }, el("span", { class: "dots", "aria-hidden": "true" }, "•••"), ` ${message.author.name} is thinking…`);
  }
  const edited = message.edited && el("span", { class: "edited", title: message.edited }, "(edited)");
  if (!message.content) return edited && message.embeds.length === 0 ? edited : null;
  return el("div", { class: "markdown" }, markdown(message.content, page.context), edited);
}

function threadLink(thread, page) {
  const count = thread.messages === 1 ? "1 message" : `${thread.messages} messages`;
  const name = thread.archived ? `${thread.name} (archived)` : thread.name;
  return el("button", { type: "button", class: "thread-link", data: { control: "thread" }, on: { click: () => page.context.go(thread.id) } },
    el("span", { "aria-hidden": "true" }, "↳"), el("b", {}, name), el("span", {}, `${count} ›`));
}

function onlyYou(dismiss) {
  return el("p", { class: "only-you" }, "Only you can see this · ",
    el("button", { type: "button", class: "link", data: { control: "dismiss" }, on: { click: dismiss } }, "Dismiss message"));
}

/** A channel's pinned messages, for the panel beside it. */
export function pinned(messages, page) {
  const rows = messages.filter((message) => message.pinned).reverse();
  if (!rows.length) return [el("p", { class: "small" }, "Nothing is pinned in this channel.")];
  return [el("ol", { class: "pins" }, rows.map((message) => el("li", {},
    el("p", { class: "who" }, avatar(message.author, true), el("b", {}, message.author.name), stamp(message, page)),
    content(message, page),
    message.embeds[0]?.title && el("p", {}, message.embeds[0].title),
    el("button", { type: "button", class: "button secondary", data: { control: message.id }, on: { click: () => page.context.go(message.channel, message.id) } }, "Jump"))))];
}
