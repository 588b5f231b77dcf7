// Classic embeds in, cards out.

import { colour, h, link, tint } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { picture } from "./media.js";
import { clock } from "./times.js";

export function embed(page, message, one) {
  const reading = page.reading(message);
  const title = one.title ? inline(one.title, reading) : null;
  const foot = [one.footer?.text, one.timestamp ? clock(one.timestamp, page.locale) : null].filter(Boolean);
  const card = h(colour(one.color) ? "div.card.embed.coloured" : "div.card.embed", {},
    one.thumbnail?.url ? h("div.thumbnail", {}, picture(page, one.thumbnail.url, "", false)) : null,
    one.author?.name ? h("div.embed-author", {}, one.author.url ? link(one.author.url, one.author.name) : one.author.name) : null,
    title ? h("div.embed-title", {}, one.url ? link(one.url, title) : title) : null,
    one.description ? h("div.md", {}, markdown(one.description, reading)) : null,
    one.fields?.length ? fields(one.fields, reading) : null,
    one.image?.url ? picture(page, one.image.url, "", false, one.image) : null,
    foot.length ? h("div.embed-foot", {}, foot.flatMap((part, i) => (i ? [" · ", part] : [part]))) : null);
  return tint(card, "--bar", one.color);
}

function fields(list, reading) {
  return h("div.embed-fields", {}, list.map((field) => h(field.inline ? "div.field.inline" : "div.field", {},
    h("div.field-name", {}, inline(field.name, reading)),
    h("div.md", {}, markdown(field.value, reading)))));
}
