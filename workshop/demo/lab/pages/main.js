"use strict";
// Live: records come from the server. Recorded: they are in the page, and a slider chooses the place.

let model = emptyModel();
let chosen = null; // { event, slug }, slug is null for the event itself; or { shown } for an answer without an event
let dirty = new Set(); // the events whose rows are out of date; null: all
let isScheduled = false;
let isFilled = false;
let hasEnded = false;
const ENDED = "The demo has ended. The run is in var/demo/recording.html.";
const MOST_FAILURES = 3; // attempts to connect again, about three seconds apart, before the demo is taken to have ended
const recorded = $("recording") ? JSON.parse($("recording").textContent) : null;

function choose(event, slug) {
  const earlier = chosen;
  chosen = { event, slug };
  dirty?.add(event);
  if (earlier?.event) dirty?.add(earlier.event);
  if (!recorded && !hasEnded && model.events.get(event)?.accepted) void act({ do: "look", event });
  schedule();
  // After the next picture, because the place of the detail depends on its content.
  requestAnimationFrame(() => requestAnimationFrame(() => $("detail").scrollIntoView({ block: "start" })));
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    show();
  });
}

function take(record) {
  const shownBefore = model.shown?.n;
  const event = reduce(model, record);
  if (event !== null) dirty?.add(event);
  if (model.shown && model.shown.n !== shownBefore) chosen = { shown: true };
  if (record.kind === "options" && record.slug === $("slug").value) optionsShown(model);
  if (record.kind === "forgotten" || record.kind === "client") dirty = null;
  schedule();
}

function show() {
  if (!isFilled && model.sides.length) {
    isFilled = true;
    fillChoices(model);
    optionsShown(model);
    headsShown(model);
    startForm();
  }
  if (!model.sides.length) return;
  rowsShown();
  detailShown();
  controlsShown(model);
  if (hasEnded) disableControls();
  $("clock").textContent = model.ahead ? `Clock: ${duration(model.ahead)} ahead` : "Clock: real time";
  $("story").replaceChildren(...model.story.slice(-60).reverse().map(({ at, sentence }) =>
    node("li", {}, node("span", { class: "quiet" }, `${at.toFixed(1)} s `), sentence)));
}

function rowsShown() {
  const words = $("filter").value.trim().toLowerCase(), only = $("only").value;
  const rows = $("rows"), byNumber = new Map([...rows.children].map((row) => [Number(row.dataset.event), row]));
  const focused = document.activeElement?.closest?.("#rows button");
  const place = focused && { event: focused.closest("tr").dataset.event, at: [...focused.closest("tr").querySelectorAll("button")].indexOf(focused) };
  const wanted = [...model.events.values()].reverse().filter((event) => isWanted(model, event, words, only));
  rows.replaceChildren(...wanted.map((event) => {
    const old = dirty && !dirty.has(event.number) ? byNumber.get(event.number) : null;
    return old ?? rowShown(model, event, chosen, choose);
  }));
  dirty = new Set();
  $("count").textContent = `${wanted.length} of ${model.events.size} events`;
  if (place) [...(rows.querySelector(`[data-event="${place.event}"]`)?.querySelectorAll("button") ?? [])][place.at]?.focus({ preventScroll: true });
}

let detailKey = "";

function detailShown() {
  const event = chosen?.event ? model.events.get(chosen.event) : null;
  const key = JSON.stringify([chosen, mode, hasEnded, model.shown?.n, event && [...event.cells].map(([slug, cell]) => slug === chosen.slug && cell)]);
  if (key === detailKey) return;
  detailKey = key;
  const title = $("detail-title"), shown = $("shown");
  if (chosen?.shown && model.shown) {
    title.textContent = model.shown.title;
    shown.replaceChildren(...answersShown(model, model.shown).filter(Boolean));
  } else if (event && chosen.slug) {
    title.textContent = `Event ${event.number} for ${chosen.slug}`;
    const parts = cellShown(model, event, chosen.slug, schedule).filter(Boolean);
    const words = retryWords(model, event, chosen.slug);
    if (!recorded && !hasEnded && words) parts.unshift(node("p", { class: "buttons" }, node("button", {
      type: "button", onclick: () => act({ do: "retry", event: event.number, slug: chosen.slug }),
    }, words)));
    shown.replaceChildren(...parts);
  } else if (event) {
    title.textContent = `Event ${event.number}: ${event.accepted ? "accepted" : "refused"}`;
    shown.replaceChildren(...eventShown(model, event).filter(Boolean));
  } else {
    title.textContent = chosen?.event ? `Event ${chosen.event} is not in the run at this moment` : "Nothing is chosen yet";
  }
}

let stream = null;

function listen() {
  stream = new EventSource(`/lab/stream?token=${encodeURIComponent(token)}`);
  let wasOpen = false, failures = 0;
  const end = () => {
    stream.close();
    hasEnded = true;
    document.body.classList.add("ended");
    $("state").textContent = ENDED;
    disableControls();
    schedule();
  };
  stream.addEventListener("open", () => {
    wasOpen = true;
    failures = 0;
    $("state").textContent = "Live";
  });
  stream.addEventListener("message", (message) => {
    const record = JSON.parse(message.data);
    if (record.n > model.last) take(record);
  });
  stream.addEventListener("end", end);
  stream.addEventListener("error", () => {
    failures += 1;
    // A later demo at the same address refuses the token of this page, which closes the stream.
    if (wasOpen && (stream.readyState === EventSource.CLOSED || failures > MOST_FAILURES)) return end();
    $("state").textContent = stream.readyState === EventSource.CLOSED
      ? "The lab refused this page. Open the address that the terminal shows, or close other pages of the lab."
      : "No connection. Trying again …";
    return undefined;
  });
}

function replay(records) {
  document.body.classList.add("recorded");
  $("replay").hidden = false;
  $("state").textContent = "A recorded run. It needs no server.";
  const place = $("place");
  place.max = records.length;
  let timer = null;
  const go = (to) => {
    if (to < place.at) { model = emptyModel(); place.at = 0; }
    for (let at = place.at; at < to; at += 1) reduce(model, records[at]);
    Object.assign(place, { at: to, value: to });
    dirty = null;
    $("where").textContent = `${to} of ${records.length}, ${model.seconds.toFixed(1)} s`;
    schedule();
  };
  const stop = () => { clearTimeout(timer); timer = null; $("play").textContent = "Play"; };
  const step = () => {
    if (place.at >= records.length) return stop();
    go(place.at + 1);
    const wait = records[place.at] ? (records[place.at].t - records[place.at - 1].t) * 1000 : 0;
    timer = setTimeout(step, Math.min(Math.max(wait, 5), 1500));
    return undefined;
  };
  place.at = 0;
  place.addEventListener("input", () => { stop(); go(Number(place.value)); });
  $("back").addEventListener("click", () => { stop(); go(Math.max(place.at - 1, 0)); });
  $("on").addEventListener("click", () => { stop(); go(Math.min(place.at + 1, records.length)); });
  $("play").addEventListener("click", () => {
    if (timer) return stop();
    if (place.at >= records.length) go(0);
    $("play").textContent = "Pause";
    return step();
  });
  go(records.length);
  if (location.hash === "#play") $("play").click();
}

// On a narrow page the detail is below the table. The keyboard goes on at the chosen cell.
$("to-table").addEventListener("click", () => {
  $("events").scrollIntoView({ block: "start" });
  document.querySelector('#rows [aria-pressed="true"]')?.focus({ preventScroll: true });
});
const startForm = setUpControls(model, choose, schedule);
for (const id of ["filter", "only"]) $(id).addEventListener("input", () => schedule());
if (recorded) {
  replay(recorded);
} else {
  $("save").href = `/lab/recording.html?token=${encodeURIComponent(token)}`;
  listen();
}
