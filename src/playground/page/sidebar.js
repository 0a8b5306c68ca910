// The list of servers, of channels with their threads, and of the people whom one can be.

import { avatar, byId, el, swap } from "./dom.js";

/** Most threads that the list of channels shows of each. */
const THREADS_SHOWN = 5;

/** Draws all of it for the page as it is. */
export function drawSidebar(page) {
  const state = page.state();
  const direct = state.channels.find(({ kind }) => kind === "dm");
  const atDirect = direct !== undefined && state.open.id === direct.id;
  drawRail(page, direct, atDirect);
  byId("guild-name").textContent = atDirect ? "Direct messages" : state.guild_name;
  byId("channels-title").textContent = atDirect ? "People" : "Channels";
  swap(byId("channels"), atDirect ? [el("li", {}, directButton(page, direct))] : channels(page));
  drawPeople(page);
}

/** Where the two signs of the rail lead now. */
function drawRail(page, direct, atDirect) {
  const { channels: all, guild_name: name } = page.state();
  const [home, guild] = [byId("go-direct"), byId("go-guild")];
  const first = all.find(({ kind, parent }) => parent === null && kind !== "dm");
  guild.setAttribute("aria-label", name);
  guild.title = name;
  home.hidden = !direct;
  for (const [node, current, target] of [[home, atDirect, direct], [guild, !atDirect, first]]) {
    node.toggleAttribute("aria-current", current);
    if (current) node.setAttribute("aria-current", "page");
    node.onclick = () => target && page.go(target.id);
  }
}

function channels(page) {
  const all = page.state().channels;
  return all.filter(({ parent, kind }) => parent === null && kind !== "dm").map((channel) => {
    const threads = all.filter((thread) => thread.parent === channel.id && !thread.archived).slice(-THREADS_SHOWN);
    return el("li", {}, channelButton(page, channel, "#"), threads.length ? el("ul", {}, threads.map((thread) => el("li", {}, channelButton(page, thread, "↳")))) : null);
  });
}

function channelButton(page, { id, name }, sign) {
  const { open, thread } = page.state();
  const current = id === open.id || id === thread?.id;
  return el("button", { type: "button", "aria-current": current ? "page" : undefined, data: { control: id }, on: { click: () => page.go(id) } },
    el("span", { "aria-hidden": "true" }, sign), el("span", {}, name));
}

function directButton(page, { id }) {
  const bot = page.bot();
  return el("button", { type: "button", "aria-current": "page", data: { control: id }, on: { click: () => page.go(id) } }, avatar(bot, true), el("span", {}, bot.name));
}

function drawPeople(page) {
  const state = page.state();
  const rows = state.people.map((person) => {
    const pick = el("input", { type: "radio", name: "viewer", value: person.id, data: { control: person.id } });
    pick.checked = person.id === state.viewer;
    pick.addEventListener("change", () => page.become(person.id));
    return el("label", {}, pick, avatar(person, true),
      el("span", { class: "name" }, person.name, person.habit && el("small", {}, person.habit)),
      person.manages && el("span", { class: "tag plain" }, "MODERATOR"));
  });
  swap(byId("people-list"), rows);
  const viewer = state.people.find(({ id }) => id === state.viewer);
  byId("viewer-chip").replaceChildren(avatar(viewer, true), el("span", {}, "You are ", el("b", {}, viewer.name)));
}
