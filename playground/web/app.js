// The page: opens the connection, keeps the world, and draws its parts again when they change.
//
// Hooks for tests (data-testid), which stay as they are:
//   channel-<name>, thread-<id>   places in the list at the left; unread ones hold .dot or .badge
//   thread-link                   below the message that a thread began at
//   thread-top                    the head of a thread, with the message it began at
//   person-<name>                 who am I (aria-pressed)
//   locale-ko, locale-en          language of the page and of what the person does (aria-pressed)
//   bot-online                    the bot's line, data-online="true|false"
//   connection                    the page's own line, data-state="open|connecting|waiting"
//   message                       one message, data-message-id; pressed things inside carry data-custom-id
//   ephemeral                     the "only you can see this" line inside such a message
//   composer, send                the message box and its button
//   person-choice, role-choice    whom "@" offers there
//   command-<name>                one slash command in the list that "/" opens (sub-commands: command-group-name)
//   command-option                the field of one option of the chosen command, data-name="<option>"
//   choice                        one thing to choose for an option or in an open menu (there with data-value)
//   modal                         the dialog; its text fields carry data-custom-id
//   shop-panel, fault-<name>      the shop and its switches (aria-checked)

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { h } from "./dom.js";
import { Interactions } from "./interactions.js";
import { showModal } from "./modal.js";
import { shop } from "./shop.js";
import { roomHead, sidebar } from "./sidebar.js";
import { translate } from "./texts.js";
import { Timeline } from "./timeline.js";
import { keepRunning } from "./times.js";
import { World } from "./world.js";

const NOTICE_MS = 8000;
const LOCALE_KEY = "bongsu.locale";

const at = (id) => document.getElementById(id);

class Page {
  world = new World();
  connection = new Connection(() => this.#address());
  interactions = new Interactions(this.world, (frame) => this.connection.send(frame));
  askedFaults = new Map();
  did = { broke: false, pressed: false, asked: false };
  #settings = new URLSearchParams(location.search);
  #followed = false;

  constructor() {
    this.locale = firstLocale(this.#settings.get("locale"));
    this.t = (key, values) => translate(this.locale, key, values);
    this.closeDrawers = this.closeDrawers.bind(this);
    this.timeline = new Timeline(this, at("timeline"), at("messages"), at("announcer"));
    this.composer = new Composer(this, at("composer-place"));
    this.#listen();
    this.#arrange();
    keepRunning(() => this.locale);
    this.#paintAll();
    this.connection.open();
  }

  // What markdown has to know about a message to name and mark what it mentions.
  reading(message) {
    const { world } = this;
    const mine = new Set([world.me, ...world.myRoleIds()]);
    return {
      locale: this.locale,
      t: this.t,
      everyone: Boolean(message?.mention_everyone),
      pings: (id) => mine.has(id) && Boolean(message?.mentions?.some((user) => user.id === id) || message?.mention_roles?.includes(id)),
      person: (id) => `@${world.nameOf(id) ?? id}`,
      role: (id) => `@${world.roles.get(id)?.name ?? id}`,
      channel: (id) => (world.place(id) ? `${world.markOf(id)}${world.place(id).name}` : `#${id}`),
    };
  }

  send(frame) {
    const sent = this.connection.send(frame);
    if (!sent) this.notice(this.t("not_sent"));
    return sent;
  }

  command(payload) {
    this.timeline.follow();
    return this.interactions.command(this.world.current, payload);
  }

  press(message, component, values) {
    if (!this.interactions.press(message, component, values)) this.notice(this.t("not_sent"));
  }

  dismiss(message) {
    this.world.on_message_delete({ channel_id: message.channel_id, id: message.id });
  }

  setFault(name, on) {
    if (!this.send({ type: "fault", name, on })) return;
    this.askedFaults.set(name, on);
    this.#paintShop();
    // A shop that cannot be reached changes nothing and says nothing; the switch must not wait for ever.
    setTimeout(() => this.askedFaults.delete(name) && this.#paintShop(), NOTICE_MS);
  }

  become(id) {
    if (id === this.world.me) return;
    this.#settings.set("as", id);
    this.#remember();
    this.connection.open();
  }

  speak(locale) {
    this.locale = locale;
    this.#settings.set("locale", locale);
    this.#remember();
    this.connection.send({ type: "locale", locale });
    this.#paintAll();
  }

  type(text) {
    this.closeDrawers();
    this.composer.type(text);
  }

  // `fallback` in the page's language; a sentence of the server's comes after it.
  failureText(fallback, reason) {
    if (!reason) return this.t(fallback);
    if (/^no.answer/.test(reason)) return this.t("no_answer");
    return reason === "connection_lost" ? this.t(reason) : `${this.t(fallback)} · ${reason}`;
  }

  notice(text) {
    const line = h("div.notice", {}, h("span", {}, text), h("button.icon", { type: "button", "aria-label": this.t("close"), on: { click: () => line.remove() } }, "✕"));
    at("notices").append(line);
    setTimeout(() => line.remove(), NOTICE_MS);
  }

  openDrawer(id) {
    at(id).classList.add("open");
    at("backdrop").hidden = false;
    this.#arrange();
    at(id).querySelector("button")?.focus();
  }

  closeDrawers() {
    document.querySelectorAll(".open:is(.sidebar, .shop)").forEach((drawer) => drawer.classList.remove("open"));
    at("backdrop").hidden = true;
    this.#arrange();
  }

  #listen() {
    const { connection, interactions, world } = this;
    connection.addEventListener("frame", ({ detail }) => world.apply(detail));
    connection.addEventListener("state", () => this.#lineChanged());
    const heard = {
      hello: () => this.#arrived(),
      places: () => this.#paintPlaces(),
      moved: () => this.#moved(),
      message: ({ message, isNew }) => this.#said(message, isNew),
      message_delete: ({ id }) => this.timeline.remove(id),
      commands: () => this.composer.reset(),
      faults: () => this.#faultsChanged(),
      bot: () => this.#paintPlaces(),
      modal: (form) => showModal(this, form),
      error: ({ reason }) => this.notice(this.t("refused", { reason })),
    };
    for (const [type, listener] of Object.entries(heard)) world.addEventListener(type, ({ detail }) => listener(detail));
    interactions.addEventListener("change", ({ detail }) => this.#interacted(detail));
    addEventListener("hashchange", () => this.#follow());
    addEventListener("resize", () => this.#arrange());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && world.read());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.closeDrawers());
    document.addEventListener("click", (event) => {
      const anchor = event.target.closest?.('a[href^="#/"]');
      // The address does not change when one jumps to the same message twice.
      if (anchor && anchor.getAttribute("href") === location.hash) this.#follow();
    });
    at("backdrop").addEventListener("click", this.closeDrawers);
    setInterval(() => connection.state === "waiting" && this.#paintPlaces(), 1000);
  }

  #address() {
    const url = new URL("/page/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    if (this.#settings.get("as")) url.searchParams.set("as", this.#settings.get("as"));
    url.searchParams.set("locale", this.locale);
    return url.href;
  }

  #remember() {
    history.replaceState(null, "", `?${this.#settings}${location.hash}`);
    try {
      localStorage.setItem(LOCALE_KEY, this.locale);
    } catch {
      // A browser that forbids storage still has the address.
    }
  }

  #lineChanged() {
    if (this.connection.state !== "open") this.interactions.lose();
    this.#paintPlaces();
  }

  #arrived() {
    this.askedFaults.clear();
    this.did.broke ||= this.world.faults.some((fault) => fault.on);
    this.#paintAll();
    // A line that broke and came back must not throw the reader to where the address once pointed.
    if (!this.#followed) this.#follow();
    this.#followed = true;
  }

  #said(message, isNew) {
    this.timeline.put(message, isNew);
    if (isNew) this.#paintShop();
  }

  #interacted(one) {
    const succeeded = one.state === "answered" || one.state === "deferred";
    this.did.pressed ||= succeeded && one.kind === "component";
    this.did.asked ||= succeeded && one.kind === "command" && one.name === "status";
    this.#paintShop();
    if (one.kind === "command" && one.channelId === this.world.current) this.timeline.commandsChanged();
    const message = one.messageId && this.world.messages.get(one.channelId)?.get(one.messageId);
    if (message) this.timeline.settle(message);
  }

  #faultsChanged() {
    this.askedFaults.clear();
    this.did.broke ||= this.world.faults.some((fault) => fault.on);
    this.#paintShop();
    this.#paintPlaces();
  }

  // The address after "#/" says where one is: a place, and perhaps a message in it.
  #follow() {
    const [place, message] = location.hash.replace(/^#\/?/, "").split("/");
    if (place && this.world.enter(place)) this.#entered();
    if (message && this.world.current === place) requestAnimationFrame(() => this.timeline.jump(message));
  }

  // The thread one was in is gone.
  #moved() {
    history.replaceState(null, "", `${location.search}#/${this.world.current}`);
    this.#entered();
  }

  #entered() {
    this.timeline.show();
    this.composer.paint();
    this.closeDrawers();
  }

  #paintAll() {
    document.documentElement.lang = this.locale === "ko" ? "ko" : "en";
    document.querySelectorAll("[data-text]").forEach((element) => { element.textContent = this.t(element.dataset.text); });
    document.querySelectorAll("[data-text-label]").forEach((element) => element.setAttribute("aria-label", this.t(element.dataset.textLabel)));
    this.#paintPlaces();
    this.#paintShop();
    this.timeline.show();
    this.composer.reset();
  }

  #paintPlaces() {
    keepFocus(at("sidebar"), () => at("sidebar").replaceChildren(...sidebar(this)));
    keepFocus(at("room-head"), () => at("room-head").replaceChildren(...roomHead(this)));
    const mentions = [...this.world.unread.values()].reduce((sum, one) => sum + one.mentions, 0);
    const place = this.world.place(this.world.current);
    document.title = `${mentions ? `(${mentions}) ` : ""}${place ? `#${place.name} · ` : ""}Bongsu playground`;
  }

  #paintShop() {
    keepFocus(at("shop"), () => at("shop").replaceChildren(...shop(this)));
  }

  // A closed drawer must not be reachable with Tab.
  #arrange() {
    const wide = { sidebar: matchMedia("(min-width: 760px)").matches, shop: matchMedia("(min-width: 1120px)").matches };
    for (const [id, isWide] of Object.entries(wide)) at(id).inert = !isWide && !at(id).classList.contains("open");
  }
}

function firstLocale(asked) {
  let stored = null;
  try {
    stored = localStorage.getItem(LOCALE_KEY);
  } catch {
    stored = null;
  }
  const locale = asked || stored || navigator.language;
  return locale.startsWith("ko") ? "ko" : "en-US";
}

// What had the focus has it again after its part was drawn anew.
function keepFocus(part, draw) {
  const focused = part.contains(document.activeElement) ? document.activeElement.dataset.testid : undefined;
  const scrolled = part.scrollTop;
  draw();
  part.scrollTop = scrolled;
  if (focused) part.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

new Page();
