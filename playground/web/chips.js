// A chosen slash command in, its options as fields to fill; the payload for the server out.

import { h } from "./dom.js";
import { candidates, coerce, payload, TYPE } from "./slash.js";
import { localised } from "./texts.js";

const DEBOUNCE_MS = 200;

export class Chips {
  #page;
  #entry;
  #suggestions;
  #fields = [];
  #more = h("span.chip-more");
  #typing = null;
  #asked = null;

  // `done()` when Enter asks to send, `left()` when Esc or Backspace gives the command up.
  constructor(page, entry, suggestions, { done, left, say }) {
    this.#page = page;
    this.#entry = entry;
    this.#suggestions = suggestions;
    this.say = say;
    this.done = done;
    this.left = left;
    this.token = h("span.command-token", { tabindex: "0", role: "group", "aria-label": `/${entry.label}, ${page.t("keys_command")}` }, `/${entry.label}`);
    this.element = h("div.chips", { on: { keydown: (event) => this.#key(event) } }, this.token, this.#more);
    for (const option of entry.options) if (option.required) this.#add(option);
    this.#paintMore();
  }

  start(rest = "") {
    const [first] = this.#fields.length ? this.#fields : rest ? [this.#addNext()] : [];
    if (!first) return this.token.focus();
    if (rest) first.input.value = rest;
    first.input.focus();
    return rest && this.#typed(first);
  }

  stop() {
    clearTimeout(this.#typing);
    this.#asked = null;
    this.#suggestions.close();
  }

  // The payload, or null after saying what is missing.
  gather() {
    const values = [];
    for (const field of this.#fields) {
      const text = field.input.value;
      if (!text.trim() && field.picked === undefined) {
        if (!field.option.required) continue;
        return this.#wrong(field, "option_missing");
      }
      const { value, error } = coerce(field.option, text, field.picked, this.#fixed(field.option));
      if (error) return this.#wrong(field, error);
      values.push({ name: field.option.name, type: field.option.type, value });
    }
    return payload(this.#entry, values);
  }

  // Choices that came for the option being typed; older answers are dropped.
  answered({ nonce, choices }) {
    if (!this.#asked || nonce !== this.#asked.nonce) return;
    const { field } = this.#asked;
    if (document.activeElement !== field.input) return;
    const all = choices.map((choice) => ({ name: localised(choice, "name", this.#page.locale), value: choice.value }));
    this.#offer(field, all, this.#page.t("no_choice"));
  }

  #fixed(option) {
    return candidates(option, this.#page.world, this.#page.t, this.#page.locale);
  }

  #label(option) {
    return localised(option, "name", this.#page.locale);
  }

  #add(option) {
    const { t } = this.#page;
    const label = this.#label(option);
    const numeric = option.type === TYPE.integer || option.type === TYPE.number;
    const input = h("input", {
      type: "text", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-label": `${label}, ${localised(option, "description", this.#page.locale)}, ${t(option.required ? "required" : "optional")}`,
      inputmode: numeric ? "decimal" : null, data: { testid: "command-option", name: option.name },
    });
    const remove = option.required ? null : h("button.chip-remove", { type: "button", tabindex: "-1", "aria-label": t("remove_option", { name: label }) }, "✕");
    const element = h("label.chip", {}, h("span.chip-name", {}, label), input, remove);
    const field = { option, input, element, picked: undefined };
    input.addEventListener("input", () => this.#typed(field));
    input.addEventListener("focus", () => this.#entered(field));
    input.addEventListener("blur", () => this.#suggestions.close());
    remove?.addEventListener("click", () => this.#remove(field));
    this.#fields.push(field);
    this.#more.before(element);
    return field;
  }

  #remove(field) {
    const index = this.#fields.indexOf(field);
    this.#fields.splice(index, 1);
    field.element.remove();
    this.#paintMore();
    (this.#fields[index - 1]?.input ?? this.token).focus();
  }

  #addNext() {
    const option = this.#left()[0];
    if (!option) return null;
    const field = this.#add(option);
    this.#paintMore();
    return field;
  }

  #left() {
    return this.#entry.options.filter((option) => !this.#fields.some((field) => field.option === option));
  }

  #paintMore() {
    this.#more.replaceChildren(...this.#left().map((option) => h("button.chip-add", {
      type: "button", tabindex: "-1", "aria-label": this.#page.t("add_option", { name: this.#label(option) }),
      on: { click: () => { const field = this.#add(option); this.#paintMore(); field.input.focus(); } },
    }, `+ ${this.#label(option)}`)));
  }

  #typed(field) {
    field.picked = undefined;
    field.input.removeAttribute("aria-invalid");
    this.say("");
    this.#suggest(field);
  }

  #entered(field) {
    this.#suggest(field);
  }

  #suggest(field) {
    const { option, input } = field;
    clearTimeout(this.#typing);
    this.#asked = null;
    const fixed = this.#fixed(option);
    if (fixed) {
      const wanted = field.picked === undefined ? input.value.trim().toLowerCase().replace(/^[@#]/, "") : "";
      return this.#offer(field, fixed.filter((choice) => `${choice.name} ${choice.hint ?? ""}`.toLowerCase().includes(wanted)), this.#page.t("no_choice"));
    }
    if (!option.autocomplete) return this.#offer(field, [], "");
    this.#offer(field, [], this.#page.t("loading"));
    this.#typing = setTimeout(() => this.#ask(field), input.value ? DEBOUNCE_MS : 0);
    return undefined;
  }

  #ask(field) {
    const values = this.#fields.flatMap((one) => {
      const focused = one === field;
      const { value } = focused ? { value: one.picked ?? one.input.value } : coerce(one.option, one.input.value, one.picked, this.#fixed(one.option));
      if (!focused && (value === undefined || value === "")) return [];
      return [{ name: one.option.name, type: one.option.type, value, ...(focused ? { focused: true } : {}) }];
    });
    const nonce = this.#page.interactions.autocomplete(this.#page.world.current, payload(this.#entry, values));
    this.#asked = { nonce, field };
  }

  #offer(field, choices, empty) {
    const { option, input } = field;
    const items = choices.slice(0, 25).map((choice) => ({ testid: "choice", name: choice.name, words: choice.hint, value: choice.value }));
    const description = localised(option, "description", this.#page.locale);
    this.#suggestions.show(input, {
      title: [h("b", {}, this.#label(option)), h("span", {}, description), option.required ? null : h("i", {}, this.#page.t("optional"))].filter(Boolean),
      items,
      empty,
      // Nothing is marked in an empty optional field, so that Enter there sends.
      first: field.picked === undefined && (input.value || option.required) ? 0 : -1,
      take: (item) => this.#pick(field, item),
    });
  }

  #pick(field, item) {
    field.picked = item.value;
    field.input.value = item.name;
    field.input.removeAttribute("aria-invalid");
    this.#suggestions.close();
    const empty = this.#fields.find((one) => one.option.required && one.picked === undefined && !one.input.value);
    if (empty) empty.input.focus();
    else this.#asked = null;
  }

  #wrong(field, error) {
    field.input.setAttribute("aria-invalid", "true");
    field.input.focus();
    this.say(this.#page.t(error, { name: this.#label(field.option) }));
    return null;
  }

  #key(event) {
    // While a Korean syllable is being composed, Enter belongs to the input method.
    if (event.isComposing || event.target.closest("button") || this.#suggestions.key(event)) return;
    const field = this.#fields.find((one) => one.input === event.target);
    const used = {
      Enter: () => (this.#suggestions.active ? this.#suggestions.takeActive() : this.done()) ?? true,
      Escape: () => (this.#suggestions.isOpen && this.#suggestions.active ? this.#suggestions.close() : this.left()) ?? true,
      Tab: () => !event.shiftKey && this.#tab(field),
      Backspace: () => this.#backspace(field),
    }[event.key]?.();
    if (used) event.preventDefault();
  }

  #tab(field) {
    if (this.#suggestions.active) {
      this.#suggestions.takeActive();
      if (document.activeElement !== field?.input) return true;
    }
    const following = this.#fields[this.#fields.indexOf(field) + 1] ?? this.#addNext();
    following?.input.focus();
    return Boolean(following);
  }

  #backspace(field) {
    if (field?.input.value) return false;
    if (field && !field.option.required) this.#remove(field);
    else if (!field || this.#fields[0] === field) this.left();
    else return false;
    return true;
  }
}
