// The shop's fault switches and what a newcomer may try with them.

import { h } from "./dom.js";

export function shop(page) {
  const { world } = page;
  return [
    h("div.shop-head", {}, h("h2", {}, page.t("shop")), h("button.icon.not-wide", { type: "button", "aria-label": page.t("close"), on: { click: page.closeDrawers } }, "✕")),
    h("p.about", {}, page.t(world.faults.length ? "shop_about" : "shop_absent")),
    steps(page),
    h("ul.faults", {}, world.faults.map((fault) => h("li", {}, faultSwitch(page, fault)))),
  ];
}

function faultSwitch(page, fault) {
  const language = page.locale === "ko" ? "ko" : "en";
  const asked = page.askedFaults.get(fault.name);
  const busy = asked !== undefined && asked !== fault.on;
  return h(fault.on ? "button.fault.on" : "button.fault", {
    type: "button", role: "switch", "aria-checked": String(fault.on), "aria-busy": busy ? "true" : null, data: { testid: `fault-${fault.name}` },
    on: { click: () => busy || page.setFault(fault.name, !fault.on) },
  },
  h("span.fault-title", {}, fault.title[language]), h("span.toggle", { "aria-hidden": "true" }),
  h("span.fault-words", {}, fault.explanation[language]),
  h("span.fault-foot", {}, fault.service ? h("code", {}, fault.service) : null, h("span.fault-state", {}, page.t(fault.on ? "fault_on" : "fault_off"))));
}

function steps(page) {
  const { did, world } = page;
  const card = world.latestCard();
  const list = [
    ["break", did.broke, null],
    ["ack", did.pressed, card ? h("a.textual", { href: `#/${card.channel_id}/${card.id}`, on: { click: page.closeDrawers } }, page.t("step_ack_go")) : null],
    ["status", did.asked, h("button.textual", { type: "button", on: { click: () => page.type("/status") } }, page.t("step_status_go"))],
  ];
  const next = list.findIndex(([, done]) => !done);
  return h("section.steps", { "aria-label": page.t("steps") }, h("h3", {}, page.t("steps")), h("ol", {}, list.map(([name, done, more], index) =>
    h(done ? "li.done" : index === next ? "li.next" : "li", {}, h("span.step-mark", { role: done ? "img" : null, "aria-label": done ? page.t("step_done") : null }, done ? "✓" : String(index + 1)),
      h("div", {}, h("b", {}, page.t(`step_${name}`)), h("p", {}, page.t(`step_${name}_more`)), done ? null : more)))));
}
