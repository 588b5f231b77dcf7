// Moments in, readable times out, in the page's language; relative ones keep running.

import { h } from "./dom.js";

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

export function relative(seconds, locale, now = Date.now() / 1000) {
  const distance = seconds - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(distance) >= size) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(distance / size), unit);
}

export function formatted(seconds, style, locale) {
  return new Intl.DateTimeFormat(locale, STYLES[style] ?? STYLES.f).format(new Date(seconds * 1000));
}

// `<t:unix:style>`; a date no calendar holds stays what was typed.
export function timestamp(typed, seconds, style, locale) {
  if (Math.abs(seconds) > 8.64e12) return document.createTextNode(typed);
  const text = style === "R" ? relative(seconds, locale) : formatted(seconds, style, locale);
  return h("time.stamp", {
    datetime: new Date(seconds * 1000).toISOString(),
    title: formatted(seconds, "F", locale),
    data: style === "R" ? { running: String(seconds) } : {},
  }, text);
}

export function clock(iso, locale) {
  const moment = new Date(iso);
  const today = new Date().toDateString() === moment.toDateString();
  const text = new Intl.DateTimeFormat(locale, today ? STYLES.t : { dateStyle: "short", timeStyle: "short" }).format(moment);
  return h("time.clock", { datetime: iso, title: formatted(moment / 1000, "F", locale) }, text);
}

export function day(iso, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full" }).format(new Date(iso));
}

export function keepRunning(locale) {
  return setInterval(() => {
    for (const time of document.querySelectorAll("time[data-running]")) {
      const text = relative(Number(time.dataset.running), locale());
      if (time.textContent !== text) time.textContent = text;
    }
  }, 1000);
}
