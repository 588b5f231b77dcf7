// The page's own WebSocket: frames in both directions, opened again by itself with growing pauses.

const FIRST_PAUSE_S = 0.5;
const LONGEST_PAUSE_S = 10;

export class Connection extends EventTarget {
  #socket = null;
  #pause = FIRST_PAUSE_S;
  #timer = null;

  // `address` is asked at every attempt, because person and locale may have changed.
  constructor(address) {
    super();
    this.address = address;
    this.state = "connecting";
    this.retryAt = 0;
    addEventListener("online", () => this.state === "waiting" && this.open());
  }

  open() {
    clearTimeout(this.#timer);
    const old = this.#socket;
    const socket = new WebSocket(this.address());
    this.#socket = socket;
    old?.close();
    this.#become("connecting");
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#pause = FIRST_PAUSE_S;
      this.#become("open");
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(event.data) }));
    });
    // A socket that was replaced on purpose must not start a second chain of attempts.
    socket.addEventListener("close", () => socket === this.#socket && this.#wait());
  }

  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #wait() {
    // A quarter of chance keeps several open pages from knocking at the same instant.
    const pause = this.#pause * (1 + Math.random() / 4);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_S);
    this.retryAt = Date.now() + pause * 1000;
    this.#timer = setTimeout(() => this.open(), pause * 1000);
    this.#become("waiting");
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
