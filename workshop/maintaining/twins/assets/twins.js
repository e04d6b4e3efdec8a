"use strict";
/* The Twins. Every text is set as text and never as markup. */
(() => {
  const WIDE = matchMedia("(min-width: 800px)");
  const SIDES = ["left", "right"];
  const isFramed = window !== window.top; // on a slide there is room for the calls or for the code: a click opens the code
  const FRAME = ["BEGIN", "COMMIT", "ROLLBACK"];
  document.documentElement.classList.toggle("framed", isFramed);
  const $ = (id) => document.getElementById(id);
  const data = new Map(); // by file: the functions and scenarios of a stage, and of another that is the same
  const state = { left: "before", right: "after", scenario: "delivered-form_legacy@1", stop: 0, all: false };
  let index, codes;
  let shown = { left: [], right: [] }; // the rows of each side, from top to bottom
  let opener = null; // the row whose code is open

  function make(tag, attributes = {}, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null) element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  }

  const fileOf = (side) => index.stages.find(([name]) => name === state[side])[3];
  const dataOf = (side) => data.get(fileOf(side));

  /* The address names what is shown: index.html#left=before&right=step-07&scenario=accepted&stop=4 */
  function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const stages = index.stages.map(([name]) => name);
    for (const side of SIDES) if (stages.includes(asked.get(side))) state[side] = asked.get(side);
    if (index.scenarios.some(([name]) => name === asked.get("scenario"))) state.scenario = asked.get("scenario");
    const stop = Number(asked.get("stop"));
    state.stop = index.stops.some(([number]) => number === stop) ? stop : 0;
  }

  function write() {
    const { left, right, scenario, stop } = state;
    const address = new URLSearchParams({ left, right, scenario, ...(stop ? { stop } : {}) });
    history.replaceState(null, "", `#${address}`);
  }

  async function show() {
    closeCode();
    for (const side of SIDES) {
      const at = index.stages.findIndex(([name]) => name === state[side]);
      const [, title, rung] = index.stages[at];
      const text = title + (rung ? `, rung ${rung}` : "");
      $(side).value = at;
      $(side).setAttribute("aria-valuetext", text);
      $(`${side}-name`).value = text;
    }
    $("scenario").value = state.scenario;
    const asked = SIDES.map((side) => state[side]).join();
    try {
      await Promise.all(SIDES.map(fileOf).map(async (file) => data.set(file, await Data.load(file))));
    } catch (problem) {
      return fail(problem);
    }
    if (asked !== SIDES.map((side) => state[side]).join()) return; // a slider has moved on
    SIDES.forEach(draw);
    for (const part of [drawStops, drawBodies, drawBalance, align]) part();
    if (state.stop) goTo(state.stop, false);
    write();
  }

  const scenarioOf = (side) => dataOf(side).scenarios[state.scenario];

  function draw(side) {
    const played = scenarioOf(side);
    const { calls, files, sql } = played.figures;
    const counted = make("small", {}, ` ${calls} calls in ${files} files, ${sql} SQL statements`);
    const parts = [make("h2", { id: `head-${side}` }, state[side], counted)];
    shown[side] = [];
    for (const [title, rows] of played.acts) {
      const list = make("ol", { class: "rows", role: "tree", "aria-label": `${title}, ${state[side]}` });
      for (const row of rows) add(list, side, row, 0, null);
      parts.push(make("h3", {}, title), list);
    }
    $(`side-${side}`).replaceChildren(...parts);
    refresh(side);
  }

  function add(list, side, row, depth, parent) {
    const isSql = typeof row[0] === "string";
    const one = { side, row, depth, parent, isSql, stops: isSql ? [] : row[4], marks: isSql ? "" : row[3] };
    one.inner = isSql ? [] : row[5];
    one.isOpen = state.all || !one.marks.includes("c");
    one.element = drawRow(one);
    list.append(one.element);
    shown[side].push(one);
    for (const inner of one.inner) add(list, side, inner, depth + 1, one);
  }

  function drawRow(one) {
    const { row, isSql } = one;
    const [name, file, line] = isSql ? [row[0], row[2], row[3]] : dataOf(one.side).functions[row[0]];
    Object.assign(one, { name, file, line, isPure: one.marks.includes("p"), layer: isSql ? "" : row[1] });
    const times = isSql ? row[4] : row[2];
    const element = make("li", {
      role: "treeitem", tabindex: -1, "aria-level": one.depth + 1, "aria-selected": "false",
      class: `row ${isSql ? (FRAME.includes(name) ? "frame sql" : "sql") : ""} ${one.isPure ? "pure" : ""}`,
      style: `--d: ${one.depth}`,
    });
    if (one.inner.length) element.append(make("span", { class: "twist", "aria-hidden": "true" }));
    const layer = isSql ? "SQL" : index.layers[one.layer];
    const badge = make("span", { class: "badge", style: `--c: var(--${one.layer || "A"})`, title: layer }, one.layer);
    element.append(badge, make("span", { class: "name" }, name));
    const tags = one.stops.map((stop) => ["stop", `stop ${stop}`]);
    if (times > 1) tags.unshift(["times", `×${times}`]);
    if (one.marks.includes("s")) tags.push(["signal", "nobody calls it: a signal does"]);
    if (one.marks.includes("t")) tags.push(["tag", "in a thread"]);
    if (one.inner.length) tags.push(["more", ""]);
    element.append(...[...tags, ["place", `${file}:${line}`]].map(([kind, text]) => make("span", { class: kind }, text)));
    element.addEventListener("click", (event) => {
      focus(one);
      if (one.inner.length && event.target.matches(".twist, .more")) toggle(one);
      else openCode(one);
    });
    return element;
  }

  /* Which rows are seen, the bars of the transactions, and the frames around the pure parts. */
  function refresh(side) {
    let inTransaction = 0;
    for (const one of shown[side]) {
      one.isSeen = !one.parent || (one.parent.isSeen && one.parent.isOpen);
      one.element.hidden = !one.isSeen;
      if (one.inner.length) {
        one.element.setAttribute("aria-expanded", one.isOpen);
        one.element.querySelector(".twist").textContent = one.isOpen ? "▾" : "▸";
        one.element.querySelector(".more").textContent = one.isOpen ? "" : inside(one.inner);
      }
      if (one.isSql && one.name === "BEGIN") inTransaction += 1;
      one.element.classList.toggle("tx", inTransaction > 0);
      if (one.isSql && FRAME.indexOf(one.name) > 0) inTransaction -= 1;
    }
    const seen = seenOf(side);
    seen.forEach((one, at) => {
      const [isFirst, isLast] = [-1, 1].map((step) => one.isPure && !seen[at + step]?.isPure);
      const kinds = { first: isFirst, last: isLast, alone: isFirst && isLast && !one.inner.length };
      for (const [kind, holds] of Object.entries(kinds)) one.element.classList.toggle(kind, holds);
    });
    if (!seen.some((one) => one.element.tabIndex === 0)) seen[0].element.tabIndex = 0;
  }

  const every = (rows) => rows.flatMap((row) => (typeof row[0] === "string" ? [row] : [row, ...every(row[5])]));
  const inside = (rows) => {
    const sql = every(rows).filter((row) => typeof row[0] === "string").length;
    return `+${every(rows).length} inside` + (sql ? `, ${sql} SQL` : "");
  };
  const everyRow = () => [...shown.left, ...shown.right];
  const seenOf = (side) => shown[side].filter((one) => one.isSeen);
  const at = (side, stop) => shown[side].find((one) => one.stops.includes(stop));

  function toggle(one, isOpen = !one.isOpen) {
    one.isOpen = isOpen;
    refresh(one.side);
    align();
  }

  /* Headings of acts and stops of the tour begin at the same height on both sides, as far as their order is the same. */
  function align() {
    const heads = SIDES.map((side) => [...$(`side-${side}`).querySelectorAll("h3")]);
    for (const element of [...everyRow().map((one) => one.element), ...heads.flat()]) element.style.removeProperty("--gap");
    if (!WIDE.matches) return;
    const pairs = index.stops.map(([stop]) => SIDES.map((side) => at(side, stop))).filter(([a, b]) => a?.isSeen && b?.isSeen);
    const anchors = [
      ...inOrder(pairs).map((pair) => pair.map((one) => one.element)),
      ...heads[0].slice(0, heads[1].length).map((head, number) => [head, heads[1][number]]),
    ].sort(([a], [b]) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    for (const [left, right] of anchors) {
      const difference = left.getBoundingClientRect().top - right.getBoundingClientRect().top;
      if (Math.abs(difference) > 1) (difference < 0 ? left : right).style.setProperty("--gap", `${Math.abs(difference)}px`);
    }
  }

  /* The longest run of pairs that goes down on both sides. */
  function inOrder(pairs) {
    const places = pairs.map(([a, b]) => [shown.left.indexOf(a), shown.right.indexOf(b)]);
    const order = places.map((_, number) => number).sort((a, b) => places[a][0] - places[b][0] || places[a][1] - places[b][1]);
    const runs = [];
    for (const number of order) {
      const fits = runs.filter((run) => places[run.at(-1)].every((place, side) => place < places[number][side]));
      runs.push([...fits.reduce((best, run) => (run.length > best.length ? run : best), []), number]);
    }
    return runs.reduce((best, run) => (run.length > best.length ? run : best), []).map((number) => pairs[number]);
  }

  function drawStops() {
    const buttons = index.stops.map(([number, title]) => {
      const isHere = SIDES.some((side) => at(side, number));
      const label = isHere ? title : `${title}: not in this scenario`;
      const button = make("button", { type: "button", disabled: isHere ? null : "", title: label, "aria-label": `Stop ${number}: ${label}`, "aria-pressed": state.stop === number }, String(number));
      button.addEventListener("click", () => goTo(number));
      return button;
    });
    $("stops").replaceChildren(make("span", {}, "Stops of the tour:"), ...buttons);
    const used = new Set(everyRow().map((one) => one.layer));
    const layers = Object.entries(index.layers).filter(([letter]) => used.has(letter));
    const badge = (letter) => make("span", { class: "badge", style: `--c: var(--${letter})` }, letter);
    const pure = make("li", {}, make("span", { class: "swatch" }), "no SQL, no clock, no Django in here");
    $("legend").replaceChildren(...layers.map(([letter, name]) => make("li", {}, badge(letter), name)), pure);
  }

  function goTo(stop, takesFocus = true) {
    const found = SIDES.map((side) => at(side, stop)).filter(Boolean);
    if (!found.length) return;
    state.stop = stop;
    for (const one of found) for (let above = one.parent; above; above = above.parent) above.isOpen = true;
    SIDES.forEach(refresh);
    align();
    const title = index.stops.find(([number]) => number === stop)[1];
    for (const button of $("stops").querySelectorAll("button")) button.setAttribute("aria-pressed", button.textContent === String(stop));
    found[0].element.scrollIntoView({ block: "center" });
    if (takesFocus) focus(found[0]);
    if (isFramed) select(found);
    else openCode(found[0]);
    $("say").textContent = `Stop ${stop}: ${title}. ${found.map((one) => `${state[one.side]}: ${one.name}`).join(", ")}`;
    write();
  }

  function focus(one) {
    for (const other of shown[one.side]) other.element.tabIndex = -1;
    one.element.tabIndex = 0;
    one.element.focus({ preventScroll: true });
    one.element.scrollIntoView({ block: "nearest" });
  }

  const select = (rows) => everyRow().forEach((row) => row.element.setAttribute("aria-selected", rows.includes(row)));

  /* The code of a row; of a stop of the tour, the code of both sides. */
  function openCode(one) {
    const twin = one.stops.length ? at(one.side === "left" ? "right" : "left", one.stops.includes(state.stop) ? state.stop : one.stops[0]) : null;
    const rows = (one.side === "left" ? [one, twin] : [twin, one]).filter(Boolean);
    opener = one;
    select(rows);
    const close = make("button", { type: "button" }, "Close ", make("kbd", {}, "Esc"));
    close.addEventListener("click", closeCode);
    const title = rows.map((row) => (row.isSql ? row.name.split(" ")[0] : row.name)).join(" and ");
    $("code").replaceChildren(
      make("div", { class: "head" }, make("h2", { id: "code-title" }, title), close),
      make("div", { class: "panes" }, ...rows.map(pane)),
    );
    $("code").hidden = false;
    document.body.classList.add("with-code");
    for (const pre of $("code").querySelectorAll("pre")) {
      const here = pre.querySelector(".here");
      pre.scrollTop = here ? here.offsetTop - pre.offsetTop - pre.clientHeight / 3 : 0;
    }
  }

  function pane(one) {
    const stage = state[one.side];
    const { functions } = dataOf(one.side);
    const found = functions[one.isSql ? one.row[1] : one.row[0]];
    const link = (file, line, text) => make("a", { href: `../road/index.html#${new URLSearchParams({ stage, file, line }).toString().replaceAll("%2F", "/")}` }, text);
    const about = [link(one.file, one.line, `${stage}: ${one.file}:${one.line} in the Road`)];
    if (one.isSql && !FRAME.includes(one.name)) about.push(` ${one.name}`);
    const plumbing = one.isSql ? [] : one.row[6];
    if (plumbing.length) {
      about.push(". Folded, in plumbing/: ");
      for (const [number, called] of plumbing.entries()) {
        const [name, file, line] = functions[called];
        about.push(number ? ", " : "", link(file, line, name));
      }
    }
    const lines = found ? codes[found[4]].split("\n") : ["Django itself asks for this."];
    const pre = make("pre", { tabindex: 0, "aria-label": `Code of ${found ? found[0] : one.name} at ${stage}` });
    lines.forEach((text, number) => {
      const line = found ? found[3] + number : "";
      pre.append(make("span", { "data-n": line, class: one.isSql && line === one.line ? "here" : null }, text));
    });
    return make("div", { class: "pane" }, make("p", {}, ...about), pre);
  }

  function closeCode() {
    if ($("code").hidden) return;
    const hadFocus = $("code").contains(document.activeElement);
    $("code").hidden = true;
    document.body.classList.remove("with-code");
    select([]);
    if (hadFocus && opener?.element.isConnected) focus(opener);
  }

  function drawBodies() {
    const [left, right] = SIDES.map((side) => scenarioOf(side));
    const most = Math.max(left.sent.length, right.sent.length);
    const parts = [make("h2", { id: "head-bodies" }, "What went out")];
    if (!most) parts.push(make("p", {}, "Nothing: no worker has run yet."));
    for (let number = 0; number < most; number += 1) {
      const [a, b] = [left.sent[number], right.sent[number]];
      const isEqual = a && b && a[0] === b[0] && a[1] === b[1];
      const said = isEqual ? `Equal to the byte: ${new TextEncoder().encode(a[1]).length} bytes of ${a[0]}.` : "The two differ.";
      const body = (side, [, text, answer] = ["", "", "nothing: nothing was sent"]) => make(
        "div", {}, make("h3", {}, state[side]), make("pre", { tabindex: 0, "aria-label": `The body that ${state[side]} sent` }, text),
        make("p", {}, `The client answered ${answer}.`),
      );
      const bodies = SIDES.map((side, at) => body(side, [a, b][at]));
      parts.push(make("p", { class: isEqual ? "equal" : "differ" }, said), make("div", { class: "pair" }, ...bodies));
    }
    const ends = SIDES.map((side, at) => `${state[side]}: ${[left, right][at].ended}`);
    parts.push(make("p", {}, `At the end the delivery is, at ${ends.join("; at ")}. Ids are random, so each is shown as zeros.`));
    $("bodies").replaceChildren(...parts);
  }

  function drawBalance() {
    const cells = (key) => SIDES.map((side) => make("td", {}, scenarioOf(side).figures[key].toLocaleString("en")));
    const row = ([key, kind, text]) => make("tr", {}, make("th", { scope: "row" }, make("small", {}, `${kind} `), text), ...cells(key));
    const head = make("tr", {}, make("th", { scope: "col" }, "In this scenario"), ...SIDES.map((side) => make("th", { scope: "col" }, state[side])));
    $("balance").replaceChildren(
      make("h2", { id: "head-balance" }, "The price and the gain"),
      make("table", {}, make("thead", {}, head), make("tbody", {}, ...index.figures.map(row))),
      make("p", {}, "A call decides without a database if its module can be imported without Django, and if neither the call nor anything that it calls meets SQL, Django, a clock or a random number. Calls inside plumbing/ are not counted: plumbing/ is the same at every stage."),
      make("p", {}, "The same in the terminal: ", make("code", {}, `./ws trace ${state.left} ${state.scenario}`)),
    );
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    const { key } = event;
    if (key === "?") $("keys").click();
    else if (key === "Escape") closeCode();
    else if (key === "n" || key === "p") {
      const here = index.stops.map(([number]) => number).filter((number) => SIDES.some((side) => at(side, number)));
      const next = key === "n" ? here.find((number) => number > state.stop) : here.findLast((number) => number < state.stop);
      if (next) goTo(next);
    } else onRowKey(event);
  }

  function onRowKey(event) {
    const one = everyRow().find((row) => row.element === event.target);
    if (!one) return;
    const seen = seenOf(one.side);
    const place = seen.indexOf(one);
    const other = one.side === "left" ? "right" : "left";
    const moves = {
      ArrowDown: () => seen[place + 1],
      ArrowUp: () => seen[place - 1],
      Home: () => seen[0],
      End: () => seen.at(-1),
      s: () => one.stops.map((stop) => at(other, stop)).find(Boolean) || seenOf(other)[Math.min(place, seenOf(other).length - 1)],
      ArrowRight: () => (one.isOpen && one.inner.length ? seen[place + 1] : void (one.inner.length && toggle(one, true))),
      ArrowLeft: () => (one.isOpen && one.inner.length ? void toggle(one, false) : one.parent),
      Enter: () => void openCode(one),
      " ": () => void openCode(one),
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    const next = moves[event.key]();
    if (next) focus(next);
  }

  const fail = (problem) => $("twins").replaceChildren(make("p", { role: "alert" }, problem.message));

  async function start() {
    [index, codes] = await Promise.all(["index", "codes"].map(Data.load));
    $("scenario").append(...index.scenarios.map(([name, title]) => make("option", { value: name }, title)));
    for (const side of SIDES) {
      $(side).max = index.stages.length - 1;
      $(side).addEventListener("input", () => { state[side] = index.stages[$(side).value][0]; show(); });
    }
    $("scenario").addEventListener("change", () => { Object.assign(state, { scenario: $("scenario").value, stop: 0 }); show(); });
    $("choice").addEventListener("submit", (event) => event.preventDefault());
    $("all").addEventListener("click", () => { state.all = !state.all; $("all").setAttribute("aria-pressed", state.all); show(); });
    const tellKeys = () => $("keys").setAttribute("aria-expanded", !$("help").hidden);
    tellKeys();
    $("keys").addEventListener("click", () => { $("help").hidden = !$("help").hidden; tellKeys(); align(); });
    addEventListener("hashchange", () => { read(); show(); });
    addEventListener("keydown", onKey);
    addEventListener("resize", align);
    read();
    show();
  }

  start().catch(fail);
})();
