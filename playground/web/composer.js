// What a person types in; plain text or a slash command out.

import { Chips } from "./chips.js";
import { h } from "./dom.js";
import { callable, calling, written } from "./mentions.js";
import { entries, matching, typedOut } from "./slash.js";
import { Suggestions } from "./suggestions.js";

const LONGEST_TEXT = 2000;

const NARROW = matchMedia("(max-width: 600px)");

export class Composer {
  #page;
  #suggestions = new Suggestions();
  #text = h("textarea.composer-text", {
    id: "composer", rows: "1", maxlength: String(LONGEST_TEXT), role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    data: { testid: "composer" },
  });
  #box = h("div.composer-box", {});
  #hint = h("span.composer-keys", {});
  #problem = h("span.composer-problem", { role: "alert" });
  #send = h("button.send", { type: "button", data: { testid: "send" } }, h("span", { "aria-hidden": "true" }, "➤"));
  #chips = null;

  constructor(page, place) {
    this.#page = page;
    this.#box.append(this.#text, this.#send);
    place.append(h("div.composer", {}, this.#suggestions.element, this.#box, h("div.composer-foot", {}, this.#problem, this.#hint)));
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("blur", () => this.#suggestions.close());
    this.#text.addEventListener("focus", () => this.#typed());
    this.#send.addEventListener("click", () => this.#submit());
    NARROW.addEventListener("change", () => this.paint());
    page.world.addEventListener("autocomplete", ({ detail }) => this.#chips?.answered(detail));
  }

  // Names and hints again, after another place, person or language.
  paint() {
    const { t, world } = this.#page;
    const place = world.place(world.current);
    const label = t("say_in", { name: place ? (place.parent_id && world.channels.get(place.parent_id)?.type === 0 ? place.name : `${world.markOf(place.id)}${place.name}`) : "" });
    const locked = Boolean(place?.thread_metadata?.locked);
    // On a telephone the longer one is cut, and the room's head names the place.
    this.#text.placeholder = locked ? t("thread_locked") : NARROW.matches ? t("say_here") : label;
    this.#text.disabled = locked;
    this.#text.setAttribute("aria-label", label);
    this.#send.setAttribute("aria-label", t("send"));
    this.#hint.textContent = t(this.#chips ? "keys_command" : "keys_plain");
  }

  // Commands or people are other ones now; a half-filled command may no longer exist.
  reset() {
    this.#leave();
    this.paint();
    // Who typed "/" before the commands came in sees them as soon as they do.
    if (this.#text.value.startsWith("/")) this.#typed();
  }

  type(text) {
    this.#leave();
    this.#text.value = text;
    this.#text.focus();
    this.#typed();
  }

  #entries() {
    const { commands, current } = this.#page.world;
    // Commands of the guild are not offered outside of it.
    const offered = this.#page.world.isDirect(current) ? commands.filter((one) => !one.guild_id) : commands;
    return entries(offered, this.#page.locale);
  }

  #typed() {
    const text = this.#text.value;
    this.#say("");
    this.#text.style.setProperty("height", "auto");
    this.#text.style.setProperty("height", `${Math.min(this.#text.scrollHeight, 200)}px`);
    if (!text.startsWith("/") || text.includes("\n")) return this.#mentioning(text);
    const complete = typedOut(this.#entries(), text);
    if (complete) return this.#choose(complete.entry, complete.rest);
    const items = matching(this.#entries(), text.slice(1)).map((entry) => ({
      testid: `command-${entry.path.join("-")}`, name: `/${entry.label}`, words: entry.description, entry,
      hint: entry.options.map((option) => (option.required ? option.name : `[${option.name}]`)).join(" "),
    }));
    return this.#suggestions.show(this.#text, {
      title: h("b", {}, this.#page.t("commands")), items, empty: this.#page.t("no_command"), take: (item) => this.#choose(item.entry),
    });
  }

  // Who is called is chosen from a list, as in Discord.
  #mentioning(text) {
    const call = calling(text, this.#text.selectionStart);
    const items = call ? callable(this.#page.world, call.typed) : [];
    if (!items.length) return this.#suggestions.close();
    const take = ({ name }) => {
      this.#text.setRangeText(`@${name} `, call.start, call.start + call.typed.length + 1, "end");
      this.#typed();
    };
    return this.#suggestions.show(this.#text, { title: h("b", {}, this.#page.t("mention_whom")), items, take });
  }

  #choose(entry, rest = "") {
    this.#suggestions.close();
    this.#chips = new Chips(this.#page, entry, this.#suggestions, {
      done: () => this.#submit(),
      left: () => { this.#leave(); this.#text.focus(); },
      say: (problem) => this.#say(problem),
    });
    this.#text.value = "";
    this.#text.hidden = true;
    this.#send.before(this.#chips.element);
    this.#chips.start(rest);
    this.paint();
  }

  #leave() {
    this.#chips?.stop();
    this.#chips?.element.remove();
    this.#chips = null;
    this.#text.hidden = false;
    this.#say("");
    this.#hint.textContent = this.#page.t("keys_plain");
  }

  #submit() {
    if (this.#chips) return this.#submitCommand();
    const content = written(this.#text.value.trim(), this.#page.world);
    if (!content) return undefined;
    if (!this.#page.send({ type: "say", channel_id: this.#page.world.current, content })) return undefined;
    this.#page.timeline.follow();
    this.#text.value = "";
    return this.#typed();
  }

  #submitCommand() {
    const payload = this.#chips.gather();
    if (!payload) return;
    if (!this.#page.command(payload)) return void this.#say(this.#page.t("not_sent"));
    this.#leave();
    this.#text.focus();
  }

  #key(event) {
    if (event.isComposing || this.#suggestions.key(event)) return;
    if (event.key === "Escape" && this.#suggestions.isOpen) this.#suggestions.close();
    else if ((event.key === "Enter" || event.key === "Tab") && this.#suggestions.active) this.#suggestions.takeActive();
    else if (event.key === "Enter" && !event.shiftKey) this.#submit();
    else return;
    event.preventDefault();
  }

  #say(problem) {
    this.#problem.textContent = problem;
  }
}
