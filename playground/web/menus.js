// Select menus (strings, users, roles, channels) in; a button with a listbox out. Used by messages and by modals.

import { emoji, h } from "./dom.js";

// The entries of a menu: its own options, or whom and what the guild has.
export function entries(page, component) {
  const people = () => [...page.world.people.values()].map((one) => ({ value: one.id, label: one.display_name || one.name, description: one.name }));
  const roles = () => [...page.world.roles.values()].map((one) => ({ value: one.id, label: `@${one.name}` }));
  const channels = () => page.world.textChannels().map((one) => ({ value: one.id, label: `#${one.name}` }));
  const sources = { 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: channels };
  return sources[component.type]?.() ?? component.options ?? [];
}

// `done(values)` is called when the choice is complete: at once for one value, at closing for several.
export function menu(page, component, { busy = false, done, label } = {}) {
  const options = entries(page, component);
  const least = component.min_values ?? 1;
  const most = Math.min(component.max_values ?? 1, options.length || 1);
  const defaults = options.filter((option) => option.default).map((option) => option.value);
  const chosen = new Set(defaults.length ? defaults : (component.default_values ?? []).map((value) => value.id));
  const id = `menu-${crypto.randomUUID()}`;
  const face = h("span.menu-face", {});
  const button = h("button.menu", {
    type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": id, "aria-busy": busy ? "true" : null,
    "aria-label": label ?? component.placeholder ?? page.t("select"), disabled: component.disabled,
    data: { customId: component.custom_id ?? "" },
  }, face, h("span.menu-arrow", { "aria-hidden": "true" }));
  const list = h("div.menu-list", { id, role: "listbox", popover: "auto", tabindex: "-1", "aria-multiselectable": most > 1 ? "true" : null });
  const root = h("div.menu-place", {}, button, list);
  let active = -1;

  const paintFace = () => {
    const labels = options.filter((option) => chosen.has(option.value)).flatMap((option, i) => [i ? ", " : "", emoji(option.emoji), option.emoji ? " " : "", option.label]);
    face.replaceChildren(...(labels.length ? labels.filter(Boolean) : [h("span.menu-placeholder", {}, component.placeholder || page.t("select"))]));
  };
  const paintList = () => {
    list.replaceChildren(...options.map((option, index) => row(option, index)));
    if (most > 1) {
      list.append(h("div.menu-foot", {}, h("span", {}, page.t("select_many", { min: least, max: most })),
        h("button.primary", { type: "button", disabled: chosen.size < least, on: { click: () => finish() } }, page.t("done"))));
    }
  };
  const row = (option, index) => h(index === active ? "div.menu-option.active" : "div.menu-option", {
    role: "option", id: `${id}-${index}`, "aria-selected": String(chosen.has(option.value)), data: { testid: "choice", value: option.value },
    on: { click: () => take(index), pointermove: () => active !== index && move(index) },
  }, emoji(option.emoji),
  h("span.menu-words", {}, h("span", {}, option.label), option.description ? h("small", {}, option.description) : null),
  most > 1 ? h("span.check", { "aria-hidden": "true" }) : null);

  function move(index) {
    active = Math.max(0, Math.min(options.length - 1, index));
    list.querySelectorAll(".menu-option").forEach((element, i) => element.classList.toggle("active", i === active));
    list.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }
  function take(index) {
    const { value } = options[index];
    if (most === 1) {
      chosen.clear();
      chosen.add(value);
      return finish();
    }
    if (chosen.has(value)) chosen.delete(value);
    else if (chosen.size < most) chosen.add(value);
    active = index;
    return paintList();
  }
  function finish() {
    paintFace();
    list.hidePopover();
    button.focus();
    done?.([...chosen]);
  }
  button.addEventListener("click", () => button.getAttribute("aria-busy") !== "true" && list.togglePopover());
  list.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    active = Math.max(0, options.findIndex((option) => chosen.has(option.value)));
    paintList();
  });
  list.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    root.classList.toggle("open", event.newState === "open");
    if (event.newState === "closed") return root.dispatchEvent(new CustomEvent("menuclose", { bubbles: true }));
    place(button, list);
    move(active);
    return list.focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: options.length - 1 }[event.key];
    if (step !== undefined) move(step);
    else if ((event.key === "Enter" || event.key === " ") && event.target === list) take(active);
    else if (event.key === "Tab" && most === 1) return list.hidePopover();
    else return undefined;
    return event.preventDefault();
  });
  paintFace();
  return Object.assign(root, { values: () => [...chosen], isComplete: () => chosen.size >= least });
}

// Under the button if there is room, above it otherwise; never wider than the window.
function place(button, list) {
  const at = button.getBoundingClientRect();
  const width = Math.min(Math.max(at.width, 220), innerWidth - 16);
  list.style.setProperty("width", `${width}px`);
  list.style.setProperty("left", `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`);
  const below = innerHeight - at.bottom - 12;
  const up = below < Math.min(list.scrollHeight, 320) && at.top > below;
  list.style.setProperty("max-height", `${Math.min(320, up ? at.top - 12 : below)}px`);
  list.style.setProperty("top", up ? `${Math.max(8, at.top - Math.min(list.offsetHeight, 320, at.top - 12) - 4)}px` : `${at.bottom + 4}px`);
}
