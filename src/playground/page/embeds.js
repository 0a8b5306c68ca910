// What a message carries below its text: embeds, files, buttons and selects. The bank's page shows
// its questions with the same code as the chat.

import { el } from "./dom.js";
import { markdown } from "./markdown.js";

/** All of a message below its text. `page` gives the context, and is told of clicks. */
export function carried(message, page) {
  return [
    (message.embeds ?? []).map((embed) => embedBox(embed, page)),
    (message.attachments ?? []).map((file) => attachment(file, message)),
    (message.components ?? []).map((row) => actionRow(row, message, page)),
  ];
}

/** The words of a title: it knows Markdown, but no blocks. */
const title = (text, page) => markdown(text, page.context).map((node) => [...node.childNodes]);

function embedBox(embed, page) {
  const box = el("article", { class: "embed" },
    el("div", { class: "embed-text" },
      embed.author?.name && el("p", { class: "embed-author" }, embed.author.icon_url && picture(embed.author.icon_url, "", "author-icon"), embed.author.name),
      embed.title && el("h3", {}, embed.url ? el("a", { href: embed.url, target: "_blank", rel: "noopener noreferrer" }, title(embed.title, page)) : title(embed.title, page)),
      embed.description && el("div", { class: "markdown" }, markdown(embed.description, page.context)),
      embed.fields?.length && el("dl", {}, embed.fields.map((field) => embedField(field, page)))),
    embed.thumbnail && picture(embed.thumbnail.url, "", "thumbnail"),
    embed.image && picture(embed.image.url, embed.image.description ?? ""),
    (embed.footer || embed.timestamp) && el("footer", {},
      embed.footer?.icon_url && picture(embed.footer.icon_url, "", "author-icon"),
      [embed.footer?.text, embed.timestamp && page.when(Date.parse(embed.timestamp))].filter(Boolean).join(" · ")));
  // A property, for the policy lets no style attribute in.
  if (embed.color) box.style.borderInlineStartColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  return box;
}

function embedField(field, page) {
  return el("div", { class: field.inline ? "inline" : "" },
    el("dt", {}, title(field.name, page)), el("dd", { class: "markdown" }, markdown(field.value, page.context)));
}

/** Pictures that the bot has uploaded are to be had from here; others are named, never fetched. */
function picture(url, description, kind) {
  const path = /\/attachments\/.*$/.exec(url)?.[0];
  if (path) return el("img", { src: path, alt: description, class: kind, loading: "lazy" });
  return kind ? null : el("a", { class: "file", href: url, target: "_blank", rel: "noopener noreferrer" }, description || url);
}

function attachment(file, message) {
  const shown = message.embeds.some(({ image, thumbnail }) => [image, thumbnail].some((one) => one?.url?.endsWith(file.path)));
  if (shown) return null;
  if (file.content_type?.startsWith("image/")) return picture(file.path, file.description ?? file.filename);
  return el("p", { class: "file" }, el("span", { "aria-hidden": "true" }, "▤ "), el("a", { href: file.path, download: file.filename }, file.filename), el("span", {}, size(file.size)));
}

function size(bytes) {
  const [unit, of] = bytes < 1024 ? ["bytes", 1] : bytes < 1024 ** 2 ? ["KB", 1024] : ["MB", 1024 ** 2];
  return `${Math.round((bytes / of) * 10) / 10} ${unit}`;
}

/** Discord's numbers for components. */
const KIND = { button: 2, select: 3, user: 5, role: 6, mentionable: 7, channel: 8 };
const STYLE = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const LINK = 5;

function actionRow(row, message, page) {
  const parts = (row.components ?? []).map((part) => (part.type === KIND.button ? button(part, message, page) : select(part, message, page)));
  return el("div", { class: "row" }, parts);
}

function button(part, message, page) {
  const label = [part.emoji?.name, part.label].filter(Boolean).join(" ");
  if (part.style === LINK) return el("a", { class: "button secondary", href: part.url, target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
  const busy = page.marks(message).includes(part.custom_id);
  return el("button", {
    type: "button",
    class: `button ${STYLE[part.style] ?? "secondary"}`,
    disabled: part.disabled,
    "aria-busy": busy ? "true" : undefined,
    data: { control: part.custom_id },
    on: { click: () => page.click(message, part.custom_id) },
  }, busy ? [el("span", { class: "dots", "aria-hidden": "true" }, "•••"), el("span", { class: "hidden" }, `${label}: thinking`)] : label);
}

/** What a select offers: its own options, or people, roles and channels. */
function offered(part, page) {
  const named = (list) => list.map(({ id, name }) => ({ value: id, label: name }));
  switch (part.type) {
    case KIND.select: return part.options;
    case KIND.user: return named(page.members());
    case KIND.role: return named(page.roles());
    case KIND.mentionable: return [...named(page.members()), ...named(page.roles())];
    case KIND.channel: return named(page.channels());
    default: return [];
  }
}

function select(part, message, page) {
  const [least, most] = [part.min_values ?? 1, part.max_values ?? 1];
  const name = part.placeholder ?? "Choose";
  const box = el("select", { "aria-label": name, disabled: part.disabled, multiple: most > 1, data: { control: part.custom_id } },
    most > 1 ? null : el("option", { value: "", disabled: true, selected: true }, name),
    offered(part, page).map((option) => el("option", { value: option.value, selected: option.default }, [option.emoji?.name, option.label, option.description && `— ${option.description}`].filter(Boolean).join(" "))));
  const chosen = () => [...box.selectedOptions].map((option) => option.value);
  const send = () => page.select(message, part.custom_id, chosen());
  if (most === 1) {
    box.addEventListener("change", send);
    return box;
  }
  // Several are chosen first and then sent, as when Discord's list is closed.
  const done = el("button", { type: "button", class: "button secondary", data: { control: `${part.custom_id} done` } }, "Choose");
  done.addEventListener("click", () => {
    if (chosen().length < least || chosen().length > most) page.tell(`Choose ${least === most ? least : `${least} to ${most}`}.`);
    else send();
  });
  return el("span", { class: "select" }, box, done);
}
