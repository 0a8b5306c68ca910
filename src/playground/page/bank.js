// The bank's page: every question as Discord would show it, with its faults beside it. It follows
// the folders that the playground watches.

import { ask, byId, el, toast } from "./dom.js";
import { carried } from "./embeds.js";
import { follow } from "./live.js";
import { format, markdown } from "./markdown.js";

const LEVELS = ["beginner", "intermediate", "advanced"];

/** What each card is called. */
const CARDS = [["round", "The round"], ["hint", "Hint"], ["quiz", "Quiz"], ["quiz_answer", "After the quiz"], ["answer", "The model answer in short"], ["full", "The full answer"], ["deeper", "Going deeper"]];

/** What the server tells of the bank, once it has. */
let bank = null;
/** The rows that are shown, by the question's id, with what they were made of. */
const rows = new Map();

/** What the cards may ask of a page: here nothing can be clicked. */
const page = {
  context: { guild: "", zone: "UTC", now: () => Date.now(), user: () => undefined, role: () => undefined, channel: () => undefined, go: () => {} },
  when: (at) => format(at, { dateStyle: "medium", timeStyle: "short" }, "UTC"),
  marks: () => [],
  members: () => [], roles: () => [], channels: () => [],
  tell: toast,
  click: () => toast("Buttons work in the chat."),
  select: () => {},
};

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Says that the server does not answer. */
const lost = () => { byId("lost").hidden = false; };

async function load() {
  const fresh = await ask("/api/bank").catch(lost);
  if (!fresh) return;
  bank = fresh;
  byId("lost").hidden = true;
  byId("watched").textContent = bank.watched.length ? `Watching ${bank.watched.join(", ")}: a saved file shows at once.` : "Start with --bank DIR to see a folder of your own, as you write it.";
  offer("level", "All levels", LEVELS.map((level) => [level, level]));
  offer("topic", "All topics", bank.topics.map(({ id, name }) => [id, name]));
  drawFaults();
  draw();
}

/** Fills a select; what was chosen stays chosen. */
function offer(id, all, choices) {
  const box = byId(id);
  const chosen = box.value;
  box.replaceChildren(...[["", all], ...choices].map(([value, label]) => el("option", { value }, label)));
  box.value = choices.some(([value]) => value === chosen) ? chosen : "";
}

function drawFaults() {
  byId("faults").hidden = bank.faults.length === 0;
  byId("fault-list").replaceChildren(...bank.faults.map((fault) => el("li", {}, el("pre", { tabindex: "0" }, el("code", {}, fault.text)))));
}

function draw() {
  // What is chosen before the bank is there counts once it is.
  if (!bank) return;
  const [level, topic, words] = [byId("level").value, byId("topic").value, byId("text").value.trim().toLowerCase().split(/\s+/).filter(Boolean)];
  const faulty = byId("faulty").checked;
  const shown = bank.questions.filter((question) =>
    (!level || question.level === level) && (!topic || question.topics.includes(topic)) && (!faulty || question.faults.length)
    && words.every((word) => question.search.includes(word)));
  byId("questions").replaceChildren(...shown.map(row));
  const broken = bank.questions.filter(({ faults }) => faults.length).length + bank.faults.length;
  byId("count").textContent = `${count(shown.length, "question")} of ${bank.questions.length}${broken ? ` · ${count(broken, "file")} with faults` : ""}`;
}

/** A question's row; the old one where nothing of it has changed, so that what is open stays open. */
function row(question) {
  const key = JSON.stringify(question);
  const old = rows.get(question.id);
  if (old?.key === key) return old.node;
  const node = make(question);
  rows.set(question.id, { key, node });
  return node;
}

function make(question) {
  const names = question.topics.map((id) => bank.topics.find((topic) => topic.id === id)?.name ?? id);
  const [first, ...others] = CARDS.filter(([name]) => question.cards[name]);
  return el("li", { class: question.faults.length ? "question faulty" : "question", data: { question: question.id } },
    el("div", { class: "about" },
      el("h2", {}, question.id),
      el("p", { class: "small" }, [question.level, ...names].join(" · ")),
      el("p", { class: "small" }, question.source),
      question.faults.length > 0 && el("ul", { class: "faults", "aria-label": `Faults of ${question.id}` }, question.faults.map(({ text }) => el("li", {}, el("pre", { tabindex: "0" }, el("code", {}, text)))))),
    el("div", { class: "cards" }, card(question.cards[first[0]]), others.map(([name, title]) => folded(title, question.cards[name]))));
}

/** A card that is made once it is opened: there may be hundreds. */
function folded(title, content) {
  const box = el("details", {}, el("summary", {}, title));
  box.addEventListener("toggle", () => { if (box.open && box.children.length === 1) box.append(card(content)); });
  return box;
}

const card = (message) => el("div", { class: "body" }, message.content && el("div", { class: "markdown" }, markdown(message.content, page.context)), carried(message, page));

byId("filters").addEventListener("input", draw);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
// The first news comes at once.
follow((kind) => { if (kind === "bank") load(); }, (up) => { if (!up) lost(); });
