// A modal's components in, a dialog out; what was filled in goes back in the shape Discord's clients send.

import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { menu } from "./menus.js";

export function showModal(page, form) {
  const error = h("p.modal-error", { role: "alert" });
  const fields = form.components.map((component) => topField(page, component));
  const submit = h("button.button.primary", { type: "submit" }, page.t("submit"));
  const titleId = fieldId();
  const body = h("form.modal-form", { method: "dialog" },
    h("header.modal-head", {}, h("h2", { id: titleId }, form.title), h("button.icon", { type: "button", "aria-label": page.t("close"), on: { click: () => dialog.close() } }, "✕")),
    h("div.modal-fields", {}, fields.map((field) => field.element)), error,
    h("footer.modal-foot", {}, h("button.button.secondary", { type: "button", on: { click: () => dialog.close() } }, page.t("cancel")), submit));
  const dialog = h("dialog.modal", { "aria-labelledby": titleId, data: { testid: "modal" } }, body);

  const settled = ({ detail }) => {
    if (detail.kind !== "modal" || detail.interactionId !== form.interaction_id || !detail.state) return;
    submit.removeAttribute("aria-busy");
    if (detail.state === "failed") error.textContent = page.failureText("failed", detail.reason);
    else dialog.close();
  };
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-busy") === "true") return;
    error.textContent = "";
    const wrong = fields.find((field) => !field.isComplete());
    if (wrong) return void (error.textContent = page.t("option_missing", { name: wrong.name }));
    submit.setAttribute("aria-busy", "true");
    const nonce = page.interactions.submit(form, fields.map((field) => field.value()).filter(Boolean));
    if (!nonce) {
      submit.removeAttribute("aria-busy");
      error.textContent = page.t("not_sent");
    }
  });
  page.interactions.addEventListener("change", settled);
  dialog.addEventListener("close", () => {
    page.interactions.removeEventListener("change", settled);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input, textarea, .menu")?.focus();
}

function fieldId() {
  return `field-${crypto.randomUUID()}`;
}

// Top-level entries: a row around a text input (the older shape), a label around anything, or words.
function topField(page, component) {
  if (component.type === 1) {
    const inner = field(page, component.components[0], component.components[0].label ?? "");
    return { ...inner, value: () => ({ type: 1, components: [inner.value()] }) };
  }
  if (component.type === 18) {
    const inner = field(page, component.component, component.label, component.description);
    return { ...inner, value: () => inner.value() && { type: 18, component: inner.value() } };
  }
  const words = h("div.md", {}, component.type === 10 ? markdown(component.content, page.reading(null)) : page.t("unsupported"));
  return { element: words, name: "", isComplete: () => true, value: () => null };
}

function field(page, component, label, description) {
  const id = fieldId();
  const made = (FIELDS[component.type] ?? unsupported)(page, component, id, label);
  const needed = component.required !== false;
  const mark = needed ? h("span.needed", { title: page.t("required") }, " *") : h("span.optional", {}, ` ${page.t("optional")}`);
  const element = h("div.field-row", {},
    h("label", { for: id }, label, mark),
    description ? h("p.field-hint", { id: `${id}-hint` }, description) : null, made.element);
  return { element, name: label, isComplete: () => !needed || made.isComplete(), value: () => made.value() };
}

const FIELDS = { 3: choiceField, 4: textField, 5: choiceField, 6: choiceField, 7: choiceField, 8: choiceField, 21: oneOfField, 22: someOfField, 23: tickField };

function textField(page, component, id, label) {
  const shared = {
    id, "aria-label": label, placeholder: component.placeholder, maxlength: component.max_length, minlength: component.min_length || null,
    required: component.required !== false, value: component.value ?? "", data: { customId: component.custom_id },
  };
  const input = component.style === 2 ? h("textarea", { ...shared, rows: "4" }) : h("input", { ...shared, type: "text", autocomplete: "off" });
  return { element: input, isComplete: () => input.value.trim() !== "", value: () => ({ type: 4, custom_id: component.custom_id, value: input.value }) };
}

function choiceField(page, component, id, label) {
  const element = menu(page, component, { label });
  element.querySelector(".menu").id = id;
  return { element, isComplete: () => element.isComplete(), value: () => ({ type: component.type, custom_id: component.custom_id, values: element.values() }) };
}

function ticks(component, id, kind) {
  const inputs = (component.options ?? []).map((option, index) => h("input", { id: index ? null : id, type: kind, name: id, value: option.value, checked: option.default }));
  const rows = inputs.map((input, index) => h("label.tick", {}, input, h("span", {}, component.options[index].label,
    component.options[index].description ? h("small", {}, component.options[index].description) : null)));
  return { element: h("div.ticks", {}, rows), chosen: () => inputs.filter((input) => input.checked).map((input) => input.value) };
}

function oneOfField(page, component, id) {
  const { element, chosen } = ticks(component, id, "radio");
  return { element, isComplete: () => chosen().length > 0, value: () => ({ type: 21, custom_id: component.custom_id, value: chosen()[0] ?? null }) };
}

function someOfField(page, component, id) {
  const { element, chosen } = ticks(component, id, "checkbox");
  return { element, isComplete: () => chosen().length >= (component.min_values ?? 1), value: () => ({ type: 22, custom_id: component.custom_id, values: chosen() }) };
}

function tickField(page, component, id) {
  const input = h("input", { id, type: "checkbox", checked: component.default });
  return { element: input, isComplete: () => true, value: () => ({ type: 23, custom_id: component.custom_id, value: input.checked }) };
}

function unsupported(page) {
  return { element: h("p.field-hint", {}, page.t("unsupported")), isComplete: () => true, value: () => null };
}
