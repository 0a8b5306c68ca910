// Messages: from what the server sends to what is seen, and the form that a button may open.

import { avatar, byId, el, freshId } from "./dom.js";
import { format, markdown } from "./markdown.js";

/**
 * Keeps a list of messages up to date, exchanging only what has changed, so that focus, revealed
 * spoilers and the place one has scrolled to stay.
 */
export class MessageList {
  constructor(root, page) {
    Object.assign(this, { root, page, shown: new Map(), channel: null });
  }

  update(open, intro) {
    const fresh = this.channel !== open.id;
    if (fresh) { this.shown.clear(); this.root.replaceChildren(); this.channel = open.id; }
    const atEnd = fresh || this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
    const focus = this.focused();
    const wanted = new Map();
    wanted.set("intro", this.row("intro", intro.key, () => el("li", { class: "intro" }, intro.make())));
    let day = "";
    for (const message of open.messages) {
      const date = format(Date.parse(message.timestamp), { dateStyle: "full" }, this.page.context.zone);
      if (date !== day) wanted.set(date, this.row(date, date, () => el("li", { class: "day", role: "separator" }, el("span", {}, date))));
      day = date;
      const key = JSON.stringify([message, this.page.day(), this.page.marks(message)]);
      wanted.set(message.id, this.row(message.id, key, () => messageRow(message, this.page, open.messages)));
    }
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
    let place = this.root.firstChild;
    for (const { node } of wanted.values()) {
      if (node === place) place = place.nextSibling;
      else this.root.insertBefore(node, place);
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

const SYSTEM = { 6: "pinned a message.", 18: "started a thread.", 21: "started this thread." };

function messageRow(message, page, others) {
  const props = { class: "message", tabindex: "-1", data: { message: message.id } };
  const system = SYSTEM[message.kind];
  if (system) {
    return el("li", { ...props, class: "message system" }, el("span", { "aria-hidden": "true" }, message.kind === 6 ? "⚑" : "↳"),
      el("p", {}, el("b", {}, message.author.name), ` ${system} `, pointer(message, page)), stamp(message, page));
  }
  if (message.ephemeral) props.class += " ephemeral";
  if (message.pinned) props.class += " pinned";
  return el("li", props,
    origin(message, page, others),
    avatar(message.author),
    el("div", { class: "body" },
      header(message, page),
      content(message, page),
      message.embeds.map((embed) => embedBox(embed, page)),
      message.attachments.map((file) => attachment(file, message)),
      message.components.map((row) => actionRow(row, message, page)),
      page.marks(message).includes("failed") && el("p", { class: "failed", role: "alert" }, "This interaction failed"),
      message.thread && threadLink(message.thread, page),
      message.ephemeral && ephemeralNote(message, page)));
}

function pointer(message, page) {
  const { channel, message: target } = message.reference ?? {};
  if (!channel) return null;
  return el("button", { type: "button", class: "link", data: { control: "pointer" }, on: { click: () => page.context.go(channel, target ?? undefined) } }, "See it");
}

/** What the message answers: a command, or a button of another message. */
function origin(message, page, others) {
  const { interaction, reference } = message;
  if (message.kind === 20 && interaction) {
    const who = page.context.user(interaction.user) ?? "Someone";
    return el("p", { class: "origin" }, el("b", {}, who), el("span", {}, "used"), el("span", { class: "mention" }, `/${interaction.name ?? "command"}`));
  }
  if (message.kind !== 19 || !reference?.message) return null;
  const target = others.find((other) => other.id === reference.message);
  const words = target ? target.embeds[0]?.title || target.content || "a message" : "a message that is gone";
  const go = () => page.context.go(reference.channel, reference.message);
  return el("p", { class: "origin" }, el("span", { "aria-hidden": "true" }, "↪"), target
    ? el("button", { type: "button", class: "link", data: { control: "origin" }, on: { click: go } }, words) : el("span", {}, words));
}

function header(message, page) {
  return el("p", { class: "who" },
    el("b", {}, message.author.name),
    message.author.bot && el("span", { class: "tag" }, "BOT"),
    stamp(message, page),
    message.pinned && el("span", { class: "pin", title: "Pinned" }, "⚑ Pinned"));
}

function stamp(message, page) {
  const at = Date.parse(message.timestamp);
  const title = format(at, { dateStyle: "full", timeStyle: "medium" }, page.context.zone);
  return el("time", { class: "stamp", datetime: message.timestamp, title }, page.when(at));
}

function content(message, page) {
  if (message.loading) {
    return el("p", { class: "thinking", role: "status" }, el("span", { class: "dots", "aria-hidden": "true" }, "•••"), ` ${message.author.name} is thinking…`);
  }
  const edited = message.edited && el("span", { class: "edited", title: message.edited }, "(edited)");
  if (!message.content) return edited && message.embeds.length === 0 ? edited : null;
  return el("div", { class: "markdown" }, markdown(message.content, page.context), edited);
}

function embedBox(embed, page) {
  const box = el("article", { class: "embed" },
    embed.author?.name && el("p", { class: "embed-author" }, embed.author.name),
    embed.title && el("h3", {}, markdown(embed.title, page.context).map((node) => [...node.childNodes])),
    embed.description && el("div", { class: "markdown" }, markdown(embed.description, page.context)),
    embed.fields?.length && el("dl", {}, embed.fields.map((field) => embedField(field, page))),
    embed.image && picture(embed.image.url, embed.description ?? ""),
    (embed.footer || embed.timestamp) && el("footer", {}, [embed.footer?.text, embed.timestamp && page.when(Date.parse(embed.timestamp))].filter(Boolean).join(" · ")));
  // A property, for the policy lets no style attribute in.
  if (embed.color) box.style.borderInlineStartColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  return box;
}

function embedField(field, page) {
  return el("div", { class: field.inline ? "inline" : "" },
    el("dt", {}, field.name), el("dd", { class: "markdown" }, markdown(field.value, page.context)));
}

/** Pictures that the bot has uploaded are to be had from here; others stay where they are. */
function picture(url, description) {
  const path = /\/attachments\/.*$/.exec(url)?.[0];
  return path ? el("img", { src: path, alt: description, loading: "lazy" }) : null;
}

function attachment(file, message) {
  const used = message.embeds.some((embed) => embed.image?.url?.endsWith(file.path));
  if (used) return null;
  if (file.content_type?.startsWith("image/")) return picture(file.path, file.description ?? file.filename);
  return el("a", { class: "file", href: file.path, download: file.filename }, file.filename);
}

const STYLE = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link-button" };

function actionRow(row, message, page) {
  return el("div", { class: "row" }, (row.components ?? []).map((part) => {
    if (part.type === 2) return button(part, message, page);
    return part.type === 3 ? select(part, message, page) : null;
  }));
}

function button(part, message, page) {
  const label = [part.emoji?.name, part.label].filter(Boolean).join(" ");
  if (part.style === 5) return el("a", { class: "button secondary", href: part.url, target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
  const busy = page.marks(message).includes(part.custom_id);
  return el("button", {
    type: "button",
    class: `button ${STYLE[part.style] ?? "secondary"}`,
    disabled: part.disabled,
    "aria-busy": busy ? "true" : undefined,
    data: { control: part.custom_id },
    on: { click: () => page.click(message, part.custom_id) },
  }, label);
}

function select(part, message, page) {
  const most = part.max_values ?? 1;
  const box = el("select", { "aria-label": part.placeholder ?? "Choose", disabled: part.disabled, multiple: most > 1, data: { control: part.custom_id } },
    most > 1 ? null : el("option", { value: "", disabled: true, selected: true }, part.placeholder ?? "Choose"),
    part.options.map((option) => el("option", { value: option.value, selected: option.default }, option.label)));
  const chosen = () => [...box.selectedOptions].map((option) => option.value);
  box.addEventListener("change", () => page.select(message, part.custom_id, chosen()));
  return box;
}

function threadLink(thread, page) {
  const count = thread.messages === 1 ? "1 message" : `${thread.messages} messages`;
  const name = thread.archived ? `${thread.name} (archived)` : thread.name;
  return el("button", { type: "button", class: "thread-link", data: { control: "thread" }, on: { click: () => page.context.go(thread.id) } },
    el("span", { "aria-hidden": "true" }, "↳"), el("b", {}, name), el("span", {}, `${count} ›`));
}

function ephemeralNote(message, page) {
  return el("p", { class: "only-you" }, "Only you can see this · ",
    el("button", { type: "button", class: "link", data: { control: "dismiss" }, on: { click: () => page.dismiss(message) } }, "Dismiss"));
}

/**
 * Opens the form of a modal. `send(values)` sends it off and may refuse with an error, which is
 * then shown in the form; what it gives goes to `done` once the form is closed. `back` puts the
 * focus where it was: what opened the form may have been drawn anew since.
 */
export function openModal(modal, { send, done, back }) {
  const dialog = byId("modal");
  const problem = el("p", { class: "problem", role: "alert" });
  const inputs = modal.inputs.map(modalInput);
  const submit = el("button", { class: "button primary", type: "submit" }, "Submit");
  const form = el("form", { on: { submit: (event) => { event.preventDefault(); sendForm(); } } },
    el("h2", { id: "modal-title" }, modal.title), inputs.map(({ row }) => row), problem,
    el("div", { class: "row" }, el("button", { type: "button", class: "button secondary", on: { click: () => dialog.close() } }, "Cancel"), submit));
  async function sendForm() {
    submit.disabled = true;
    problem.textContent = "";
    try {
      const outcome = await send(Object.fromEntries(inputs.map(({ id, field }) => [id, field.value])));
      dialog.close();
      await done(outcome);
    } catch (error) {
      problem.textContent = error.message;
      submit.disabled = false;
    }
  }
  dialog.replaceChildren(form);
  // The closed form holds the focus a moment longer.
  dialog.addEventListener("close", () => setTimeout(back), { once: true });
  dialog.showModal();
  inputs[0]?.field.focus();
}

function modalInput(input) {
  const id = freshId("input");
  const counter = el("span", { id: `${id}-count`, class: "count" });
  const field = el(input.paragraph ? "textarea" : "input", {
    id, rows: input.paragraph ? "7" : undefined, type: input.paragraph ? undefined : "text",
    required: input.required, minlength: input.min_length || undefined, maxlength: input.max_length,
    placeholder: input.placeholder, value: input.value ?? "", "aria-describedby": `${id}-count`,
  });
  const count = () => { counter.textContent = `${[...field.value].length} of ${input.max_length} characters`; };
  field.addEventListener("input", count);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.form.requestSubmit();
  });
  count();
  const label = el("label", { for: id }, input.label, input.required ? el("span", { class: "required", "aria-hidden": "true" }, " *") : null);
  return { id: input.custom_id, field, row: el("div", { class: "field" }, label, field, counter) };
}
