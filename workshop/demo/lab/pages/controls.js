"use strict";
// The forms and buttons. In a recorded run there are none.

// Pairs, because an object would put the numbers first.
const CONDUCTS = new Map([
  ["usual", "answers correctly"], ["500", "answers 500"], ["410", "answers 410"], ["wrong-ack", "200, wrong acknowledgement"],
  ["hangs", "hangs"], ["hangs-up", "hangs up"], ["103-first", "103 first, then the correct answer"],
]);
const MOVES = [["10 s", 10], ["91 s, a lease", 91], ["6 min", 360], ["1 h", 3600], ["13 h", 46800], ["5 days", 432000]];
const token = new URLSearchParams(location.search).get("token") ?? "";

function ordinary() {
  return {
    type: "payment.captured",
    occurred_at: new Date().toISOString(),
    data: {
      payment_id: `pay_${Math.floor(Math.random() * 1e6)}`, amount: "1250.10", currency: "EUR", status: "captured",
      customer: { id: "cus_1", name: "Zoë Müller", email: "zoe@example.com", iban: null }, reference: "Order 17", failure: null,
    },
  };
}

function changed(changes) {
  const event = ordinary();
  const { type, customer, ...data } = changes;
  event.type = type ?? event.type;
  Object.assign(event.data.customer, customer ?? {});
  Object.assign(event.data, data);
  return event;
}

const TEXT = '</pre><script>document.title="pwned"</script><img src=x onerror=alert(1)>&amp;"\'';
const EXAMPLES = {
  "An ordinary payment": () => changed({}),
  "Markup in the texts": () => changed({ reference: TEXT, customer: { name: "<b>Bobby</b> & <i>Söhne</i>" } }),
  "Right to left, emoji": () => changed({ reference: "طلب رقم ١٧ 🎁🧑🏽‍🚀", customer: { name: "\u202eמשה כהן" } }),
  "No decimals: JPY": () => changed({ amount: "128000", currency: "JPY" }),
  "Three decimals: KWD": () => changed({ amount: "1250.125", currency: "KWD" }),
  "Four decimals: CLF": () => changed({ amount: "1250.1234", currency: "CLF" }),
  "A failed payment": () => changed({ type: "payment.failed", status: "failed", failure: { code: "insufficient_funds", message: "Too little" } }),
  "A payout": () => changed({ type: "payout.paid", status: "paid" }),
  "Refused: 10 kB of text": () => changed({ reference: "<p>10 kB of text</p> ".repeat(500) }),
  "Refused: JPY with decimals": () => changed({ amount: "128000.50", currency: "JPY" }),
  "Refused: no such currency": () => changed({ currency: "XXX" }),
  "Refused: a number as amount": () => changed({ amount: 10.1 }),
  "Refused: three members are wrong": () => changed({ amount: "-1", status: "", colour: "red" }),
};

async function act(asked) {
  $("error").hidden = true;
  try {
    const response = await fetch(`/lab/do?token=${encodeURIComponent(token)}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked),
    });
    const said = await response.json();
    if (!response.ok) throw new Error(said.error);
    return said;
  } catch (error) {
    $("error").textContent = error instanceof TypeError ? "The demo does not answer. Has it ended?" : error.message;
    $("error").hidden = false;
    return null;
  }
}

function writeBody(event) {
  $("body").value = JSON.stringify(event, null, 2);
  sizeShown();
}

function sizeShown() {
  $("size").textContent = `${new TextEncoder().encode($("body").value).length} bytes`;
}

function fillForm(event) {
  $("type").value = event.type;
  $("amount").value = event.data.amount;
  $("currency").value = event.data.currency;
  $("name").value = event.data.customer.name;
  $("reference").value = event.data.reference ?? "";
}

// A field of the form changes the text below it, which is what is posted.
function fromForm() {
  let event;
  try {
    event = JSON.parse($("body").value);
    Object.assign(event.data, { amount: $("amount").value, currency: $("currency").value, reference: $("reference").value || null });
    event.data.customer.name = $("name").value;
    const type = $("type").value;
    if (event.type !== type) {
      event.type = type;
      event.data.failure = type === "payment.failed" ? { code: "declined", message: "The bank declined." } : null;
      event.data.status = type.split(".")[1];
    }
  } catch {
    event = ordinary();
  }
  writeBody(event);
}

function setUpControls(model, choose, again) {
  for (const tab of document.querySelectorAll("[data-panel]")) {
    tab.addEventListener("click", () => {
      for (const each of document.querySelectorAll("[data-panel]")) {
        each.setAttribute("aria-pressed", String(each === tab));
        $(each.dataset.panel).hidden = each !== tab;
      }
      $("controls").scrollIntoView({ block: "start" });
    });
  }
  $("example").replaceChildren(...Object.keys(EXAMPLES).map((name) => node("option", {}, name)));
  const start = () => {
    const event = EXAMPLES[$("example").value]();
    fillForm(event);
    writeBody(event);
  };
  $("example").addEventListener("change", start);
  for (const id of ["type", "amount", "currency", "name", "reference"]) $(id).addEventListener("input", fromForm);
  $("body").addEventListener("input", sizeShown);
  $("posting").addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const done = await act({ do: "post", text: $("body").value, key: $("key").value });
    if (done) choose(done.event, null);
  });
  setUpClient(model, again);
  $("moves").replaceChildren(...MOVES.map(([words, seconds]) =>
    node("button", { type: "button", onclick: () => act({ do: "move", seconds }) }, `+ ${words}`)));
  return start;
}

function setUpClient(model, again) {
  const slug = () => $("slug").value;
  $("client").addEventListener("submit", (submitted) => submitted.preventDefault());
  $("slug").addEventListener("change", () => { optionsShown(model); again(); });
  $("conducts").replaceChildren(...[...CONDUCTS].map(([conduct, words]) => node("button", {
    type: "button", "data-conduct": conduct, onclick: () => act({ do: "conduct", slug: slug(), conduct }),
  }, words)));
  $("rotate").addEventListener("click", () =>
    act({ do: "rotate", slug: slug(), overlap: Number($("overlap").value), learns: $("learns").checked }));
  $("learn").addEventListener("click", () => act({ do: "learn", slug: slug() }));
  $("save-options").addEventListener("click", () => act({ do: "options", slug: slug(), text: $("options").value }));
  $("preview").addEventListener("click", () => act({ do: "preview", slug: slug(), text: $("body").value }));
  $("enable").addEventListener("click", () => act({ do: "enable", slug: slug() }));
}

// After the first record: what the run offers.
function fillChoices(model) {
  $("type").replaceChildren(...model.types.map((type) => node("option", {}, type)));
  $("currencies").replaceChildren(...model.currencies.map((code) => node("option", { value: code })));
  $("post").textContent = model.sides.length > 1 ? "Post to both servers" : `Post to ${model.sides[0]}/`;
  $("slug").replaceChildren(...model.clients.map(({ slug, format }) => node("option", { value: slug }, `${slug} (${format})`)));
  $("starts").replaceChildren(...model.sides.map((side) =>
    node("button", { type: "button", onclick: () => act({ do: "start", side }) }, `Start a worker of ${side}/`)));
}

function optionsShown(model) {
  $("options").value = JSON.stringify(model.options[$("slug").value] ?? {}, null, 2);
}

function controlsShown(model) {
  const slug = $("slug").value, client = model.clients.find((each) => each.slug === slug);
  for (const button of $("conducts").children) {
    button.setAttribute("aria-pressed", String((model.conduct[slug] ?? "usual") === button.dataset.conduct));
  }
  if (client) {
    const states = model.sides.map((side) => [side, model.status[`${side} ${slug}`]]).filter(([, state]) => state)
      .map(([side, { status, reason }]) => `${side}/: ${status}${reason ? ` (${reason})` : ""}`);
    $("about").textContent = `${client.name}. Gets ${client.event_types.join(", ")}. Acknowledges with ${client.acknowledges}. ${states.join(", ")}`;
  }
  $("workers").replaceChildren(...[...model.workers.values()].map(({ side, pid, state }) => node("li", {},
    `${side}/, process ${pid}: `, node("b", { class: state === "running" ? "good" : "bad" }, state), " ",
    state === "running" ? node("button", { type: "button", onclick: () => act({ do: "kill", pid }) }, `Kill ${pid}`) : null)));
}

// After the end of the demo no server answers.
function disableControls() {
  for (const control of $("controls").querySelectorAll("button, input, select, textarea")) control.disabled = true;
}
