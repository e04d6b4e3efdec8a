"use strict";
// The picture of a run, made from its records: live from the server's stream, or from a recorded file.

function emptyModel() {
  return {
    sides: [], clients: [], types: [], currencies: [], events: new Map(), conduct: {}, options: {}, status: {},
    workers: new Map(), ahead: 0, story: [], shown: null, last: 0, seconds: 0,
  };
}

function cellOf(event, slug, sides) {
  if (!event.cells.has(slug)) {
    const bySide = Object.fromEntries(sides.map((side) => [side, { requests: [], delivery: null }]));
    event.cells.set(slug, { bySide, verdict: null });
  }
  return event.cells.get(slug);
}

function summaryOf(posted) {
  try {
    const { type, data } = JSON.parse(posted);
    return { type: String(type), amount: `${data.amount} ${data.currency}`, payment: String(data.payment_id ?? "") };
  } catch {
    return { type: "no event", amount: "", payment: "" };
  }
}

function isDisabled(model, slug) {
  return model.sides.some((side) => (model.status[`${side} ${slug}`]?.status ?? "active") !== "active");
}

// Each kind of record changes the model, and may return a sentence for "What happened".
const REDUCE = {
  start(model, { sides, clients, types, currencies }) {
    Object.assign(model, { sides, clients, types, currencies });
  },
  event(model, { event, posted, ids, answers, agree, aside, same_as: sameAs }) {
    const accepted = Object.keys(ids).length > 0;
    const disabled = new Set(model.clients.map(({ slug }) => slug).filter((slug) => isDisabled(model, slug)));
    const item = { number: event, posted, ids, answers, agree, aside, sameAs, accepted, disabled, cells: new Map(), ...summaryOf(posted) };
    model.events.set(event, item);
    if (sameAs) return `Event ${sameAs} was posted again, with the same key`;
    return accepted ? `Event ${event} was posted: ${item.type}, ${item.amount}` : `Event ${event} was refused`;
  },
  request(model, record) {
    const event = model.events.get(record.event);
    if (event) cellOf(event, record.slug, model.sides).bySide[record.side].requests.push(record);
  },
  verdict(model, { event, slug, same, why }) {
    const item = model.events.get(event);
    if (item) cellOf(item, slug, model.sides).verdict = { same, why };
    return same ? null : `Event ${event}: ${slug} got something different from each server`;
  },
  delivery(model, record) {
    const event = model.events.get(record.event);
    if (!event) return null;
    const of = cellOf(event, record.slug, model.sides).bySide[record.side];
    const attempts = record.attempts ?? of.delivery?.attempts ?? null;
    const wasDead = of.delivery?.status === "dead";
    of.delivery = { ...record, attempts };
    return record.status === "dead" && !wasDead ? `Event ${record.event}: ${record.side}/ gave up the delivery to ${record.slug}` : null;
  },
  options(model, { slug, options }) {
    model.options[slug] = options;
  },
  changed(model, { slug, answers, agree, aside }) {
    model.shown = { title: `New options of ${slug}`, answers, agree, aside, n: model.last };
    return `New options of ${slug} were sent to each server`;
  },
  preview(model, { slug, answers, agree, aside }) {
    model.shown = { title: `Preview for ${slug}: nothing is sent`, answers, agree, aside, n: model.last };
    return `An event was previewed for ${slug}`;
  },
  conduct(model, { slug, conduct }) {
    model.conduct[slug] = conduct;
    return `${slug} now: ${CONDUCTS.get(conduct) ?? conduct}`;
  },
  client(model, { side, slug, status, reason }) {
    const before = model.status[`${side} ${slug}`];
    model.status[`${side} ${slug}`] = { status, reason };
    // The lab hears of it a moment later: an event without a delivery may have been posted in between.
    if (status !== "active") for (const event of model.events.values()) if (!event.cells.has(slug)) event.disabled.add(slug);
    return before || status !== "active" ? `${side}/ says that ${slug} is ${status}${reason ? ` (${reason})` : ""}` : null;
  },
  clock(model, { ahead, by }) {
    model.ahead = ahead;
    return `The clock moved forward by ${duration(by)}`;
  },
  worker(model, { side, pid, state }) {
    const isNew = !model.workers.has(pid);
    model.workers.set(pid, { side, pid, state });
    return `Worker ${pid} of ${side}/ ${state === "running" ? (isNew ? "started" : "runs") : "was killed"}`;
  },
  secret(model, { slug, overlap, learned }) {
    if (overlap === null) return `${slug} now has its newest secret`;
    return `The secret of ${slug} was rotated; ` +
      (overlap ? `the old one also signs for ${duration(overlap)}` : "the old one no longer signs") +
      (learned ? "" : ", and the client does not have the new one");
  },
  forgotten(model, { up_to: upTo }) {
    for (const number of [...model.events.keys()]) if (number <= upTo) model.events.delete(number);
  },
};

const MOST_SENTENCES = 200;

function reduce(model, record) {
  model.last = record.n;
  model.seconds = record.t;
  const sentence = REDUCE[record.kind]?.(model, record);
  if (sentence) {
    model.story.push({ at: record.t, sentence });
    if (model.story.length > MOST_SENTENCES) model.story.shift();
  }
  return record.event ?? null;
}

// A client subscribes to a type (payout.paid), a group (payment.*) or all (*).
function isSubscribed(model, event, slug) {
  const types = model.clients.find((client) => client.slug === slug).event_types;
  return [event.type, `${event.type.split(".")[0]}.*`, "*"].some((type) => types.includes(type));
}

// The status of the delivery on each side; null until the side has said or sent something.
function statusesOf(model, cell) {
  return model.sides.map((side) => cell.bySide[side]).map(({ requests, delivery }) =>
    delivery?.status ?? (requests.some(({ acknowledged }) => acknowledged) ? "delivered" : requests.length ? "pending" : null));
}

const isWithoutRequest = (status) => status === "skipped" || status === "cancelled";

// The state of one cell, in a word for the style and in words for people.
function stateOf(model, event, slug) {
  const cell = event.cells.get(slug);
  if (!cell) {
    if (!isSubscribed(model, event, slug)) return { name: "absent", sign: "·", words: "not subscribed", tries: 0 };
    if (event.disabled.has(slug)) return { name: "absent", sign: "·", words: "no delivery, because the client was disabled", tries: 0 };
    return { name: "waiting", sign: "…", words: "on its way or waiting", tries: 0 };
  }
  const sides = model.sides.map((side) => cell.bySide[side]), statuses = statusesOf(model, cell);
  const tries = Math.max(...sides.map(({ requests, delivery }) => Math.max(requests.length, delivery?.attempt_count ?? 0)));
  if (cell.verdict && !cell.verdict.same) return { name: "differ", sign: "≠", words: "different", tries };
  if (statuses.includes("dead")) return { name: "failed", sign: "✕", words: "given up", tries };
  if (statuses.some((status) => status === "pending" || status === null)) {
    return { name: "waiting", sign: "…", words: "on its way or waiting", tries };
  }
  if (statuses.every(isWithoutRequest)) {
    return { name: "none", sign: "–", words: statuses[0], tries };
  }
  const word = model.sides.length > 1 ? "delivered, the same from both" : "delivered";
  return { name: "same", sign: model.sides.length > 1 ? "=" : "✓", words: word, tries };
}

function duration(seconds) {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 3600) return `${Number((seconds / 60).toFixed(1))} min`;
  return seconds < 86400 ? `${Number((seconds / 3600).toFixed(1))} h` : `${Number((seconds / 86400).toFixed(1))} days`;
}
