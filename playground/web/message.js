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

// The way into the thread that began at this message: how many answers it has, and the last of them.
function threadLink(page, message) {
  const thread = page.world.threads.get(message.id);
  if (!thread) return null;
  const answers = page.world.messagesOf(thread.id);
  const last = answers.at(-1);
  return h("a.thread-link", { href: `#/${thread.id}`, data: { testid: "thread-link" } },
    h("span.thread-line", {}, h("span.thread-mark", { "aria-hidden": "true" }, "⤷"), h("b.thread-name", {}, thread.name),
      h("span.thread-count", {}, count(page, thread, answers.length), h("span", { "aria-hidden": "true" }, " ›")), threadState(page, thread)),
    last ? h("span.thread-line", {}, avatar(page, last.author, true), h("b.thread-who", {}, shownName(page, last.author)),
      h("span.excerpt", {}, summary(page, last, 90) || page.t("attachment_reply")), clock(last.timestamp, page.locale)) : null);
}

// Only the last hundred messages are here; of more the server counts.
function count(page, thread, here) {
  const total = here < 100 ? here : Math.max(here, thread.message_count ?? 0);
  return page.t({ 0: "thread_none", 1: "thread_one" }[total] ?? "thread_more", { count: total });
}

export function threadState(page, thread) {
  const { archived, locked } = thread.thread_metadata ?? {};
  return [locked ? h("span.thread-state", {}, `🔒 ${page.t("locked")}`) : null, archived ? h("span.thread-state", {}, page.t("archived")) : null];
}

// What stands above the first message of a thread: its name, and the message it began at.
export function threadTop(page, thread) {
  const starter = page.world.starterOf(thread);
  const quote = starter
    ? h("a.thread-starter", { href: `#/${starter.channel_id}/${starter.id}` }, avatar(page, starter.author, true),
      h("span.thread-who", {}, h("b", {}, shownName(page, starter.author)), clock(starter.timestamp, page.locale)),
      h("span.thread-excerpt", {}, summary(page, starter, 260) || page.t("attachment_reply")),
      h("span.thread-back", {}, `↑ ${page.t("thread_of")}`))
    : h("p.thread-starter.lost", {}, page.t("deleted_reply"));
  return h("li.top.thread-top", { data: { testid: "thread-top" } },
    h("span.thread-sign", { "aria-hidden": "true" }, "⤷"), h("h2", {}, thread.name, threadState(page, thread)), quote);
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
