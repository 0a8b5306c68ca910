// The simulated clock: what it shows, the steps that move it, and the panel that jumps to a date
// or lets a month pass.

import { ask, byId, el, freshId, toast } from "./dom.js";
import { format } from "./markdown.js";

const CLOCK = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };

/** Shows the simulated time and when the next question is due. */
export function drawClock(page) {
  const state = page.state();
  const clock = byId("clock");
  show(clock, format(page.now(), CLOCK, state.zone));
  clock.title = `Simulated time in ${state.zone}`;
  clock.dateTime = new Date(page.now()).toISOString();
  show(byId("due"), nextDue(page));
}

function show(node, words) { if (node.textContent !== words) node.textContent = words; }

/** The next question's time in its daily's own zone. */
function nextDue(page) {
  const { dailies = [] } = page.state();
  const next = dailies.filter(({ due, paused }) => due !== null && !paused).sort((a, b) => a.due - b.due)[0];
  if (!next) return dailies.length ? "The daily is paused" : "No daily is set up";
  return `Next ${format(next.due, { weekday: "short", hour: "2-digit", minute: "2-digit" }, next.zone)} ${next.zone}`;
}

let travelling = false;

/** Lets time pass on the simulated clock, and says where it stands then. */
export async function travel(page, how, arrived = () => {}) {
  if (travelling) return;
  mark(true);
  try {
    await ask("/api/time", how);
    await page.refresh();
    arrived();
    toast(`It is ${format(page.now(), { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }, page.context.zone)}.`);
  } catch (error) {
    toast(error.message);
  } finally {
    mark(false);
  }
}

/** While time passes nothing else moves it. */
function mark(busy) {
  travelling = busy;
  for (const node of document.querySelectorAll("[data-step], [data-travel]")) {
    if (busy) node.setAttribute("aria-disabled", "true");
    else node.removeAttribute("aria-disabled");
  }
  if (busy) byId("time").setAttribute("aria-busy", "true");
  else byId("time").removeAttribute("aria-busy");
}

/** Wires the steps in the bar. */
export function wireSteps(page, arrived) {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => travel(page, { step: button.dataset.step }, arrived));
  }
}

/** Jumping to a date, letting a month pass, and how the members stand. */
export class TimePanel {
  title = "Time";

  constructor(page) { this.page = page; }

  draw(body) {
    if (!body.firstChild) body.replaceChildren(this.jump(), this.month(), this.standings());
    this.board.replaceChildren(...this.rows());
    this.clocks.replaceChildren(...this.zones());
  }

  jump() {
    const id = freshId("date");
    const zone = this.page.context.zone;
    const field = el("input", { id, type: "datetime-local", required: true, value: localIso(this.page.now() + 864e5, zone) });
    this.clocks = el("ul", { class: "small" });
    return el("form", { class: "card", on: { submit: (event) => { event.preventDefault(); travel(this.page, { to: field.value }); } } },
      el("h3", {}, "Jump to a date"),
      el("div", { class: "field" }, el("label", { for: id }, `Date and time in ${zone}`), field),
      el("p", { class: "hint" }, "All that falls due on the way happens at its own time."),
      el("button", { type: "submit", class: "button primary", data: { travel: "to" } }, "Jump"),
      this.clocks);
  }

  zones() {
    return (this.page.state().dailies ?? []).map((daily) => el("li", {}, `${daily.name}: ${format(this.page.now(), CLOCK, daily.zone)} in ${daily.zone}`));
  }

  month() {
    const habits = this.page.state().people.filter(({ habit }) => habit);
    return el("section", { class: "card" },
      el("h3", {}, "Let a month pass"),
      el("p", {}, "Three simulated members take part meanwhile, each in their own way:"),
      el("ul", { class: "bullets" }, habits.map(({ name, habit }) => el("li", {}, el("b", {}, name), `: ${habit}`))),
      el("button", { type: "button", class: "button primary", data: { travel: "month" }, on: { click: () => travel(this.page, { month: true }) } }, "Let a month pass"));
  }

  standings() {
    this.board = el("tbody");
    return el("section", { class: "card" }, el("h3", {}, "How they stand"),
      el("table", {}, el("thead", {}, el("tr", {}, ["Member", "Streak", "Best", "Freezes", "Rounds"].map((name) => el("th", { scope: "col" }, name)))), this.board));
  }

  rows() {
    const rows = this.page.state().standings ?? [];
    if (!rows.length) return [el("tr", {}, el("td", { colspan: "5" }, "Nobody has taken part yet."))];
    return rows.map(({ name, streak, best, freezes, rounds }) => el("tr", {}, el("th", { scope: "row" }, name), [streak, best, freezes, rounds].map((count) => el("td", {}, String(count)))));
  }
}

/** An instant as a `datetime-local` field writes it, in a zone. */
function localIso(at, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeStyle: "short", hourCycle: "h23", timeZone: zone }).formatToParts(at);
  const part = (type) => parts.find((one) => one.type === type).value.padStart(2, "0");
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}
