// Descriptions of elements in, DOM nodes out. Nothing in the page assigns innerHTML: text is always a text node.

// `h("button.primary", {type: "button", on: {click}}, "Text")`. Properties: `on` are listeners, `data` is the dataset,
// true/false toggle an attribute, undefined and null leave it out.
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.classList.add(...classes);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Only these may become links; `javascript:` and `data:` stay text.
export function webUrl(text) {
  try {
    const url = new URL(text, location.href);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

// What the playground itself serves is asked for by path, so that localhost and 127.0.0.1 both work; anything else is
// an external request and is not made.
export function ownMedia(text) {
  const url = webUrl(text);
  if (!url) return null;
  const ours = url.origin === location.origin || ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  return ours && /^\/(attachments|avatars|web)\//.test(url.pathname) ? url.pathname + url.search : null;
}

// A jump URL of Discord's becomes a place on this page.
export function pageLink(url) {
  const jump = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?\/?$/.exec(url.href);
  return jump ? `#/${jump[1]}${jump[2] ? `/${jump[2]}` : ""}` : null;
}

export function link(target, ...children) {
  const url = webUrl(target);
  if (!url) return h("span", {}, ...children);
  const here = pageLink(url);
  if (here) return h("a", { href: here, class: "jump" }, ...children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href }, ...children);
}

// Discord sends colours as integers; the playground's people may carry "#rrggbb".
export function colour(value) {
  if (typeof value === "string" && /^#[0-9a-f]{3,8}$/i.test(value)) return value;
  if (Number.isInteger(value) && value > 0) return `#${(value & 0xffffff).toString(16).padStart(6, "0")}`;
  return null;
}

export function tint(element, property, value) {
  const css = colour(value);
  if (css) element.style.setProperty(property, css);
  return element;
}

export function emoji(value) {
  if (!value) return null;
  return h("span.emoji", { "aria-hidden": "true" }, value.id ? `:${value.name}:` : value.name);
}

// Snowflakes do not fit a Number; shorter is older, then digit by digit.
export function byAge(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function bytes(size) {
  if (!Number.isFinite(size)) return "";
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
