// The page: what is open, as whom, and what is done there. All state is the server's; the page
// asks for it anew after each change.

import { Composer } from "./composer.js";
import { ask, avatar, byId, el, toast } from "./dom.js";
import { format, refreshTimes } from "./markdown.js";
import { MessageList, openModal } from "./messages.js";

/** Discord's numbers for the kinds of channel that an option may ask for. */
const CHANNEL_KIND = { text: 0, announcement: 5, forum: 15 };

/** Most threads that the list of channels shows of each. */
const THREADS_SHOWN = 5;

let state = null;
/** The simulated clock's lead over this browser's, in milliseconds. */
let lead = 0;
/** Buttons that wait for the bot, and messages whose button failed. */
const busy = new Map();
const failed = new Set();

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

/** What messages and boxes may ask of the page. */
const page = {
  context,
  day: () => dayOf(now()),
  when,
  marks: (message) => [...(busy.get(message.id) ?? []), ...(failed.has(message.id) ? ["failed"] : [])],
  viewer: () => state.viewer,
  commands: () => state.commands,
  members: () => state.members.filter(({ owner }) => !owner),
  roles: () => state.roles,
  channels: (kinds) => state.channels.filter(({ kind, parent }) => parent === null && (!kinds?.length || kinds.includes(CHANNEL_KIND[kind]))),
  tell: toast,
  act,
  click: (message, customId) => press(message, customId, { act: "click", message: message.id, custom_id: customId }),
  select: (message, customId, values) => press(message, customId, { act: "select", message: message.id, custom_id: customId, values }),
  dismiss: (message) => act(message.channel, { act: "dismiss", message: message.id }),
};

const lists = { main: new MessageList(byId("messages"), page), thread: new MessageList(byId("thread-messages"), page) };
const boxes = {
  main: new Composer(byId("main-composer"), page, { id: "main-box", channel: () => state?.open.id, title: () => title(state?.open.id) }),
  thread: new Composer(byId("thread-composer"), page, { id: "thread-box", channel: () => state?.thread?.id, title: () => "the thread" }),
};

/** A channel's name as it is written. */
function title(id) {
  const found = find(state?.channels, id);
  if (!found) return "";
  return found.parent ? found.name : `#${found.name}`;
}

/** "Today at 09:30", as seen from the simulated now. */
function when(at) {
  const time = format(at, { timeStyle: "short" }, context.zone);
  if (dayOf(at) === dayOf(now())) return `Today at ${time}`;
  if (dayOf(at) === dayOf(now() - 864e5)) return `Yesterday at ${time}`;
  return `${format(at, { dateStyle: "medium" }, context.zone)}, ${time}`;
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

/** Shows what came of an act. `back` puts the focus where the act came from. */
async function receive(channel, outcome, back) {
  if (outcome.type === "failed") toast("This interaction failed: the bot did not answer in time.");
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
  if (target.parent) Object.assign(place, { channel: target.parent, thread: target.id });
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
  const query = new URLSearchParams(Object.entries(place).filter(([, value]) => value));
  const fresh = await ask(`/api/state?${query}`);
  // A later question has been asked meanwhile; its answer counts.
  if (mine !== turn) return;
  state = fresh;
  lead = state.now - Date.now();
  Object.assign(place, { viewer: state.viewer, channel: state.open?.id ?? "", thread: state.thread?.id ?? "" });
  history.replaceState(null, "", `#${new URLSearchParams(place)}`);
  byId("lost").hidden = true;
  draw();
}

function draw() {
  if (!state?.open) return;
  drawChannels();
  drawPeople();
  const name = title(state.open.id);
  byId("channel-name").textContent = name;
  document.title = `${name} · Whetstone playground`;
  lists.main.update(state.open, { key: name, make: () => intro(name) });
  byId("thread").hidden = !state.thread;
  document.body.classList.toggle("with-thread", Boolean(state.thread));
  if (state.thread) {
    const name = title(state.thread.id);
    byId("thread-name").textContent = name;
    lists.thread.update(state.thread, { key: name, make: () => [el("p", {}, "The thread of ", el("b", {}, name))] });
  }
  for (const box of Object.values(boxes)) if (state.thread || box === boxes.main) box.place();
  tick();
}

function intro(name) {
  return [
    el("h3", {}, `Welcome to ${name}`),
    el("p", {}, "You are looking at the real bot on a simulated Discord. Press a question’s buttons, type ", el("code", {}, "/"), " for the commands, become somebody else in the list of people, or let time pass to get the next question."),
  ];
}

function drawChannels() {
  const rows = state.channels.filter(({ parent, kind }) => parent === null && kind !== "dm").map((channel) => {
    const threads = state.channels.filter((thread) => thread.parent === channel.id && !thread.archived).slice(-THREADS_SHOWN);
    return el("li", {}, channelButton(channel, "#"), threads.length ? el("ul", {}, threads.map((thread) => el("li", {}, channelButton(thread, "↳")))) : null);
  });
  swap(byId("channels"), rows);
}

function channelButton({ id, name }, sign) {
  const current = id === state.open.id || id === state.thread?.id;
  return el("button", { type: "button", "aria-current": current ? "page" : undefined, data: { control: id }, on: { click: () => go(id) } },
    el("span", { "aria-hidden": "true" }, sign), name);
}

function drawPeople() {
  const rows = state.people.map((person) => {
    const pick = el("input", { type: "radio", name: "viewer", value: person.id, data: { control: person.id } });
    pick.checked = person.id === state.viewer;
    pick.addEventListener("change", () => become(person.id));
    return el("label", {}, pick, avatar(person, true), el("span", {}, person.name), person.manages && el("span", { class: "tag plain" }, "MODERATOR"));
  });
  swap(byId("people-list"), rows);
  const viewer = find(state.people, state.viewer);
  byId("viewer-chip").replaceChildren(avatar(viewer, true), el("span", {}, "You are ", el("b", {}, viewer.name)));
}

async function become(id) {
  place.viewer = id;
  failed.clear();
  await refresh();
  // The commands on offer may be others now.
  for (const box of Object.values(boxes)) if (!box.command || box === boxes.main) box.plain();
  for (const list of Object.values(lists)) list.toEnd();
}

/** Exchanges a list's rows without losing the focus in it. */
function swap(root, rows) {
  const control = root.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  root.replaceChildren(...rows);
  if (control) [...root.querySelectorAll("[data-control]")].find((node) => node.dataset.control === control)?.focus();
}

/** Lets time pass on the simulated clock. */
async function pass(step) {
  const buttons = [...document.querySelectorAll("[data-step]")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  byId("time").setAttribute("aria-busy", "true");
  try {
    await ask("/api/time", { step });
    await refresh();
    lists.main.toEnd();
    toast(`It is ${format(now(), { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }, context.zone)}.`);
  } catch (error) {
    toast(error.message);
  }
  for (const button of buttons) button.removeAttribute("aria-disabled");
  byId("time").removeAttribute("aria-busy");
}

function tick() {
  if (!state) return;
  const clock = byId("clock");
  const words = format(now(), { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }, state.zone);
  if (clock.textContent !== words) clock.textContent = words;
  clock.title = `Simulated time in ${state.zone}`;
  clock.dateTime = new Date(now()).toISOString();
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

function listen() {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => button.getAttribute("aria-disabled") || pass(button.dataset.step));
  }
  byId("open-menu").addEventListener("click", () => menu(true));
  byId("close-menu").addEventListener("click", () => menu(false));
  byId("shade").addEventListener("click", () => menu(false));
  byId("sidebar").addEventListener("keydown", (event) => { if (event.key === "Escape") menu(false); });
  byId("close-thread").addEventListener("click", closeThread);
  byId("thread").addEventListener("keydown", (event) => { if (event.key === "Escape" && !boxes.thread.command) closeThread(); });
}

function follow() {
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; refresh().catch(() => {}); }, 60);
  };
  const changes = new EventSource("/api/changes");
  changes.addEventListener("message", soon);
  changes.addEventListener("open", soon);
  changes.addEventListener("error", () => { byId("lost").hidden = false; });
}

listen();
await refresh();
follow();
setInterval(tick, 1000);
