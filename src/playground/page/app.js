// The page: what is open, as whom, and what is done there. All state is the server's; the page
// asks for it anew after each change.

import { Composer } from "./composer.js";
import { ask, byId, el, toast } from "./dom.js";
import { Inspector } from "./inspector.js";
import { follow, gathered } from "./live.js";
import { format, refreshTimes } from "./markdown.js";
import { MessageList, pinned } from "./messages.js";
import { openModal } from "./modal.js";
import { drawSidebar } from "./sidebar.js";
import { TimePanel, drawClock, wireSteps } from "./time.js";
import { TroublePanel, troubleLine } from "./trouble.js";

/** Discord's numbers for the kinds of channel that an option may ask for. */
const CHANNEL_KIND = { text: 0, announcement: 5, forum: 15 };

let state = null;
/** The simulated clock's lead over this browser's, in milliseconds. */
let lead = 0;
/** Buttons that wait for the bot, and messages whose button failed. */
const busy = new Map();
const failed = new Set();
/** Commands that have not been answered, by the channel they were used in. */
let waiting = [];

const place = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

const now = () => Date.now() + lead;
const dayOf = (at) => format(at, { dateStyle: "short" }, context.zone);
const find = (list, id) => list?.find((one) => one.id === id);

/** What Markdown may ask about the guild. */
const context = {
  get guild() { return state.guild; },
  get zone() { return state.zone; },
  now,
  user: (id) => find(state.members, id)?.name,
  role: (id) => find(state.roles, id)?.name,
  channel: (id) => find(state.channels, id)?.name,
  go,
};

/** What messages, boxes and panels may ask of the page. */
const page = {
  context,
  day: () => dayOf(now()),
  when,
  now,
  state: () => state,
  marks: (message) => [...(busy.get(message.id) ?? []), ...(failed.has(message.id) ? ["failed"] : [])],
  viewer: () => state.viewer,
  bot: () => state.members.find(({ bot }) => bot),
  commands: () => state.commands,
  members: () => state.members.filter(({ owner }) => !owner),
  roles: () => state.roles,
  channels: (kinds) => state.channels.filter(({ kind, parent }) => parent === null && kind !== "dm" && (!kinds?.length || kinds.includes(CHANNEL_KIND[kind]))),
  named,
  tell: toast,
  act,
  command,
  go,
  become,
  refresh,
  title,
  click: (message, customId) => press(message, customId, { act: "click", message: message.id, custom_id: customId }),
  select: (message, customId, values) => press(message, customId, { act: "select", message: message.id, custom_id: customId, values }),
  dismiss: (message) => act(message.channel, { act: "dismiss", message: message.id }),
};

const lists = { main: new MessageList(byId("messages"), page), thread: new MessageList(byId("thread-messages"), page) };
const boxes = {
  main: new Composer(byId("main-composer"), page, { id: "main-box", channel: () => state?.open.id, title: () => title(state?.open.id) }),
  thread: new Composer(byId("thread-composer"), page, { id: "thread-box", channel: () => state?.thread?.id, title: () => "the thread" }),
};

/** The panels at the side: each draws itself into the body that it is given. */
const panels = {
  pins: { title: "Pinned messages", draw: (body) => body.replaceChildren(...pinned(state.open.messages, page)) },
  time: new TimePanel(page),
  trouble: new TroublePanel(page),
  inspector: new Inspector(page),
};

/** A channel's name as it is written. */
function title(id) {
  const found = find(state?.channels, id);
  if (!found) return "";
  if (found.kind === "dm") return `@${page.bot()?.name ?? "bot"}`;
  return found.parent ? found.name : `#${found.name}`;
}

/** "Today at 09:30", as seen from the simulated now. */
function when(at) {
  const time = format(at, { timeStyle: "short" }, context.zone);
  if (dayOf(at) === dayOf(now())) return `Today at ${time}`;
  if (dayOf(at) === dayOf(now() - 864e5)) return `Yesterday at ${time}`;
  return `${format(at, { dateStyle: "medium" }, context.zone)}, ${time}`;
}

/** What was typed, with the names of people and channels as Discord sends them. */
function named(text) {
  const marks = [...page.members().map(({ id, name }) => [`@${name}`, `<@${id}>`]), ...page.channels().map(({ id, name }) => [`#${name}`, `<#${id}>`])];
  marks.sort(([a], [b]) => b.length - a.length);
  return marks.reduce((all, [mark, id]) => all.replaceAll(mark, id), text);
}

/** Does something in a channel as the viewer. Returns whether it came about. */
async function act(channel, what) {
  try {
    const outcome = await ask("/api/act", { viewer: state.viewer, channel, ...what });
    await receive(channel, outcome, () => boxOf(channel)?.focus());
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

let commands = 0;
/** Uses a slash command; until it is answered, and where it never is, the channel says so. */
async function command(channel, name, options) {
  const mine = {
    id: `command-${++commands}`, channel, viewer: state.viewer, command: name, state: "sending",
    who: context.user(state.viewer), bot: page.bot(),
    dismiss: () => { waiting = waiting.filter((one) => one !== mine); draw(); },
  };
  // Most are answered at once, and then nothing should flicker.
  const slow = setTimeout(() => { waiting.push(mine); draw(); }, 300);
  try {
    const outcome = await ask("/api/act", { viewer: mine.viewer, channel, act: "command", name, options });
    clearTimeout(slow);
    if (outcome.type === "failed") {
      waiting = [...waiting.filter((one) => one !== mine), Object.assign(mine, { state: "failed" })];
      await refresh();
      return true;
    }
    waiting = waiting.filter((one) => one !== mine);
    await receive(channel, outcome, () => boxOf(channel)?.focus());
    return true;
  } catch (error) {
    clearTimeout(slow);
    mine.dismiss();
    toast(error.message);
    return false;
  }
}

/** Shows what came of an act. `back` puts the focus where the act came from. */
async function receive(channel, outcome, back) {
  if (outcome.type === "modal") {
    openModal(outcome, {
      send: (values) => ask("/api/act", { viewer: state.viewer, channel, act: "submit", interaction: outcome.interaction, values }),
      done: (sent) => receive(channel, sent, back),
      back,
    });
  }
  await refresh();
  if (outcome.type === "message") listOf(channel)?.find(outcome.message.id);
}

const boxOf = (channel) => Object.values(boxes).find((box) => box.channel() === channel);
const listOf = (channel) => Object.values(lists).find((list) => list.channel === channel);

/** Presses a button or chooses in a select; it shows as busy until the bot has answered. */
async function press(message, customId, what) {
  if (busy.get(message.id)?.has(customId)) return;
  busy.set(message.id, new Set(busy.get(message.id)).add(customId));
  failed.delete(message.id);
  draw();
  try {
    const outcome = await ask("/api/act", { viewer: state.viewer, channel: message.channel, ...what });
    if (outcome.type === "failed") failed.add(message.id);
    busy.get(message.id).delete(customId);
    await receive(message.channel, outcome, () => listOf(message.channel)?.refocus({ message: message.id, control: customId }));
  } catch (error) {
    toast(error.message);
    busy.get(message.id).delete(customId);
    draw();
  }
}

/** Opens a channel or thread, and in it a message. */
async function go(channel, message) {
  const target = find(state.channels, channel);
  if (!target) return toast("That channel is gone.");
  if (target.parent) Object.assign(place, { channel: target.parent, thread: target.id, panel: "" });
  else Object.assign(place, { channel: target.id, thread: "" });
  menu(false);
  await refresh();
  if (message) {
    if (!listOf(channel)?.find(message)) toast("That message is gone.");
  } else byId(target.parent ? "thread-name" : "channel-name").focus();
}

let turn = 0;
/** Asks the server how things are, and shows it. */
async function refresh() {
  const mine = ++turn;
  const query = new URLSearchParams(Object.entries(place).filter(([name, value]) => value && name !== "panel"));
  const fresh = await ask(`/api/state?${query}`);
  // A later question has been asked meanwhile; its answer counts.
  if (mine !== turn) return;
  state = fresh;
  lead = state.now - Date.now();
  Object.assign(place, { viewer: state.viewer, channel: state.open?.id ?? "", thread: state.thread?.id ?? "" });
  remember();
  byId("lost").hidden = true;
  draw();
}

/** Where one is, in the address: it survives a reload, and each window has its own. */
function remember() {
  history.replaceState(null, "", `#${new URLSearchParams(Object.entries(place).filter(([, value]) => value))}`);
}

function draw() {
  if (!state?.open) return;
  // Until now there was nothing to act on.
  for (const part of document.querySelectorAll("[inert]")) part.inert = false;
  drawSidebar(page);
  const name = title(state.open.id);
  byId("channel-name").textContent = name;
  document.title = `${name} · Whetstone playground`;
  const own = (channel) => waiting.filter((one) => one.channel === channel && one.viewer === state.viewer);
  lists.main.update(state.open, { key: name, make: () => intro(name) }, own(state.open.id));
  byId("newest").hidden = lists.main.atEnd;
  drawSide(own);
  for (const box of Object.values(boxes)) if (state.thread || box === boxes.main) box.place();
  const line = troubleLine(state.trouble);
  byId("troubled").hidden = !line;
  if (byId("troubled").textContent !== line) byId("troubled").textContent = line;
  tick();
}

/** The thread or the panel beside the channel: one at a time. */
function drawSide(own) {
  const panel = panels[place.panel];
  byId("thread").hidden = !state.thread;
  byId("panel").hidden = !panel;
  document.body.classList.toggle("with-side", Boolean(state.thread || panel));
  for (const tool of document.querySelectorAll("[data-panel]")) tool.setAttribute("aria-expanded", String(tool.dataset.panel === place.panel));
  if (state.thread) {
    const name = title(state.thread.id);
    byId("thread-name").textContent = name;
    lists.thread.update(state.thread, { key: name, make: () => [el("p", {}, "The thread of ", el("b", {}, name))] }, own(state.thread.id));
  }
  if (panel) {
    byId("panel-name").textContent = panel.title;
    panel.draw(byId("panel-body"));
  }
}

function intro(name) {
  if (name.startsWith("@")) return [el("h2", {}, name.slice(1)), el("p", {}, "Your direct messages with the bot. Some commands work here, too: type ", el("code", {}, "/"), ".")];
  return [
    el("h2", {}, `Welcome to ${name}`),
    el("p", {}, "You are looking at the real bot on a simulated Discord. Press a question’s buttons, type ", el("code", {}, "/"), " for the commands, become somebody else in the list of people, or let time pass to get the next question."),
  ];
}

async function become(id) {
  const direct = find(state.channels, state.open.id)?.kind === "dm";
  place.viewer = id;
  failed.clear();
  await refresh();
  // Everyone has direct messages of their own.
  const own = direct && state.channels.find(({ kind }) => kind === "dm");
  if (own) {
    place.channel = own.id;
    await refresh();
  }
  // The commands on offer may be others now.
  for (const box of Object.values(boxes)) box.plain();
  for (const list of Object.values(lists)) list.toEnd();
}

function tick() {
  if (!state) return;
  drawClock(page);
  refreshTimes(document, now());
}

function menu(open) {
  const was = document.body.classList.contains("menu");
  document.body.classList.toggle("menu", open);
  byId("open-menu").setAttribute("aria-expanded", String(open));
  byId("shade").hidden = !open;
  if (open) byId("close-menu").focus();
  else if (was) byId("open-menu").focus();
}

async function closeThread() {
  const thread = place.thread;
  place.thread = "";
  await refresh();
  const opener = document.querySelector(`[data-message="${CSS.escape(thread)}"] .thread-link`);
  (opener ?? byId("channel-name")).focus();
}

/** Opens a panel, or closes the one that is open. */
async function showPanel(name) {
  const tool = document.querySelector(`[data-panel="${name || place.panel}"]`);
  panels[place.panel]?.close?.();
  Object.assign(place, { panel: name, ...(name ? { thread: "" } : {}) });
  byId("panel-body").replaceChildren();
  await refresh();
  (name ? byId("panel-name") : tool)?.focus();
}

function listen() {
  byId("open-menu").addEventListener("click", () => menu(true));
  byId("close-menu").addEventListener("click", () => menu(false));
  byId("shade").addEventListener("click", () => menu(false));
  byId("drawer").addEventListener("keydown", (event) => { if (event.key === "Escape") menu(false); });
  byId("close-thread").addEventListener("click", closeThread);
  byId("thread").addEventListener("keydown", (event) => { if (event.key === "Escape" && !boxes.thread.command) closeThread(); });
  byId("close-panel").addEventListener("click", () => showPanel(""));
  byId("panel").addEventListener("keydown", (event) => { if (event.key === "Escape") showPanel(""); });
  for (const tool of document.querySelectorAll("[data-panel]")) {
    tool.addEventListener("click", () => showPanel(tool.dataset.panel === place.panel ? "" : tool.dataset.panel));
  }
  byId("newest").addEventListener("click", () => { lists.main.toEnd(); byId("main-box")?.focus(); });
  byId("messages").addEventListener("scroll", () => { byId("newest").hidden = lists.main.atEnd; });
  wireSteps(page, () => lists.main.toEnd());
}

function heard(kind) {
  if (kind === "traffic") panels.inspector.stir();
  else soon();
}
const lost = () => { byId("lost").hidden = false; };
const soon = gathered(() => refresh().catch(lost));

listen();
// The first news comes at once.
follow(heard, (up) => { if (!up) lost(); });
setInterval(tick, 1000);
