// Discord's markdown in, DOM nodes out: the subset that cards use. Text is only ever put into text nodes and links only
// ever point to http(s), so hostile text stays text.

import { h, link, pageLink, webUrl } from "./dom.js";
import { timestamp } from "./times.js";

// Deeper nesting than a person writes is an attack on the stack; the rest is shown as typed.
const DEEPEST = 10;

const FENCE = /```(?:([\w+#.-]{1,20})\n)?\n?([\s\S]*?)\n?```/y;
const LIST_ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

const INLINE = [
  [/\\([^0-9A-Za-z\s])/y, ([, char]) => char],
  [/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/y, ([, , code]) => h("code", {}, code.replace(/^ (.*) $/s, "$1"))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, ([typed, seconds, style], c) => timestamp(typed, Number(seconds), style ?? "f", c.locale)],
  [/<@!?(\d{1,20})>/y, ([, id], c) => pill(c.person(id), c.pings(id))],
  [/<@&(\d{1,20})>/y, ([, id], c) => pill(c.role(id), c.pings(id))],
  [/<#(\d{1,20})>/y, ([, id], c) => h("a.mention", { href: `#/${id}` }, c.channel(id))],
  [/<\/([^:<>\n]{1,99}):\d{1,20}>/y, ([, name]) => h("span.mention", {}, `/${name}`)],
  [/<a?:(\w{1,32}):\d{1,20}>/y, ([, name]) => `:${name}:`],
  [/@(everyone|here)\b/y, ([typed], c) => (c.everyone ? pill(typed, true) : typed)],
  [/\[((?:\\.|[^[\]\\\n]){1,500})\]\(<?(https?:\/\/[^\s<>]*?)>?(?: +"[^"\n]*")?\)(?!\))/y, masked],
  [/<(https?:\/\/[^\s<>]+)>/y, ([, url], c) => link(url, jumpLabel(url, c) ?? url)],
  [/https?:\/\/[^\s<>|]+/y, bareLink],
  [/\*\*\*([\s\S]+?)\*\*\*(?!\*)/y, ([, text], c) => h("strong", {}, h("em", {}, inline(text, c)))],
  [/\*\*([\s\S]+?)\*\*(?!\*)/y, ([, text], c) => h("strong", {}, inline(text, c))],
  [/__([\s\S]+?)__(?!_)/y, ([, text], c) => h("u", {}, inline(text, c))],
  [/~~([\s\S]+?)~~/y, ([, text], c) => h("s", {}, inline(text, c))],
  [/\|\|([\s\S]+?)\|\|/y, ([, text], c) => spoiler(inline(text, c), c)],
  [/\*(?=\S)((?:\*\*[^*]+\*\*|\\.|[^*\\])+?)\*(?!\*)/y, ([, text], c) => h("em", {}, inline(text, c))],
  [/\b_((?:__[^_]+__|\\.|[^_\\])+?)_(?![\p{L}\p{N}_])/uy, ([, text], c) => h("em", {}, inline(text, c))],
];

function pill(text, pings) {
  return h(pings ? "span.mention.pings" : "span.mention", {}, text);
}

function masked([typed, text, url], c) {
  return webUrl(url) ? link(url, inline(text, { ...c, inLink: true })) : typed;
}

// The full stop that ends a sentence and the bracket around a link are not part of it.
function bareLink([typed], c) {
  let url = typed.replace(/[.,:;!?'"*_~]+$/, "");
  while (url.endsWith(")") && url.split(")").length > url.split("(").length) url = url.slice(0, -1);
  if (c.inLink) return typed;
  return [webUrl(url) ? link(url, jumpLabel(url, c) ?? url) : url, typed.slice(url.length)];
}

// A bare address of this very guild says where it leads.
function jumpLabel(url, c) {
  const [, place, message] = /^#\/(\d+)(\/\d+)?$/.exec(pageLink(webUrl(url)) ?? "") ?? [];
  return place ? `${c.channel(place)}${message ? " › 💬" : ""}` : null;
}

function spoiler(children, c) {
  const cover = h("span.spoiler", { role: "button", tabindex: "0", "aria-label": c.t("spoiler") }, h("span", {}, children));
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (cover.classList.contains("shown")) return;
    event.preventDefault();
    cover.classList.add("shown");
    cover.removeAttribute("aria-label");
    cover.removeAttribute("role");
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", reveal);
  return cover;
}

export function inline(text, context) {
  const c = { ...context, depth: (context.depth ?? 0) + 1 };
  if (c.depth > DEEPEST) return [text];
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = /[\\`<@[h*_~|]/.test(text[at]) ? firstRule(text, at) : null;
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(found.build(found.match, c));
    at += found.match[0].length;
  }
  if (plain) nodes.push(plain);
  return nodes.flat(Infinity);
}

function firstRule(text, at) {
  for (const [pattern, build] of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { match, build };
  }
  return null;
}

// What the whole text becomes: a fragment of blocks. `context` says how ids are called (`person`, `role`, `channel`),
// whom they ping (`pings`, `everyone`), the `locale` and the page's texts (`t`).
export function markdown(text, context) {
  const fragment = document.createDocumentFragment();
  for (const part of fences(String(text ?? ""))) {
    fragment.append(...(part.code === undefined ? blocks(part.text, context) : [codeBlock(part, context)]));
  }
  return fragment;
}

function fences(text) {
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("```"); at !== -1; at = text.indexOf("```", at + 1)) {
    FENCE.lastIndex = at;
    const match = FENCE.exec(text);
    if (!match || !match[2].trim() || text[at - 1] === "\\") continue;
    parts.push({ text: text.slice(from, at).replace(/\n$/, "") }, { code: match[2], language: match[1] });
    from = at + match[0].length;
    if (text[from] === "\n") from += 1;
    at = from - 1;
  }
  parts.push({ text: text.slice(from) });
  return parts.filter((part) => part.code !== undefined || part.text);
}

function codeBlock({ code, language }, c) {
  return h("pre", { tabindex: "0", "aria-label": language ? `${c.t("code")} ${language}` : c.t("code") }, h("code", {}, code));
}

function blocks(text, c) {
  const lines = text.split("\n");
  const nodes = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.some((line) => line.trim())) nodes.push(h("p", {}, inline(paragraph.join("\n"), c)));
    paragraph = [];
  };
  while (lines.length) {
    const block = takeBlock(lines, c);
    if (block) {
      flush();
      nodes.push(block);
    } else {
      paragraph.push(lines.shift());
    }
  }
  flush();
  return nodes;
}

// Takes the lines of one heading, subtext, quote or list from the front, or takes nothing.
function takeBlock(lines, c) {
  const [line] = lines;
  const heading = /^(#{1,3}) +(\S.*)$/.exec(line);
  if (heading) return lines.shift() && h(`div.h${heading[1].length}`, { role: "heading", "aria-level": heading[1].length + 2 }, inline(heading[2], c));
  const subtext = /^-# +(\S.*)$/.exec(line);
  if (subtext) return lines.shift() && h("div.subtext", {}, inline(subtext[1], c));
  if (/^>>> /.test(line)) return h("blockquote", {}, nested(lines.splice(0).join("\n").slice(4), c));
  if (/^> /.test(line)) {
    const quoted = [];
    while (/^>( |$)/.test(lines[0] ?? "")) quoted.push(lines.shift().slice(2));
    return h("blockquote", {}, nested(quoted.join("\n"), c));
  }
  return LIST_ITEM.test(line) ? takeList(lines, c) : null;
}

function nested(text, c) {
  const depth = (c.depth ?? 0) + 1;
  return depth > DEEPEST ? [text] : blocks(text, { ...c, depth });
}

function takeList(lines, c) {
  const [, indent, marker] = LIST_ITEM.exec(lines[0]);
  const ordered = /\d/.test(marker);
  const list = h(ordered ? "ol" : "ul", ordered ? { start: parseInt(marker, 10) } : {});
  const depth = (c.depth ?? 0) + 1;
  while (lines.length) {
    const item = LIST_ITEM.exec(lines[0]);
    if (!item || item[1].length < indent.length) break;
    if (item[1].length > indent.length && list.lastChild && depth < DEEPEST) list.lastChild.append(takeList(lines, { ...c, depth }));
    else if (/\d/.test(item[2]) !== ordered && item[1].length === indent.length) break;
    else lines.shift() && list.append(h("li", {}, inline(item[3], c)));
  }
  return list;
}
