// The box below the messages: plain text is said; "/" lists the commands, and the one that is
// picked shows its options as fields.

import { ask, el, freshId } from "./dom.js";
import { Suggestions } from "./suggestions.js";

/** Discord's numbers for the kinds of option. */
const KIND = { subcommand: 1, group: 2, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10 };

/** How long one may type on before suggestions are asked for, in milliseconds. */
const TYPING = 120;

/** A box in `root` for the channel that `channel()` gives and `title()` names. */
export class Composer {
  constructor(root, page, { id, channel, title }) {
    Object.assign(this, { root, page, id, channel, title });
    this.plain();
  }

  /** The box for plain text and for picking a command. */
  plain(text = "", focus = false) {
    this.command = null;
    this.input = el("input", { id: this.id, type: "text", maxlength: "2000", value: text, placeholder: "Message, or / for commands" });
    const list = new Suggestions(this.input, {
      label: "Commands",
      active: () => this.input.value.startsWith("/"),
      items: (typed) => this.fitting(typed),
      pick: (entry) => this.fields(entry.value),
    });
    const send = el("button", { type: "submit", class: "button primary" }, "Send");
    const form = el("form", { class: "say", on: { submit: (event) => { event.preventDefault(); this.say(); } } }, this.input, send);
    this.root.replaceChildren(form, list.list);
    this.place();
    if (focus) this.input.focus();
  }

  focus() { (this.root.querySelector("input") ?? this.root.querySelector("button"))?.focus(); }

  /** Says where one is writing. */
  place() {
    if (!this.command) this.input.setAttribute("aria-label", `Message ${this.title()}, or / for commands`);
  }

  fitting(typed) {
    const words = typed.slice(1).toLowerCase().split(/\s+/).filter(Boolean);
    const all = this.page.commands().flatMap((command) => leaves(command.name, command));
    return all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  }

  async say() {
    const text = this.input.value.trim();
    if (!text) return;
    if (text.startsWith("/")) {
      const exact = this.fitting(text).find(({ title }) => title === text.replace(/\s+/g, " "));
      if (exact) this.fields(exact.value);
      else this.page.tell("There is no such command. Type / to see all of them.");
      return;
    }
    this.input.value = "";
    await this.page.act(this.channel(), { act: "say", text: this.page.named(text) });
  }

  /** The fields of a picked command. */
  fields(command) {
    this.command = command;
    this.inputs = command.options.map((option) => this.field(option));
    const back = el("button", { type: "button", class: "icon", "aria-label": "Another command", on: { click: () => this.plain("", true) } }, "✕");
    const send = el("button", { type: "submit", class: "button primary" }, "Send");
    const form = el("form", {
      class: "options",
      "aria-label": `/${command.path}`,
      on: {
        submit: (event) => { event.preventDefault(); this.run(); },
        keydown: (event) => { if (event.key === "Escape") this.plain("", true); },
      },
    },
    el("div", { class: "chosen" }, el("b", {}, `/${command.path}`), el("span", {}, command.description), back),
    el("div", { class: "fields" }, this.inputs.map(({ row }) => row)),
    send);
    this.root.replaceChildren(form);
    (this.inputs[0]?.control ?? send).focus();
  }

  field(option) {
    const id = freshId("option");
    const { control, read, extra } = this.control(option, id);
    control.required = option.required === true;
    const note = option.required ? null : el("span", { class: "optional" }, " optional");
    const hint = el("span", { id: `${id}-hint`, class: "hint" }, option.description);
    control.setAttribute("aria-describedby", `${id}-hint`);
    const row = el("div", { class: "field" }, el("label", { for: id }, option.name, note), control, extra, hint);
    return { name: option.name, control, read, row };
  }

  control(option, id) {
    const choices = this.choices(option);
    const number = option.type === KIND.integer || option.type === KIND.number;
    const control = el("input", {
      id,
      type: number && !choices && !option.autocomplete ? "number" : "text",
      step: option.type === KIND.integer ? "1" : number ? "any" : undefined,
      min: option.min_value, max: option.max_value,
      minlength: option.min_length, maxlength: option.max_length,
      autocomplete: "off",
    });
    if (choices) return chooser(control, option.name, choices);
    let picked;
    control.addEventListener("input", () => { picked = undefined; });
    const read = () => picked ?? (control.value === "" ? undefined : number ? Number(control.value) : control.value);
    if (!option.autocomplete) return { control, read };
    const suggestions = new Suggestions(control, {
      label: `Suggestions for ${option.name}`,
      items: (text) => this.suggest(option.name, text),
      pick: ({ title, value }) => { control.value = title; picked = value; },
    });
    return { control, read, extra: suggestions.list };
  }

  /** What can be chosen for the option, where that is known beforehand. */
  choices({ type, choices, channel_types: kinds }) {
    if (choices?.length) return choices.map(({ name, value }) => [name, value]);
    if (type === KIND.boolean) return [["True", true], ["False", false]];
    if (type === KIND.user || type === KIND.mentionable) return this.page.members().map(({ id, name }) => [name, id]);
    if (type === KIND.role) return this.page.roles().map(({ id, name }) => [name, id]);
    if (type === KIND.channel) return this.page.channels(kinds).map(({ id, name }) => [`#${name}`, id]);
    return null;
  }

  async suggest(option, text) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    await new Promise((wake) => setTimeout(wake, TYPING));
    if (turn !== this.turn) return [];
    const others = this.values((input) => input.name !== option && input.control.value !== "");
    const body = { viewer: this.page.viewer(), channel: this.channel(), act: "autocomplete", name: this.command.path, option, text, options: others };
    const { choices } = await ask("/api/act", body);
    return choices.map(({ name, value }) => ({ title: name, value }));
  }

  values(wanted = () => true) {
    const given = this.inputs.filter(wanted).map(({ name, read }) => [name, read()]);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
  }

  /** Sends the command. What Discord's client refuses leaves the fields as they are. */
  async run() {
    const { command, channel } = { command: this.command, channel: this.channel() };
    const sent = await this.page.command(channel, command.path, this.values());
    if (sent && this.command === command) this.plain("", this.root.contains(document.activeElement));
  }
}

/** A command's ways to be used: itself, or each of its subcommands. */
function leaves(path, holder) {
  const options = holder.options ?? [];
  const deeper = options.filter(({ type }) => type === KIND.subcommand || type === KIND.group);
  if (deeper.length) return deeper.flatMap((option) => leaves(`${path} ${option.name}`, option));
  const value = { path, description: holder.description, options };
  const tags = options.map(({ name, required }) => (required ? name : `${name}?`));
  return [{ title: `/${path}`, detail: holder.description, tags, value }];
}

/** A field in which one of a few names is chosen; nothing else is taken. */
function chooser(control, name, choices) {
  const same = (text) => choices.find(([title]) => title.toLowerCase() === text.trim().toLowerCase());
  const check = () => control.setCustomValidity(control.value === "" || same(control.value) ? "" : "Choose one of the list.");
  control.addEventListener("input", check);
  const suggestions = new Suggestions(control, {
    label: `Choices for ${name}`,
    items: (text) => {
      const fitting = choices.filter(([title]) => title.toLowerCase().includes(text.trim().toLowerCase()));
      return (same(text) ? choices : fitting).map(([title]) => ({ title }));
    },
    pick: ({ title }) => { control.value = title; check(); },
  });
  return { control, read: () => same(control.value)?.[1], extra: suggestions.list };
}
