// Where one can go and who one can be: guild, channels, threads, people, language.

import { h } from "./dom.js";
import { avatar } from "./message.js";

const LANGUAGES = [["ko", "ko", "한국어"], ["en", "en-US", "English"]];

export function sidebar(page) {
  const { world } = page;
  return [
    h("div.guild", {}, h("img.guild-mark", { src: "/web/icon.svg", alt: "", width: "32", height: "32" }),
      h("div", {}, h("div.guild-name", {}, world.guild.name || "Bongsu"), h("div.guild-kind", {}, "playground")),
      h("button.icon.only-phone", { type: "button", "aria-label": page.t("close"), on: { click: page.closeDrawers } }, "✕")),
    h("nav.places", { "aria-label": page.t("channels") }, h("div.label", { "aria-hidden": "true" }, page.t("channels")),
      h("ul", {}, world.textChannels().map((channel) => channelItem(page, channel)))),
    ...conversations(page),
    people(page),
    languages(page),
    lines(page),
  ];
}

function channelItem(page, channel) {
  const threads = page.world.threadsOf(channel.id);
  return h("li", {}, placeLink(page, channel, `channel-${channel.name}`, "#"),
    threads.length ? h("ul.threads", { "aria-label": page.t("threads") }, threads.map((thread) => h("li", {}, placeLink(page, thread, `thread-${thread.id}`, "⤷")))) : null);
}

// Only who was written to has any.
function conversations(page) {
  const known = page.world.conversations();
  if (!known.length) return [];
  return [h("nav.places.direct", { "aria-label": page.t("conversations") }, h("div.label", { "aria-hidden": "true" }, page.t("conversations")),
    h("ul", {}, known.map((one) => h("li", {}, placeLink(page, one, `direct-${one.id}`, "@")))))];
}

function placeLink(page, place, testid, mark) {
  const unread = page.world.unread.get(place.id);
  const current = place.id === page.world.current;
  return h(unread ? "a.place.unread" : "a.place", { href: `#/${place.id}`, "aria-current": current ? "page" : null, title: place.topic || null, data: { testid }, on: { click: page.closeDrawers } },
    h("span.place-mark", { "aria-hidden": "true" }, mark), h("span.place-name", {}, place.name), unread ? badge(page, unread) : null);
}

function badge(page, unread) {
  if (!unread.mentions) return h("span.dot", { role: "img", "aria-label": page.t("unread") });
  return h("span.badge", { role: "img", "aria-label": page.t("mentions", { count: unread.mentions }) }, String(unread.mentions));
}

function people(page) {
  const everybody = [...page.world.people.values()].filter((person) => !person.bot);
  return h("section.people", { "aria-label": page.t("who") }, h("div.label", { "aria-hidden": "true" }, page.t("who")), everybody.map((person) => {
    const mine = person.id === page.world.me;
    const role = person.roles?.find((name) => ["oncall", "viewer"].includes(name)) ?? (person.roles?.length ? null : "none");
    return h("button.person", { type: "button", "aria-pressed": String(mine), data: { testid: `person-${person.name}` }, on: { click: () => page.become(person.id) } },
      avatar(page, person, true), h("span.person-name", {}, person.display_name || person.name),
      h("span.person-role", {}, role ? page.t(`role_${role}`) : person.roles[0]));
  }));
}

function languages(page) {
  const buttons = h("div.languages", { role: "group", "aria-label": page.t("language") }, LANGUAGES.map(([short, locale, name]) =>
    h("button", { type: "button", lang: short, "aria-pressed": String(page.locale === locale), data: { testid: `locale-${short}` }, on: { click: () => page.speak(locale) } }, name)));
  // Who changes the language here wonders why the cards do not follow.
  return h("div", {}, buttons, h("p.languages-note", { data: { testid: "language-note" } }, page.t("language_note")));
}

function lines(page) {
  const { connection, world } = page;
  const online = world.botOnline;
  const state = connection.state;
  const seconds = Math.max(1, Math.ceil((connection.retryAt - Date.now()) / 1000));
  return h("div.lines", { role: "status" },
    h(online ? "span.status.good" : "span.status.bad", { data: { testid: "bot-online", online: String(online) } }, page.t(online ? "bot_online" : "bot_offline")),
    h(state === "open" ? "span.status.good" : "span.status.bad", { data: { testid: "connection", state } }, page.t(`line_${state}`, { seconds })),
    state === "waiting" ? h("button.textual", { type: "button", on: { click: () => connection.open() } }, page.t("retry")) : null);
}

export function roomHead(page) {
  const { world } = page;
  const place = world.place(world.current);
  const parent = place?.parent_id ? world.channels.get(place.parent_id) : null;
  const isThread = parent?.type === 0;
  const name = isThread
    ? [h("a.head-parent", { href: `#/${parent.id}` }, `#${parent.name}`), h("span.head-arrow", { "aria-hidden": "true" }, "›"), h("span", {}, place.name)]
    : [h("span.head-mark", { "aria-hidden": "true" }, world.markOf(world.current)), h("span", {}, place?.name ?? "")];
  const others = [...world.unread].filter(([id]) => id !== world.current);
  const broken = world.faults.filter((fault) => fault.on).length;
  return [
    h("button.icon.only-phone", { type: "button", "aria-label": page.t("open_places"), on: { click: () => page.openDrawer("sidebar") } }, "☰", others.length ? h("span.dot") : null),
    h("h1", {}, name),
    place?.topic ? h("p.topic", { title: place.topic }, place.topic) : h("p.topic"),
    h("button.icon.shop-button.not-wide", { type: "button", on: { click: () => page.openDrawer("shop") } }, page.t("shop"), broken ? h("span.badge", {}, String(broken)) : null),
  ];
}
