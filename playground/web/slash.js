// Slash commands as Discord describes them in; what can be picked, which options to ask, and the payload to send out. Pure.

import { localised } from "./texts.js";

export const TYPE = { sub: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10 };

// One entry for every thing a person can call: sub-commands become "incident list".
export function entries(commands, locale) {
  return commands.filter((command) => (command.type ?? 1) === 1).flatMap((command) => unfold(command, [], [], locale));
}

function unfold(thing, path, labels, locale) {
  const here = [...path, thing.name];
  const shown = [...labels, localised(thing, "name", locale)];
  const inner = (thing.options ?? []).filter((option) => option.type === TYPE.sub || option.type === TYPE.group);
  if (inner.length) return inner.flatMap((option) => unfold(option, here, shown, locale));
  const options = [...(thing.options ?? [])].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));
  return [{ path: here, name: here.join(" "), label: shown.join(" "), description: localised(thing, "description", locale), options, tree: path.length }];
}

// Those that begin with what was typed first, then those that have it anywhere.
export function matching(all, typed) {
  const wanted = typed.trim().toLowerCase();
  const rank = (entry) => {
    const names = [entry.name.toLowerCase(), entry.label.toLowerCase()];
    if (names.some((name) => name.startsWith(wanted))) return 0;
    if (names.some((name) => name.includes(wanted))) return 1;
    return entry.description.toLowerCase().includes(wanted) && wanted.length > 1 ? 2 : 3;
  };
  return all.map((entry) => [rank(entry), entry]).filter(([order]) => order < 3)
    .sort(([a, one], [b, other]) => a - b || one.name.localeCompare(other.name)).map(([, entry]) => entry);
}

// "/ack 42": the entry and what follows it, once the name is complete and followed by a blank.
export function typedOut(all, text) {
  const fits = all.filter((entry) => text.startsWith(`/${entry.name} `) || text.startsWith(`/${entry.label} `));
  const entry = fits.sort((a, b) => b.name.length - a.name.length)[0];
  if (!entry) return null;
  const name = text.startsWith(`/${entry.name} `) ? entry.name : entry.label;
  return { entry, rest: text.slice(name.length + 2) };
}

export function payload(entry, values) {
  const [name, ...subs] = entry.path;
  const nest = ([sub, ...deeper]) => {
    if (!sub) return values;
    return [{ name: sub, type: deeper.length ? TYPE.group : TYPE.sub, options: nest(deeper) }];
  };
  return { name, options: nest(subs) };
}

// Whom, where or what an option can be; null when the person types freely.
export function candidates(option, world, t, locale) {
  const users = () => [...world.people.values()].map((one) => ({ name: one.display_name || one.name, hint: one.name, value: one.id }));
  const roles = () => [...world.roles.values()].map((one) => ({ name: `@${one.name}`, value: one.id }));
  const sources = {
    [TYPE.boolean]: () => [{ name: t("yes"), value: true }, { name: t("no"), value: false }],
    [TYPE.user]: users,
    [TYPE.role]: roles,
    [TYPE.mentionable]: () => [...users(), ...roles()],
    [TYPE.channel]: () => world.textChannels().map((one) => ({ name: `#${one.name}`, value: one.id })),
  };
  if (sources[option.type]) return sources[option.type]();
  return option.choices?.length ? option.choices.map((choice) => ({ name: localised(choice, "name", locale), value: choice.value })) : null;
}

// What was typed or picked in, `{value}` or `{error}` (a key of the texts) out.
export function coerce(option, text, picked, choices) {
  if (picked !== undefined) return { value: picked };
  if (choices) {
    const wanted = text.trim().replace(/^[@#]/, "").toLowerCase();
    const found = choices.find((choice) => [choice.name, choice.hint, String(choice.value)].some((name) => name?.replace(/^[@#]/, "").toLowerCase() === wanted));
    return found ? { value: found.value } : { error: "option_choice" };
  }
  if (option.type !== TYPE.integer && option.type !== TYPE.number) return lengthChecked(option, text);
  const number = Number(text);
  if (!Number.isFinite(number) || (option.type === TYPE.integer && !Number.isInteger(number))) return { error: "option_number" };
  const outside = number < (option.min_value ?? -Infinity) || number > (option.max_value ?? Infinity);
  return outside ? { error: "option_range" } : { value: number };
}

function lengthChecked(option, text) {
  const outside = text.length < (option.min_length ?? 0) || text.length > (option.max_length ?? 6000);
  return outside ? { error: "option_range" } : { value: text };
}
