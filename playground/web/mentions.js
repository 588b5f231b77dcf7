// "@" and a part of a name in; whom it may mean, and Discord's `<@id>` out. Pure.

const MOST = 8;

// What is being typed after the last "@" before the caret, and where it begins; null when nobody is being called.
export function calling(text, caret) {
  const [, typed] = /(?:^|\s)@([^\s@]{0,32})$/.exec(text.slice(0, caret)) ?? [];
  return typed === undefined ? null : { typed, start: caret - typed.length - 1 };
}

// The bot first: it is whom one asks.
export function callable(world, typed) {
  const people = [...world.people.values()].filter((one) => one.id !== world.me).sort((a, b) => Number(b.bot) - Number(a.bot));
  const everybody = [
    ...people.map((one) => ({ testid: "person-choice", name: one.display_name || one.name, hint: one.name })),
    ...[...world.roles.values()].map((one) => ({ testid: "role-choice", name: one.name, hint: `@${one.name}` })),
  ];
  const wanted = typed.toLowerCase();
  return everybody.filter((one) => [one.name, one.hint].some((name) => name.toLowerCase().includes(wanted))).slice(0, MOST);
}

// What a person reads, as Discord writes it: names that were typed or chosen become mentions.
export function written(text, world) {
  const marks = [
    ...[...world.people.values()].flatMap((one) => [[one.display_name, `<@${one.id}>`], [one.name, `<@${one.id}>`]]),
    ...[...world.roles.values()].map((one) => [one.name, `<@&${one.id}>`]),
  ].filter(([name]) => name).sort(([a], [b]) => b.length - a.length);
  // Korean particles follow a name without a blank, so only a Latin letter goes on with it.
  const named = marks.map(([name]) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const meaning = new Map(marks.map(([name, mark]) => [name.toLowerCase(), mark]).reverse());
  return named ? text.replace(new RegExp(`(?<![\\p{L}\\p{N}_.<])@(${named})(?![A-Za-z0-9_])`, "giu"), (_, name) => meaning.get(name.toLowerCase())) : text;
}
