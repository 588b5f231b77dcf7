// What a person did (pressed, typed, submitted) out to the server, and how it ended back to the page.

export class Interactions extends EventTarget {
  #send;
  #pending = new Map();
  #failed = new Map();

  constructor(world, send) {
    super();
    this.#send = send;
    world.addEventListener("interaction", ({ detail }) => this.#settle(detail.nonce, detail.state, detail.reason));
    world.addEventListener("modal", ({ detail }) => this.#settle(detail.nonce, "answered"));
  }

  command(channelId, payload) {
    return this.#start({ kind: "command", channelId, name: payload.name, options: payload.options }, { type: "command", channel_id: channelId, ...payload });
  }

  press(message, component, values) {
    return this.#start({ kind: "component", messageId: message.id, channelId: message.channel_id, customId: component.custom_id }, {
      type: "component",
      channel_id: message.channel_id,
      message_id: message.id,
      custom_id: component.custom_id,
      component_type: component.type,
      values: values ?? [],
    });
  }

  submit(form, components) {
    return this.#start({ kind: "modal", interactionId: form.interaction_id }, {
      type: "modal",
      interaction_id: form.interaction_id,
      custom_id: form.custom_id,
      components,
    });
  }

  autocomplete(channelId, payload) {
    const nonce = crypto.randomUUID();
    this.#send({ type: "autocomplete", nonce, channel_id: channelId, ...payload });
    return nonce;
  }

  isBusy(messageId, customId) {
    return [...this.#pending.values()].some((one) => one.messageId === messageId && one.customId === customId);
  }

  commandsIn(channelId) {
    const of = (all) => [...all].filter(([, one]) => one.kind === "command" && one.channelId === channelId);
    return [...of(this.#pending), ...of(this.#failed)].map(([nonce, one]) => ({ nonce, ...one }));
  }

  // The last failure at a message, said under it until the next press.
  failureOf(messageId) {
    return [...this.#failed.values()].findLast((one) => one.messageId === messageId)?.reason ?? null;
  }

  forget(nonce) {
    const one = this.#failed.get(nonce);
    this.#failed.delete(nonce);
    if (one) this.#tell(one);
  }

  // A new connection knows nothing of what the old one waited for.
  lose() {
    for (const nonce of [...this.#pending.keys()]) this.#settle(nonce, "failed", "connection_lost");
  }

  #start(one, frame) {
    for (const [nonce, failed] of this.#failed) if (one.messageId && failed.messageId === one.messageId) this.#failed.delete(nonce);
    const nonce = crypto.randomUUID();
    if (!this.#send({ ...frame, nonce })) return null;
    this.#pending.set(nonce, { ...one, state: "sent" });
    this.#tell(one);
    return nonce;
  }

  #settle(nonce, state, reason) {
    const one = this.#pending.get(nonce);
    if (!one || state === "sent") return;
    this.#pending.delete(nonce);
    if (state === "failed") this.#failed.set(nonce, { ...one, state, reason: reason || "no_answer" });
    this.#tell({ ...one, nonce, state, reason });
  }

  #tell(one) {
    this.dispatchEvent(new CustomEvent("change", { detail: one }));
  }
}
