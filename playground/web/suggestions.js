// The list above the message box: what can be chosen for what is being typed, moved through with the arrow keys.

import { h } from "./dom.js";

export class Suggestions {
  #list = h("div.suggest-list", { role: "listbox", id: "suggestions" });
  #title = h("div.suggest-title", {});
  #items = [];
  #active = -1;
  #take = () => {};
  #input = null;

  constructor() {
    this.element = h("div.suggest", { hidden: true }, this.#title, this.#list);
    // The field being typed in keeps the focus while the list is clicked.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  get active() {
    return this.#items[this.#active] ?? null;
  }

  // `items`: `{testid, name, words, hint, mark, …}`; `first` is the one marked when the list opens, -1 for none.
  show(input, { title, items, empty, first = 0, take }) {
    if (this.#input !== input) this.#let();
    this.#input = input;
    this.#items = items;
    this.#take = take;
    this.#active = items.length ? Math.min(first, items.length - 1) : -1;
    this.#title.replaceChildren(...[title].flat());
    this.#list.replaceChildren(...items.map((item, index) => this.#row(item, index)));
    if (!items.length && empty) this.#list.append(h("div.suggest-empty", { role: "presentation" }, empty));
    this.element.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", "suggestions");
    this.#mark();
  }

  close() {
    this.element.hidden = true;
    this.#items = [];
    this.#active = -1;
    this.#let();
  }

  // Arrow keys move, the rest is the caller's; true when the key was used.
  key(event) {
    if (!this.isOpen || !this.#items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return false;
    event.preventDefault();
    const count = this.#items.length;
    this.#active = this.#active === -1 && step === -1 ? count - 1 : (this.#active + step + count) % count;
    this.#mark();
    return true;
  }

  takeActive() {
    if (this.active) this.#take(this.active);
  }

  #let() {
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
    this.#input = null;
  }

  #row(item, index) {
    return h("div.suggest-item", {
      role: "option", id: `suggestion-${index}`, "aria-selected": "false", data: { testid: item.testid },
      on: { click: () => this.#take(item), pointermove: () => this.#active !== index && this.#mark(index) },
    },
    h("span.suggest-name", {}, item.name), item.words ? h("span.suggest-words", {}, item.words) : null,
    item.hint ? h("span.suggest-hint", {}, item.hint) : null);
  }

  #mark(index = this.#active) {
    this.#active = index;
    [...this.#list.children].forEach((row, i) => {
      row.classList.toggle("active", i === index);
      if (row.getAttribute("role") === "option") row.setAttribute("aria-selected", String(i === index));
    });
    if (index < 0) return this.#input.removeAttribute("aria-activedescendant");
    this.#list.children[index]?.scrollIntoView({ block: "nearest" });
    return this.#input.setAttribute("aria-activedescendant", `suggestion-${index}`);
  }
}
