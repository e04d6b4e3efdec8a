"use strict";
// One event, or one event for one client, from both servers side by side.

const OWN = {
  "webhook-id": "each server gives the event an id of its own",
  "webhook-timestamp": "the time of the attempt",
  "webhook-signature": "covers id, time and body, so it must differ",
};
const MODES = { readable: "readable", text: "as sent", bytes: "bytes" };
const SHORTEST_LINE = 10_000; // milliseconds: two attempts within a moment are next to each other
const SLACK = 1000; // milliseconds between a server's note of an attempt and the arrival of its request
let mode = "readable";

function answersShown(model, { answers, agree, aside }) {
  const said = agree
    ? node("p", { class: "good" }, `Both servers gave the same answer${aside ? `. Not compared: ${aside}.` : ", byte for byte."}`)
    : node("p", { class: "bad" }, "The servers gave different answers.");
  const columns = model.sides.map((side) => {
    const answer = answers[side];
    if (!answer) return node("div", {}, node("h3", {}, `${side}/`), node("p", {}, "no answer"));
    const text = textOf(bytesOf(answer.body));
    return node("div", {}, node("h3", {}, `${side}/`),
      node("p", {}, answer.status ? `${answer.status} ${answer.content_type}` : "no answer"),
      answer.skipped ? node("p", {}, `skipped: ${answer.skipped}`) : null,
      node("pre", { tabindex: "0", dir: "auto" }, ...visible(readable(text, answer.content_type))));
  });
  return [model.sides.length > 1 ? said : null, node("div", { class: "sides" }, ...columns)];
}

function eventShown(model, event) {
  return [
    event.sameAs ? node("p", {}, `The Idempotency-Key of event ${event.sameAs} was used again, so the servers created no new event.`) : null,
    ...answersShown(model, event),
    node("h3", {}, "What was posted"),
    node("pre", { tabindex: "0", dir: "auto", class: "posted" }, ...visible(readable(event.posted, "json"))),
  ];
}

function cellShown(model, event, slug, again) {
  const cell = event.cells.get(slug) ?? cellOf({ cells: new Map() }, slug, model.sides);
  const client = model.clients.find((each) => each.slug === slug);
  const requests = model.sides.map((side) => cell.bySide[side].requests);
  const last = requests.map((list) => list.at(-1));
  const parts = [verdictShown(model, cell, requests)];
  if (!last.some(Boolean)) {
    const statuses = model.sides.map((side) => {
      const delivery = cell.bySide[side].delivery;
      return delivery ? `${side}/: ${delivery.status}${delivery.skip_reason ? ` (${delivery.skip_reason})` : ""}` : `${side}/: none yet`;
    });
    return [node("p", {}, `No request has arrived. ${statuses.join(", ")}.`), timeline(model, cell)];
  }
  const modes = node("div", { class: "buttons", role: "group", "aria-label": "How to show the bodies" },
    ...Object.entries(MODES).map(([name, words]) => node("button", {
      type: "button", "aria-pressed": String(mode === name), onclick: () => { mode = name; again(); },
    }, words)));
  const bodies = last.map((request) => request && bytesOf(request.body));
  const columns = model.sides.map((side, place) => {
    const request = last[place];
    if (!request) return node("div", {}, node("h3", {}, `${side}/`), node("p", {}, "has sent nothing yet"));
    return node("div", {}, node("h3", {}, `${side}/`),
      node("p", {}, node("b", { class: request.refusal ? "bad" : "good" },
        request.refusal ? `Signature invalid: ${request.refusal}` : "Signature valid"),
      `. Signatures in the header: ${request.headers["webhook-signature"]?.split(" ").length ?? 0}. Client: ${request.answer}.`),
      bodyShown(request, bodies[place], bodies[1 - place]));
  });
  const count = Math.max(...requests.map((list) => list.length));
  parts.push(node("h3", {}, count > 1 ? "The latest request" : "The request"),
    modes, node("div", { class: "sides" }, ...columns), timeline(model, cell), node("h3", {}, "Headers"), headersShown(model, last));
  parts.push(node("p", { class: "quiet" }, `This client acknowledges ${client.format} with: ${client.acknowledges}.`));
  return parts;
}

// A retry on request sends a delivered event once more; a delivery that was skipped or cancelled has no retry.
function retryWords(model, event, slug) {
  const cell = event.cells.get(slug);
  const statuses = cell ? statusesOf(model, cell) : [];
  if (!statuses.length || statuses.every(isWithoutRequest)) return null;
  return statuses.includes("delivered") ? "Send it again" : "Make it due now";
}

function verdictShown(model, cell, requests) {
  if (model.sides.length < 2) return null;
  if (cell.verdict?.same) {
    return node("p", { class: "good verdict" }, "The same from both servers, byte for byte. Not compared: ids, times, signatures.");
  }
  if (cell.verdict) return node("p", { class: "bad verdict" }, `Different. ${cell.verdict.why}`);
  const waiting = model.sides.filter((side, place) => !requests[place].length);
  return node("p", { class: "verdict" }, `Not compared yet: ${waiting.map((side) => `${side}/`).join(" and ")} has sent nothing.`);
}

function headersShown(model, last) {
  const names = [...new Set(last.flatMap((request) => Object.keys(request?.headers ?? {})))].sort();
  const rows = names.map((name) => {
    const values = last.map((request) => request?.headers[name] ?? "");
    const isSame = values.every((value) => value === values[0]);
    const note = model.sides.length < 2 ? "" : OWN[name] ?? (isSame ? "the same" : "different");
    const differs = !isSame && !OWN[name] && last.every(Boolean);
    return node("tr", {}, node("th", { scope: "row" }, name), ...values.map((value) => node("td", {}, ...visible(value))),
      node("td", { class: differs ? "bad" : "quiet" }, note));
  });
  return node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Headers" }, node("table", { class: "headers" },
    node("thead", {}, node("tr", {}, node("th", { scope: "col" }, "Header"),
      ...model.sides.map((side) => node("th", { scope: "col" }, `${side}/`)), node("th", { scope: "col" }, "Compared"))),
    node("tbody", {}, ...rows)));
}

function bodyShown(request, bytes, other) {
  if (mode === "bytes") return node("pre", { tabindex: "0", class: "dump" }, ...dump(bytes, other, other ? 8 : 16));
  const text = textOf(bytes);
  const shown = mode === "text" ? text : readable(text, request.headers["content-type"] ?? "");
  return node("pre", { tabindex: "0", dir: "auto" }, ...marked(shown, request.headers["webhook-id"]));
}

// The attempts of each server: as the server recorded them, and the requests that it has not recorded yet.
function pointsOf({ requests, delivery }) {
  const recorded = (delivery?.attempts ?? []).map((attempt) => ({
    at: Date.parse(attempt.started_at), took: attempt.duration_ms, is: attempt.error ? "failed" : "same",
    words: attempt.error ?? "acknowledged", status: attempt.response_status, excerpt: attempt.response_excerpt,
  }));
  const isRecorded = (at) => recorded.some((attempt) => at > attempt.at - SLACK && at < attempt.at + attempt.took + SLACK);
  const arrived = requests.filter((request) => !isRecorded(Date.parse(request.at))).map((request) => ({
    at: Date.parse(request.at), took: null, is: request.acknowledged ? "same" : "waiting", words: request.answer, status: null, excerpt: "",
  }));
  const planned = delivery?.next_attempt_at
    ? [{ at: Date.parse(delivery.next_attempt_at), took: null, is: "planned", words: "the next attempt is due", status: null, excerpt: "" }]
    : [];
  return [...recorded, ...arrived, ...planned].sort((one, other) => one.at - other.at);
}

function timeline(model, cell) {
  const lanes = model.sides.map((side) => [side, pointsOf(cell.bySide[side])]);
  const times = lanes.flatMap(([, points]) => points.map(({ at }) => at));
  if (!times.length) return null;
  const first = Math.min(...times), span = Math.max(Math.max(...times) - first, SHORTEST_LINE);
  const place = (at) => Math.log1p((at - first) / 1000) / Math.log1p(span / 1000);
  const drawn = lanes.map(([side, points]) => node("div", { class: "lane" }, node("span", { class: "side" }, `${side}/`),
    node("div", { class: "line" }, ...points.map((point) => {
      const dot = node("span", { class: `dot ${point.is}`, title: `${point.words}, +${duration((point.at - first) / 1000)}` });
      dot.style.left = `${place(point.at) * 100}%`;
      return dot;
    }))));
  const rows = lanes.flatMap(([side, points]) => points.map((point) => node("tr", {},
    node("td", {}, `${side}/`), node("td", { class: "number" }, `+${duration((point.at - first) / 1000)}`),
    node("td", {}, point.status ?? ""), node("td", { class: point.is === "failed" ? "bad" : "" }, ...visible(point.words)),
    node("td", { class: "number" }, point.took === null ? "" : `${point.took} ms`),
    node("td", { class: "excerpt" }, ...visible(point.excerpt.slice(0, 200))))));
  return node("div", { class: "timeline" }, node("h3", {}, "Attempts"),
    node("div", { "aria-hidden": "true" }, ...drawn),
    node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Attempts" }, node("table", {},
      node("thead", {}, node("tr", {}, ...["Server", "Time", "Status", "Outcome", "Took", "Answer"].map((head) => node("th", { scope: "col" }, head)))),
      node("tbody", {}, ...rows))));
}
