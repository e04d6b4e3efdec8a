"use strict";
// Adds up the scorecard's figures for a reader's own requests. The page has the figures in it; scorecard/backlog.py writes them.
{
  const figures = JSON.parse(document.getElementById("backlog-figures").textContent);
  const form = document.getElementById("backlog"), sums = document.getElementById("backlog-sums");
  const EXAMPLE = {
    "one more of a kind": 3, "a new field": 2, "a setting of a client": 2, "a rule about time": 1, "one action, several callers": 2,
    "a record or a list": 2,
  };
  const NEAR = 1.1; // as everywhere in the scorecard
  const { rungs, kinds, moved } = figures;
  const mean = (...of) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const shown = (number) => Math.round(number).toLocaleString("en");
  const row = (cells) => `<tr><th scope="row">${cells[0]}</th>${cells.slice(1).map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  const total = (count, rung, measure) => [...form.elements].reduce(
    (sum, field) => sum + field.value * measure(...figures[count][field.name][rung]), 0);

  function cheapest(values) {
    const least = Math.min(...values), won = rungs.filter((_, at) => values[at] <= least * NEAR);
    return won.length === rungs.length ? "no difference" : won.join(", ");
  }

  function show() {
    const many = [...form.elements].reduce((sum, field) => sum + Number(field.value), 0);
    if (![...form.elements].every((field) => field.checkValidity()) || !many) {
      sums.innerHTML = "<p>Enter at least one request, and whole numbers from 0 to 99.</p>";
      return;
    }
    const ranged = (count) => rungs.map((rung) => {
      const [least, most] = [Math.min, Math.max].map((measure) => shown(total(count, rung, measure)));
      return `${shown(total(count, rung, mean))} <small>(${least}–${most})</small>`;
    });
    const lines = rungs.map((rung) => total("lines", rung, mean)), tests = rungs.map((rung) => total("test_lines", rung, mean));
    const together = rungs.map((rung, at) => lines[at] + moved[rung]);
    const head = [`Lines for ${many === 1 ? "1 request" : `${many} requests`}`, ...rungs].map((title) => `<th scope="col">${title}</th>`);
    sums.innerHTML = `<div class="pst-scrollable-table-container" tabindex="0"><table class="table"><thead><tr>${head.join("")}</tr></thead><tbody>` +
      row(["production", ...ranged("lines")]) + row(["own tests", ...ranged("test_lines")]) +
      row(["the move from before, production", ...rungs.map((rung) => shown(moved[rung]))]) +
      row(["production with the move", ...together.map(shown)]) + "</tbody></table></div>" +
      `<p>Cheapest in production lines: <strong>${cheapest(lines)}</strong>. In lines of tests: <strong>${cheapest(tests)}</strong>. ` +
      `In production lines with the move: <strong>${cheapest(together)}</strong>.</p>`;
  }

  form.innerHTML = Object.entries(kinds).map(([kind, requests]) =>
    `<label><input type="number" name="${kind}" min="0" max="99" value="${EXAMPLE[kind] || 0}"> ${kind} <small>(${requests.length > 1 ? "requests" : "request"} ${requests.join(", ")})</small></label>`).join("");
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
