// The form that a button or command may open.

import { byId, el, freshId } from "./dom.js";

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
    submit.setAttribute("aria-busy", "true");
    problem.textContent = "";
    try {
      const outcome = await send(Object.fromEntries(inputs.map(({ id, field }) => [id, field.value])));
      if (outcome.type === "failed") throw new Error("Something went wrong. Try again.");
      dialog.close();
      await done(outcome);
    } catch (error) {
      problem.textContent = error.message;
      submit.disabled = false;
      submit.removeAttribute("aria-busy");
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
