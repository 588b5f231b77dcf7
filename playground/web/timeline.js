// The messages of one place on screen: kept in order, replaced one by one, scrolled like a chat.

import { h } from "./dom.js";
import { failure, messageItem, shownName, summary, threadTop } from "./message.js";
import { day } from "./times.js";
import { FLAG } from "./world.js";

const GROUP_MS = 7 * 60 * 1000;
const NEAR_BOTTOM_PX = 80;

export class Timeline {
  #page;
  #box;
  #list;
  #announcer;
  #below;
  #place = null;
  #sticks = true;
  #waiting = new Map();

  constructor(page, box, list, announcer) {
    this.#page = page;
    this.#box = box;
    this.#list = list;
    this.#announcer = announcer;
    this.#below = h("button.below", { type: "button", hidden: true, on: { click: () => this.#toBottom() } });
    box.after(this.#below);
    box.addEventListener("scroll", () => this.#scrolled());
    // Pictures and fonts change heights after the message was put in.
    new ResizeObserver(() => this.#sticks && this.#toBottom()).observe(list);
    list.addEventListener("menuclose", ({ target }) => this.#replaceWaiting(target));
  }

  show() {
    const { world } = this.#page;
    if (this.#place !== world.current) this.#sticks = true;
    this.#place = world.current;
    this.#waiting.clear();
    this.#below.textContent = `${this.#page.t("new_below")} ↓`;
    const messages = world.messagesOf(this.#place);
    const items = messages.flatMap((message, index) => this.#withDay(message, messages[index - 1]));
    this.#list.replaceChildren(this.#top(), ...items, ...this.#commands());
    if (this.#sticks) this.#toBottom();
  }

  // A new or changed message; `isNew` ones are also read out.
  put(message, isNew) {
    // Above a thread stands the message that it began at, which may change meanwhile.
    if (message.id === this.#place) this.#list.querySelector(".thread-top")?.replaceWith(this.#top());
    if (message.channel_id !== this.#place) return;
    if (isNew) this.#announcer.textContent = `${shownName(this.#page, message.author)}: ${summary(this.#page, message)}`;
    const old = this.#item(message.id);
    if (!old) return this.show();
    // A card that changes under an open menu would shut it under the person's finger.
    if (old.querySelector(".menu-place.open")) return void this.#waiting.set(message.id, message);
    return this.#replace(old, message);
  }

  // Something in a message was pressed, or that ended: the same elements, busy or not, so that a menu keeps its choice.
  settle(message) {
    const item = this.#item(message.id);
    if (!item) return;
    for (const element of item.querySelectorAll("[data-custom-id]")) {
      if (this.#page.interactions.isBusy(message.id, element.dataset.customId)) element.setAttribute("aria-busy", "true");
      else element.removeAttribute("aria-busy");
    }
    item.querySelector(".failure").replaceWith(failure(this.#page, message));
    if (this.#sticks) this.#toBottom();
  }

  remove(id) {
    if (this.#item(id)) this.show();
  }

  jump(id) {
    const item = this.#item(id);
    if (!item) return;
    this.#sticks = false;
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
    item.classList.remove("flash");
    requestAnimationFrame(() => item.classList.add("flash"));
  }

  // What was typed and has no answer yet, or got none.
  commandsChanged() {
    this.#list.querySelectorAll(".pending").forEach((element) => element.remove());
    this.#list.append(...this.#commands());
    if (this.#sticks) this.#toBottom();
  }

  // Whoever says something wants to see what comes of it.
  follow() {
    this.#toBottom();
  }

  #item(id) {
    return this.#list.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
  }

  #replace(old, message) {
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.customId : undefined;
    const shown = [...old.querySelectorAll(".spoiler, .covered")].map((cover) => cover.classList.contains("shown"));
    const fresh = messageItem(this.#page, message, old.classList.contains("grouped"));
    [...fresh.querySelectorAll(".spoiler, .covered")].forEach((cover, index) => cover.classList.toggle("shown", shown[index] ?? false));
    old.replaceWith(fresh);
    if (focused) fresh.querySelector(`[data-custom-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #replaceWaiting(inside) {
    const item = inside.closest("[data-message-id]");
    const message = item && this.#waiting.get(item.dataset.messageId);
    if (!message) return;
    this.#waiting.delete(message.id);
    this.#replace(item, message);
  }

  #withDay(message, before) {
    const newDay = !before || new Date(before.timestamp).toDateString() !== new Date(message.timestamp).toDateString();
    const grouped = !newDay && before.author.id === message.author.id && new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS
      && (before.flags & FLAG.ephemeral) === (message.flags & FLAG.ephemeral) && !(message.flags & FLAG.components) && !this.#page.world.threads.has(before.id);
    const item = messageItem(this.#page, message, grouped);
    return newDay ? [h("li.day", { role: "separator" }, h("span", {}, day(message.timestamp, this.#page.locale))), item] : [item];
  }

  #top() {
    const { world } = this.#page;
    const place = world.place(this.#place);
    if (world.threads.has(place?.id)) return threadTop(this.#page, place);
    if (world.messagesOf(this.#place).length) return h("li.top", {});
    return h("li.top.empty", {}, h("b", {}, this.#page.t("empty")), h("span", {}, this.#page.t("empty_more")),
      h("button.textual.not-wide", { type: "button", on: { click: () => this.#page.openDrawer("shop") } }, this.#page.t("steps")));
  }

  #commands() {
    const { interactions, world } = this.#page;
    return interactions.commandsIn(this.#place).map((one) => {
      const failed = one.state === "failed";
      const text = failed ? this.#page.failureText("no_answer", one.reason) : this.#page.t("sending");
      const used = this.#page.t("used", { name: world.nameOf(world.me) ?? "", command: `/${one.name}` });
      return h(failed ? "li.pending.failed" : "li.pending", failed ? { role: "alert" } : {},
        failed ? h("span", { "aria-hidden": "true" }, "⚠") : h("span.spinner", { "aria-hidden": "true" }),
        h("span", {}, used), h("span.pending-text", {}, text),
        failed ? h("button.textual", { type: "button", on: { click: () => interactions.forget(one.nonce) } }, this.#page.t("dismiss")) : null);
    });
  }

  #scrolled() {
    this.#sticks = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < NEAR_BOTTOM_PX;
    this.#below.hidden = this.#sticks;
  }

  #toBottom() {
    this.#sticks = true;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#below.hidden = true;
  }
}
