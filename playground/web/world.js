// Frames of the server in, the state of one person's Discord out; tells listeners what changed.

import { byAge } from "./dom.js";

export const FLAG = { ephemeral: 1 << 6, loading: 1 << 7, components: 1 << 15 };
const DIRECT = 1;
const THREAD_TYPES = [10, 11, 12];
// The first message of a thread only stands for the message that the thread began at.
const STARTER = 21;

export class World extends EventTarget {
  me = null;
  guild = { id: "", name: "" };
  people = new Map();
  roles = new Map();
  channels = new Map();
  threads = new Map();
  commands = [];
  messages = new Map();
  faults = [];
  botOnline = false;
  current = null;
  unread = new Map();
  #known = new Map();

  apply(frame) {
    const method = `on_${frame.type}`;
    if (typeof this[method] === "function") this[method](frame);
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  on_hello(frame) {
    const samePerson = this.me === frame.me;
    this.me = frame.me;
    this.guild = frame.guild;
    this.people = new Map(frame.people.map((person) => [person.id, person]));
    this.roles = new Map((frame.roles ?? []).map((role) => [role.id, role]));
    this.channels = new Map(frame.channels.map((channel) => [channel.id, this.#named(channel)]));
    this.threads = new Map(frame.threads.map((thread) => [thread.id, thread]));
    this.commands = frame.commands;
    this.faults = frame.faults;
    this.botOnline = frame.bot_online;
    this.messages = new Map();
    if (!samePerson) {
      this.unread = new Map();
      this.#known = new Map();
    }
    for (const [place, messages] of Object.entries(frame.messages)) {
      this.messages.set(place, new Map(messages.map((message) => [message.id, message])));
      if (samePerson) for (const message of messages) this.#countUnread(message);
      else if (messages.length) this.#known.set(place, messages.at(-1).id);
    }
    if (!this.place(this.current)) this.current = this.textChannels()[0]?.id ?? null;
    this.tell("hello");
  }

  on_message({ message }) {
    const place = this.messages.get(message.channel_id) ?? new Map();
    this.messages.set(message.channel_id, place);
    const isNew = !place.has(message.id);
    place.set(message.id, message);
    if (isNew) this.#countUnread(message);
    if (message.type !== STARTER) this.tell("message", { message, isNew });
    this.#redrawStarter(message.channel_id);
    if (isNew) this.tell("places");
  }

  on_message_delete({ channel_id, id }) {
    this.messages.get(channel_id)?.delete(id);
    this.tell("message_delete", { channel_id, id });
    this.#redrawStarter(channel_id);
  }

  on_channel({ channel }) {
    if (THREAD_TYPES.includes(channel.type)) return this.on_thread({ channel });
    this.channels.set(channel.id, this.#named(channel));
    return this.tell("places");
  }

  on_thread({ channel }) {
    this.threads.set(channel.id, channel);
    this.tell("places");
    this.#redrawStarter(channel.id);
  }

  on_thread_delete({ id }) {
    const parent = this.threads.get(id)?.parent_id;
    this.threads.delete(id);
    this.messages.delete(id);
    this.unread.delete(id);
    if (this.current === id && this.enter(parent)) this.tell("moved");
    this.tell("places");
  }

  on_commands({ commands }) {
    this.commands = commands;
    this.tell("commands");
  }

  on_faults({ faults }) {
    this.faults = faults;
    this.tell("faults");
  }

  on_bot({ online }) {
    this.botOnline = online;
    this.tell("bot");
  }

  on_interaction(frame) { this.tell("interaction", frame); }
  on_autocomplete(frame) { this.tell("autocomplete", frame); }
  on_modal(frame) { this.tell("modal", frame); }
  on_error(frame) { this.tell("error", frame); }

  place(id) {
    return this.channels.get(id) ?? this.threads.get(id) ?? null;
  }

  enter(id) {
    if (!this.place(id)) return false;
    this.current = id;
    this.unread.delete(id);
    this.tell("places");
    return true;
  }

  // A page that comes back to the front has been read.
  read() {
    if (this.unread.delete(this.current)) this.tell("places");
  }

  textChannels() {
    const text = [...this.channels.values()].filter((channel) => channel.type === 0 || channel.type === 5);
    return text.sort((a, b) => (a.position ?? 0) - (b.position ?? 0) || byAge(a.id, b.id));
  }

  // What the bot has opened with me alone.
  conversations() {
    return [...this.channels.values()].filter((channel) => channel.type === DIRECT);
  }

  isDirect(id) {
    return this.channels.get(id)?.type === DIRECT;
  }

  // How a place is written: "#" stands before channels, "@" before a conversation.
  markOf(id) {
    return this.isDirect(id) ? "@" : "#";
  }

  threadsOf(id) {
    const threads = [...this.threads.values()].filter((thread) => thread.parent_id === id);
    const open = (thread) => !thread.thread_metadata?.archived || thread.id === this.current || this.unread.has(thread.id);
    return threads.filter(open).sort((a, b) => byAge(b.id, a.id));
  }

  messagesOf(id) {
    return [...(this.messages.get(id)?.values() ?? [])].filter((message) => message.type !== STARTER).sort((a, b) => byAge(a.id, b.id));
  }

  // The message that a thread began at, null if it was deleted or is too old to be here.
  starterOf(thread) {
    return this.messages.get(thread.parent_id)?.get(thread.id) ?? null;
  }

  latestCard() {
    const all = [...this.messages.keys()].flatMap((id) => this.messagesOf(id));
    const cards = all.filter((message) => message.author.bot && message.components?.length && !(message.flags & FLAG.ephemeral));
    return cards.sort((a, b) => byAge(a.id, b.id)).at(-1) ?? null;
  }

  nameOf(userId) {
    const person = this.people.get(userId);
    return person ? person.display_name || person.name : null;
  }

  myRoleIds() {
    const mine = this.people.get(this.me)?.roles ?? [];
    return [...this.roles.values()].filter((role) => mine.includes(role.name) || mine.includes(role.id)).map((role) => role.id);
  }

  pingsMe(message) {
    if (message.author.id === this.me) return false;
    if (this.isDirect(message.channel_id)) return true;
    const roles = this.myRoleIds();
    return Boolean(message.mention_everyone)
      || (message.mentions ?? []).some((user) => user.id === this.me)
      || (message.mention_roles ?? []).some((role) => roles.includes(role));
  }

  // A conversation has no name: it is called as who is at its other end.
  #named(channel) {
    if (channel.type !== DIRECT) return channel;
    const bot = [...this.people.values()].find((person) => person.bot);
    return { ...channel, name: bot?.display_name ?? "" };
  }

  // The message that a thread began at tells how many answers there are, and shows the last.
  #redrawStarter(threadId) {
    const thread = this.threads.get(threadId);
    const starter = thread && this.starterOf(thread);
    if (starter) this.tell("message", { message: starter, isNew: false });
  }

  #countUnread(message) {
    if (message.type === STARTER) return;
    const known = this.#known.get(message.channel_id);
    if (known && byAge(message.id, known) <= 0) return;
    this.#known.set(message.channel_id, message.id);
    if (message.author.id === this.me) return;
    if (message.channel_id === this.current && document.visibilityState === "visible") return;
    const seen = this.unread.get(message.channel_id) ?? { count: 0, mentions: 0 };
    const pings = this.pingsMe(message) ? 1 : 0;
    this.unread.set(message.channel_id, { count: seen.count + 1, mentions: seen.mentions + pings });
  }
}
