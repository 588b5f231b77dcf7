// Runs inside Grafana's page: says what is to be seen, and waits until nothing moves any more.
// The answer is one text: of what has parts, Playwright looks at each of them on its way, which takes longer than to look.
// Marks are those of Grafana 11.5 to 13 (packages/grafana-e2e-selectors, @grafana/scenes); test ids are not translated.
async ({ verb, root, uid, limit, quiet, top }) => {
  const WORDS = 300;
  const TICK = 20;
  // No query runs: a panel is drawn any moment.
  const SOON = 5;
  // While queries run or are marked on panels nothing is settled, whatever it looks like: that is read often, the page now and then.
  const COUNT = 5;
  const GLANCE = 250;
  // A look takes the page's own time: while it loads at most a ninth of it, and more once it has only to draw what came.
  const LOADING = 8;
  const DRAWING = 3;
  // Grafana counts running queries in a global that does not exist before the first query.
  const GRACE = 1000;
  // What stays empty though nothing has moved for this long, no file came and no query runs, is empty by nature: a text without
  // words, a place hidden by a condition, a plugin that never loads. What is slow moves, or is asked for.
  const PATIENCE = 2000;
  const RESOURCES = 10000;
  const NOTHING = /^(no data( to show)?|no logs found|no data points?|데이터 없음|데이터가 없습니다)[.!]?$/i;
  const BROKEN = /^(data (is missing|does not)|cannot visualize|unable to|failed|error)/i;
  const LIMIT_REACHED = /render(ing)? limit reached|rendering plugin not installed/i;
  const HEADER = "data-testid Panel header ";
  const ROW = '[data-testid^="data-testid dashboard-row-title-"]';
  const ITEM = "[data-griditem-key]";
  const PANEL = `[data-viz-panel-key], [data-testid^="${HEADER}"]`;
  // What Grafana says about itself above the dashboard; errors stay.
  const NOTICE = ':is([data-testid="data-testid Alert warning"], [data-testid="data-testid Alert info"])';
  const BUSY = '[data-testid$="panel-cancel-query"], [aria-label="Panel loading bar"]';
  const TAB = '[role="tablist"] [data-testid^="data-testid Tab "]';

  // What of a panel changes when it is drawn once more in another way: its legend came, its canvas grew.
  const inside = (box) => {
    const canvases = [...box.getElementsByTagName("canvas")].map(({ width, height }) => [width, height]);
    return [box.getElementsByTagName("*").length, box.textContent.length, canvases];
  };

  const find = (where, name) => where.querySelector(`[data-testid="data-testid ${name}"]`);
  const words = (element) => (element ? element.textContent.replace(/\s+/g, " ").trim().slice(0, WORDS) : "");
  // Texts of elements that stand beside each other run together otherwise.
  const apart = (element) => {
    const found = [];
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) found.push(texts.currentNode.textContent.trim());
    return found.filter(Boolean).join(": ").replace(/\s+/g, " ").slice(0, WORDS);
  };
  // Of a panel that crashed: what it says, and the first line of the error, without the stack of calls below.
  const crash = (alert) => {
    const copy = alert.cloneNode(true);
    const details = [...copy.querySelectorAll("details, pre")];
    const first = details.length ? details[0].textContent.trim().split(/\n|\s{2,}| at |\S+@http/)[0].trim() : "";
    details.forEach((each) => each.remove());
    return [apart(copy), first].filter(Boolean).join(": ").slice(0, WORDS);
  };
  const inWindow = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const shown = (element) => element.getClientRects().length > 0;

  const scroller = () => {
    const page = document.scrollingElement;
    if (page.scrollHeight > innerHeight + 1) return page;
    let inner = document.querySelector(`[data-viz-panel-key], ${ITEM}, ${ROW}`);
    for (; inner && inner !== document.body; inner = inner.parentElement) {
      const scrolls = /auto|scroll|overlay/.test(getComputedStyle(inner).overflowY);
      if (scrolls && inner.scrollHeight > inner.clientHeight + 1) return inner;
    }
    return page;
  };

  const boxes = () => {
    const keyed = [...document.querySelectorAll("[data-viz-panel-key]")];
    const bare = [...document.querySelectorAll(`[data-testid^="${HEADER}"]`)];
    const own = bare.filter((each) => !each.closest("[data-viz-panel-key]") && !each.parentElement.closest(`[data-testid^="${HEADER}"]`));
    return [...keyed, ...own].filter(shown);
  };

  // A panel outside the window is not there yet: its place holds one hard space, or no panel.
  const places = (found) => {
    const empty = [...document.querySelectorAll(ITEM)].filter(
      (item) => shown(item) && !item.querySelector(ROW) && !found.some((box) => item.contains(box)),
    );
    const lazy = [...document.querySelectorAll("div[id]")].filter(
      (each) => /^\d+$/.test(each.id) && each.textContent === "\u00A0" && !each.childElementCount && shown(each),
    );
    return [...empty, ...lazy.filter((each) => !each.closest(ITEM))];
  };

  const judged = (box) => {
    const content = find(box, "panel content");
    const text = words(content);
    const message = words(find(box, "Panel data error message"));
    const alert = find(box, "Alert error");
    const status = find(box, "Panel status error");
    if (box.querySelector(BUSY)) return ["loading", ""];
    if (alert) return ["error", crash(alert)];
    // What somebody wrote is what it shows, also if that is nothing, or "No data".
    if (content && content.querySelector('[data-testid="TextPanel-converted-content"]')) return ["ready", ""];
    if (status) return ["error", BROKEN.test(message) ? message : ""];
    if (message) return [BROKEN.test(message) ? "error" : "no-data", message];
    if (NOTHING.test(text)) return ["no-data", text];
    const drawn = content && (text || content.querySelector("canvas, svg, img, iframe, video, input, [style], table"));
    return [drawn ? "ready" : "loading", ""];
  };

  const panel = (box, offset) => {
    const header = box.matches(`[data-testid^="${HEADER}"]`) ? box : box.querySelector(`[data-testid^="${HEADER}"]`);
    const key = /panel-(\d+)/.exec(box.getAttribute("data-viz-panel-key") || "");
    const { left, right, top, bottom } = box.getBoundingClientRect();
    const [state, message] = judged(box);
    return {
      id: key ? Number(key[1]) : null,
      title: header ? header.getAttribute("data-testid").slice(HEADER.length, HEADER.length + WORDS) : "",
      state,
      message,
      left,
      right,
      top: top + offset,
      bottom: bottom + offset,
      written: box.textContent.trim() !== "",
      seen: inWindow(box),
      busy: state === "loading" && Boolean(box.querySelector(BUSY)),
    };
  };

  const trouble = (anything) => {
    if (document.contentType.startsWith("image/")) return ["render-limit", ""];
    const path = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : location.pathname;
    if (/^login(\/|$)/.test(path) || find(document, "Username input field") || document.querySelector("input[type=password]"))
      return ["login", ""];
    if (path === "" || /^(home|dashboards|a|org)(\/|$)/.test(path)) return ["home", ""];
    if (decodeURIComponent(path.split("/")[1] || "") !== uid || path.split("/")[0] !== "d") return ["elsewhere", path.slice(0, WORDS)];
    if (find(document, "entity-not-found")) return ["not-found", ""];
    const failed = document.querySelector('[data-testid="dashboard-page-error"]');
    if (failed) return [/forbidden|permission|\b403\b/i.test(failed.textContent) ? "forbidden" : "refused", apart(failed)];
    if (!anything && LIMIT_REACHED.test(document.body ? document.body.innerText : "")) return ["render-limit", ""];
    return ["", ""];
  };

  const closedRows = () =>
    [...document.querySelectorAll(`button${ROW}`)].filter(
      (row) => row.getAttribute("aria-expanded") === "false" || /expand|펼치/i.test(row.getAttribute("aria-label") || ""),
    );

  // Of the dashboard itself, not of a panel or of another tab.
  const tabs = () => {
    const found = [...document.querySelectorAll(TAB)].filter((each) => shown(each) && !each.closest(PANEL));
    return found.filter((each) => each.closest('[role="tablist"]') === found[0].closest('[role="tablist"]'));
  };

  const look = () => {
    const moving = scroller();
    const offset = moving.scrollTop;
    const found = boxes();
    const waiting = places(found);
    const rows = [...document.querySelectorAll(ROW)].filter(shown);
    const ends = [...found, ...waiting, ...rows].map((each) => each.getBoundingClientRect().bottom + offset);
    const [reason, detail] = trouble(found.length + waiting.length);
    const panels = found.map((box) => panel(box, offset));
    const shape = panels.map((each) => [each.title, each.state, each.top, each.bottom]);
    return {
      reason,
      detail,
      panels,
      mark: JSON.stringify([reason, shape, waiting.length, rows.length, moving.scrollHeight]),
      drawn: JSON.stringify(found.map(inside)),
      waiting: waiting.length,
      places: waiting.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => [top + offset, bottom + offset]),
      due: waiting.filter(inWindow).length,
      // Variables whose values are still asked for: what repeats by them is not there yet.
      undecided: document.querySelectorAll('[aria-label="data-testid Loading indicator"]').length,
      running: window.__grafanaRunningQueryCount ?? null,
      viewing: new URLSearchParams(location.search).get("viewPanel"),
      rows: rows.length,
      closed: closedRows().length,
      tabs: tabs().map(words),
      tab: words(tabs().find((each) => each.getAttribute("aria-selected") === "true")),
      height: innerHeight + moving.scrollHeight - moving.clientHeight,
      bottom: ends.length ? Math.max(...ends) : 0,
      inner: moving !== document.scrollingElement,
      above: moving === document.scrollingElement ? 0 : moving.getBoundingClientRect().top,
      scrolled: offset,
      settled: false,
    };
  };

  const watch = (done, grace) =>
    new Promise((resolve) => {
      const begun = performance.now();
      let since = begun;
      let before = "";
      let stirred = begun;
      let signs = "";
      let looked = -GLANCE;
      const tick = () => {
        const started = performance.now();
        const busy = done === finished && (window.__grafanaRunningQueryCount > 0 || [...document.querySelectorAll(BUSY)].some(inWindow));
        if (busy && started - looked < GLANCE && started - begun < limit) return void setTimeout(tick, COUNT);
        looked = started;
        const seen = look();
        const now = performance.now();
        const stirs = [seen.mark, seen.drawn, seen.running, seen.undecided, performance.getEntriesByType("resource").length].join();
        if (stirs !== signs) stirred = now;
        signs = stirs;
        const ready = done(seen, now - stirred > PATIENCE);
        if (seen.mark !== before || !ready) since = now;
        before = seen.mark;
        seen.settled = ready && now - since >= (seen.running === null ? Math.max(quiet, grace) : quiet);
        if (seen.reason || seen.settled || now - begun >= limit) resolve(seen);
        else setTimeout(tick, seen.running === 0 ? Math.max(SOON, DRAWING * (now - started)) : Math.max(TICK, LOADING * (now - started)));
      };
      tick();
    });

  // There is no scene before the dashboard has arrived; one that stays empty has no panels.
  const something = (seen, idle) =>
    seen.panels.length + seen.waiting + seen.rows > 0 ||
    (idle && Boolean(window.__grafanaSceneContext) && !seen.running && !seen.undecided);
  // What is not in the window loads when it comes into it: it is not waited for before.
  const finished = (seen, idle) =>
    something(seen, idle) &&
    !seen.running &&
    (!seen.undecided || idle) &&
    (seen.due === 0 || idle) &&
    seen.panels.every((each) => each.state !== "loading" || !each.seen || (idle && !each.busy));

  const still = () => {
    if (window.__bongsuStill) return;
    window.__bongsuStill = true;
    const sheet = new CSSStyleSheet();
    // Not `animation: none`: what fades in from nothing would stay invisible. All animations are at their end instead.
    sheet.replaceSync(`*, *::before, *::after { animation-duration: 0s !important; animation-delay: 0s !important;
      animation-iteration-count: 1 !important; transition-duration: 0s !important; transition-delay: 0s !important;
      caret-color: transparent !important; scroll-behavior: auto !important }
      ${NOTICE}:not(:is(${PANEL}) *), [role="alert"]:has(> ${NOTICE}):not(:is(${PANEL}) *) { display: none !important }`);
    performance.setResourceTimingBufferSize(RESOURCES);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };

  const lettered = () => Promise.race([document.fonts.ready, new Promise((resolve) => setTimeout(resolve, 500))]);

  still();
  if (verb === "open") closedRows().forEach((row) => row.click());
  if (verb === "tab") tabs()[top]?.click();
  if (verb === "scroll") scroller().scrollTop = top;
  if (verb === "shape") return JSON.stringify(await watch(something, 0));
  if (verb !== "settle" && verb !== "scroll") return JSON.stringify(look());
  const seen = await watch(finished, GRACE);
  await lettered();
  return JSON.stringify(seen);
};
