// One message in, one list item out: who, when, what, and what can be pressed.

import { components } from "./components.js";
import { emoji, h, tint } from "./dom.js";
import { embed } from "./embeds.js";
import { markdown } from "./markdown.js";
import { attachment } from "./media.js";
import { clock } from "./times.js";
import { FLAG } from "./world.js";

const HUES = 8;

export function avatar(page, user, small) {
  const name = page.world.nameOf(user.id) ?? user.global_name ?? user.username ?? "?";
  const hue = [...String(user.id ?? name)].reduce((sum, char) => sum + char.codePointAt(0), 0) % HUES;
  const face = h(`span.avatar.hue-${hue}${small ? ".small" : ""}`, { "aria-hidden": "true" }, initials(name));
  return tint(face, "--face", page.world.people.get(user.id)?.colour);
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  return /^\p{Script=Hangul}/u.test(name) ? name.slice(-2) : words.slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
}

export function shownName(page, user) {
  return page.world.nameOf(user.id) ?? user.global_name ?? user.username ?? "?";
}

// `grouped`: the message before it is by the same author and recent, so its head would only repeat.
export function messageItem(page, message, grouped) {
  const ephemeral = Boolean(message.flags & FLAG.ephemeral);
  const pings = page.world.pingsMe(message);
  const above = context(page, message);
  const headless = grouped && !above;
  const classes = ["message", headless && "grouped", pings && "pinged", ephemeral && "private"].filter(Boolean);
  return h(`li.${classes.join(".")}`, { id: `message-${message.id}`, tabindex: "-1", data: { testid: "message", messageId: message.id } },
    above,
    headless ? h("span.side-clock", { "aria-hidden": "true" }, clock(message.timestamp, page.locale)) : avatar(page, message.author),
    h("article.message-body", { "aria-label": shownName(page, message.author) },
      headless ? null : head(page, message),
      body(page, message),
      reactions(page, message),
      threadLink(page, message),
      failure(page, message),
      ephemeral ? privacy(page, message) : null));
}

function head(page, message) {
  const { author } = message;
  const name = tint(h("span.author", {}, shownName(page, author)), "--name", page.world.people.get(author.id)?.colour);
  return h("div.message-head", {}, name, author.bot ? h("span.tag", {}, page.t("app")) : null, clock(message.timestamp, page.locale));
}

// The line above a message: which message it answers, or which command called for it.
function context(page, message) {
  const called = message.interaction_metadata ?? message.interaction;
  if (called?.type === 2 || message.interaction?.name) {
    const who = called?.user ?? message.interaction.user;
    const name = message.interaction?.name ?? called?.name;
    const text = page.t("used", { name: shownName(page, who), command: name ? `/${name}` : "/…" });
    return h("div.context", {}, avatar(page, who, true), h("span", {}, text));
  }
  const answered = message.referenced_message;
  if (answered) {
    const excerpt = summary(page, answered) || page.t("attachment_reply");
    return h("a.context", { href: `#/${answered.channel_id ?? message.channel_id}/${answered.id}` },
      avatar(page, answered.author, true), h("b", {}, shownName(page, answered.author)), h("span.excerpt", {}, excerpt));
  }
  return message.message_reference?.message_id && answered === null ? h("div.context", {}, page.t("deleted_reply")) : null;
}

function body(page, message) {
  if (message.flags & FLAG.loading) {
    return h("div.thinking", {}, h("span.dots", { "aria-hidden": "true" }), page.t("thinking", { name: shownName(page, message.author) }));
  }
  const edited = message.edited_timestamp ? h("span.edited", {}, `(${page.t("edited")})`) : null;
  if (message.flags & FLAG.components) return [h("div.layout", {}, components(page, message, message.components)), edited];
  return [
    message.content ? h("div.md", {}, markdown(message.content, page.reading(message)), edited) : edited,
    (message.attachments ?? []).map((one) => attachment(page, one)),
    (message.embeds ?? []).map((one) => embed(page, message, one)),
    message.components?.length ? h("div.layout", {}, components(page, message, message.components)) : null,
  ];
}

function reactions(page, message) {
  if (!message.reactions?.length) return null;
  return h("div.reactions", {}, message.reactions.map((one) => h(one.me ? "span.reaction.mine" : "span.reaction", {}, emoji(one.emoji), h("span", {}, String(one.count)))));
}

function threadLink(page, message) {
  const thread = page.world.threads.get(message.id) ?? message.thread;
  if (!thread) return null;
  const count = Math.max(thread.message_count ?? 0, page.world.messages.get(thread.id)?.size ?? 0);
  return h("a.thread-link", { href: `#/${thread.id}` }, h("span.thread-mark", { "aria-hidden": "true" }, "⤷"), h("b", {}, thread.name),
    h("span", {}, page.t("thread_more", { count })), thread.thread_metadata?.archived ? h("span", {}, page.t("archived")) : null);
}

export function failure(page, message) {
  const reason = page.interactions.failureOf(message.id);
  return h("div.failure", { role: "alert" }, reason ? page.failureText("failed", reason) : null);
}

function privacy(page, message) {
  return h("div.only-you", { data: { testid: "ephemeral" } }, h("span", { "aria-hidden": "true" }, "👁"), h("span", {}, page.t("ephemeral")), "·",
    h("button.textual", { type: "button", on: { click: () => page.dismiss(message) } }, page.t("dismiss")));
}

// A line of plain text for excerpts and for people who listen instead of looking.
export function summary(page, message, longest = 160) {
  const texts = [message.content, ...(message.embeds ?? []).flatMap((one) => [one.title, one.description]), ...words(message.components)];
  const lines = texts.filter(Boolean).join("\n").replaceAll("```", "").split("\n");
  const text = lines.map((line) => markdown(line, page.reading(message)).textContent).join(" ").replace(/\s+/g, " ").trim();
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function words(list) {
  return (list ?? []).flatMap((one) => [one.content, ...words(one.components)].filter(Boolean));
}
