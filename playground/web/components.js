// Discord's message components (classic rows and Components V2) in, DOM nodes out.

import { emoji, h, link, pageLink, tint, webUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { covered, file, gallery, thumbnail } from "./media.js";
import { menu } from "./menus.js";

const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

const DRAW = {
  1: (page, message, row) => h("div.row", {}, components(page, message, row.components)),
  2: button,
  3: select, 5: select, 6: select, 7: select, 8: select,
  9: section,
  10: (page, message, text) => h("div.md", {}, markdown(text.content, page.reading(message))),
  11: (page, message, component) => thumbnail(page, component),
  12: (page, message, component) => gallery(page, component),
  13: (page, message, component) => attached(page, message, component),
  14: separator,
  17: container,
};

export function components(page, message, list) {
  return (list ?? []).map((component) => DRAW[component.type]?.(page, message, component) ?? null);
}

export function button(page, message, component) {
  const style = BUTTON_STYLES[component.style] ?? "secondary";
  const words = [emoji(component.emoji), component.label ? h("span", {}, component.label) : null];
  if (style === "link") return linkButton(component, words);
  const busy = page.interactions.isBusy(message.id, component.custom_id);
  return h(`button.button.${style}`, {
    type: "button", disabled: component.disabled, "aria-busy": busy ? "true" : null, "aria-label": component.label ? null : component.emoji?.name,
    data: { customId: component.custom_id ?? "" },
    on: { click: ({ currentTarget }) => currentTarget.getAttribute("aria-busy") === "true" || page.press(message, component) },
  }, words);
}

function linkButton(component, words) {
  const url = webUrl(component.url);
  if (!url || component.disabled) return h("span.button.link.off", { "aria-disabled": "true" }, words);
  const anchor = link(component.url, words, pageLink(url) ? null : h("span.away", { "aria-hidden": "true" }, "↗"));
  anchor.classList.add("button", "link");
  return anchor;
}

function select(page, message, component) {
  const busy = page.interactions.isBusy(message.id, component.custom_id);
  return menu(page, component, { busy, done: (values) => page.press(message, component, values) });
}

function section(page, message, component) {
  return h("div.section", {},
    h("div.section-words", {}, components(page, message, component.components)),
    h("div.section-side", {}, components(page, message, [component.accessory])));
}

function attached(page, message, component) {
  const url = component.file?.url ?? "";
  const found = (message.attachments ?? []).find((one) => one.url === url);
  const drawn = file(page, url, component.name ?? found?.filename, component.size ?? found?.size);
  return component.spoiler ? covered(page, drawn) : drawn;
}

function separator(page, message, component) {
  const classes = `${component.divider === false ? "" : ".line"}${component.spacing === 2 ? ".wide" : ""}`;
  return h(`div.separator${classes}`, component.divider === false ? {} : { role: "separator" });
}

function container(page, message, component) {
  const card = tint(h("div.card", {}, components(page, message, component.components)), "--bar", component.accent_color);
  if (component.accent_color !== null && component.accent_color !== undefined) card.classList.add("coloured");
  return component.spoiler ? covered(page, card) : card;
}
