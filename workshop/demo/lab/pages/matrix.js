"use strict";
// Events as rows, clients as columns.

function headsShown(model) {
  $("heads").replaceChildren(node("th", { scope: "col" }, "Event"), ...model.clients.map(({ slug, format }) =>
    node("th", { scope: "col", class: "client" }, node("span", {}, slug), node("small", {}, format))));
}

function rowShown(model, event, chosen, choose) {
  const isChosen = (slug) => String(chosen?.event === event.number && chosen?.slug === slug);
  const head = node("th", { scope: "row" }, node("button", {
    type: "button", class: "event", "aria-pressed": isChosen(null), onclick: () => choose(event.number, null),
  }, node("b", {}, String(event.number)), " ", node("span", {}, event.type), " ", node("span", { class: "quiet", dir: "auto" }, event.amount.slice(0, 40))));
  if (!event.accepted || event.sameAs) {
    return node("tr", { "data-event": event.number }, head, node("td", { colspan: model.clients.length, class: event.accepted ? "quiet" : "refused" },
      event.accepted ? `the same as event ${event.sameAs}: its key was used again` : "refused"));
  }
  const cells = model.clients.map(({ slug }) => {
    const state = stateOf(model, event, slug);
    if (state.name === "absent") {
      return node("td", {}, node("span", { class: "cell absent", role: "img", title: `${slug}: ${state.words}`,
        "aria-label": `Event ${event.number}, ${slug}: ${state.words}` }, state.sign));
    }
    return node("td", {}, node("button", {
      type: "button", class: `cell ${state.name}`, "aria-pressed": isChosen(slug), title: `${slug}: ${state.words}`,
      "aria-label": `Event ${event.number}, ${slug}: ${state.words}, tries: ${state.tries}`, onclick: () => choose(event.number, slug),
    }, state.sign, state.tries > 1 ? node("sub", {}, String(state.tries)) : null));
  });
  return node("tr", { "data-event": event.number }, head, ...cells);
}

function isWanted(model, event, words, only) {
  if (words && !`${event.number} ${event.posted} ${Object.values(event.ids).join(" ")}`.toLowerCase().includes(words)) return false;
  if (!only) return true;
  if (only === "refused") return !event.accepted;
  if (!event.accepted || event.sameAs) return false;
  return model.clients.some(({ slug }) => {
    const state = stateOf(model, event, slug);
    return only === "failed" ? state.name === "failed" || state.tries > 1 : state.name === only;
  });
}
