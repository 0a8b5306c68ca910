// Trouble at a click: what goes wrong on Discord's side or the bot's, so that one sees what the
// members would see.

import { ask, el, toast } from "./dom.js";

const DELAYS = [[0, "Not at all"], [1500, "1.5 seconds"], [2500, "2.5 seconds"], [5000, "5 seconds"]];
const FAILURES = [1, 5, 25];

const requests = (count) => (count === 1 ? "1 request" : `${count} requests`);

/** All present trouble in one line; empty if there is none. */
export function troubleLine(trouble) {
  if (!trouble) return "";
  const all = [
    trouble.posting_denied && "the bot may not post",
    trouble.failing > 0 && `the next ${requests(trouble.failing)} will fail`,
    trouble.delay_ms > 0 && `Discord takes ${trouble.delay_ms / 1000} s for each request`,
    trouble.offline && "the gateway is kept away",
    trouble.bot === "stopped" && "the bot is stopped",
    trouble.bot === "starting" && "the bot is starting",
  ].filter(Boolean);
  return all.length ? `Trouble: ${all.join(" · ")}` : "";
}

/** The panel with a section for each kind of trouble. */
export class TroublePanel {
  title = "Trouble";

  constructor(page) { this.page = page; }

  draw(body) {
    const trouble = this.page.state().trouble;
    if (!trouble) return;
    const key = JSON.stringify(trouble);
    if (this.key === key && body.firstChild) return;
    this.key = key;
    const focus = body.contains(document.activeElement) ? document.activeElement.dataset.control : null;
    body.replaceChildren(this.posting(trouble), this.failing(trouble), this.slow(trouble), this.gateway(trouble), this.bot(trouble),
      this.button("End all trouble", "end", { trouble: "end" }, { style: "success" }));
    if (focus) [...body.querySelectorAll("[data-control]")].find((node) => node.dataset.control === focus)?.focus();
  }

  async cause(what, node) {
    node.setAttribute("aria-busy", "true");
    try {
      await ask("/api/trouble", what);
      await this.page.refresh();
    } catch (error) {
      toast(error.message);
    }
    node.removeAttribute("aria-busy");
  }

  button(label, control, what, { style = "secondary", pressed, disabled } = {}) {
    const node = el("button", { type: "button", class: `button ${style}`, data: { control }, disabled, "aria-pressed": pressed === undefined ? undefined : String(pressed) }, label);
    node.addEventListener("click", () => this.cause(what, node));
    return node;
  }

  section(title, words, ...buttons) {
    return el("section", { class: "card" }, el("h3", {}, title), el("p", { class: "hint" }, words), el("div", { class: "row" }, buttons));
  }

  posting({ posting_denied: denied }) {
    return this.section("Permissions", "Takes the bot’s permission to send messages away in every channel. The next question cannot be posted, and the bot says why.",
      this.button(denied ? "Give it back" : "Take the permission to post away", "posting", { trouble: "posting", denied: !denied }, { style: denied ? "success" : "danger", pressed: denied }));
  }

  failing({ failing }) {
    return this.section("Failing requests", failing ? `The next ${requests(failing)} of the bot will be answered with 500.` : "Discord answers the bot’s next requests with 500. What is due is tried again, and posted once.",
      FAILURES.map((times) => this.button(`Fail ${requests(times)}`, `fail-${times}`, { trouble: "fail", times }, { style: "danger" })),
      failing > 0 && this.button("Fail no more", "fail-0", { trouble: "fail", times: 0 }, { style: "success" }));
  }

  slow({ delay_ms: now }) {
    return this.section("Slow Discord", "Each request takes that much longer. Buttons fail for members when an answer takes more than three seconds.",
      DELAYS.map(([delay, label]) => this.button(label, `slow-${delay}`, { trouble: "slow", delay_ms: delay }, { pressed: delay === now })));
  }

  gateway({ offline, connected }) {
    return this.section("Gateway", connected ? "The bot is connected. Cut the connection, and it comes back by itself." : "The bot is not connected: clicks do not reach it.",
      this.button("Cut the gateway", "gateway", { trouble: "gateway" }, { style: "danger" }),
      this.button(offline ? "Let it back in" : "Cut it and keep it away", "offline", { trouble: "offline", on: !offline }, { style: offline ? "success" : "danger", pressed: offline }));
  }

  bot({ bot }) {
    const words = { running: "Killing it is a crash: nothing is finished, nothing is said. Everything that members were told is saved, is saved.", stopped: "The bot is stopped. Clicks fail, time passes, and nothing is posted.", starting: "The bot is starting." };
    return this.section("The bot’s process", words[bot],
      bot === "running" && [this.button("Kill the bot", "kill", { trouble: "kill" }, { style: "danger" }), this.button("Kill and restart", "restart", { trouble: "restart" }, { style: "danger" })],
      bot !== "running" && this.button("Start the bot", "kill", { trouble: "start" }, { style: "success", disabled: bot === "starting" }));
  }
}
