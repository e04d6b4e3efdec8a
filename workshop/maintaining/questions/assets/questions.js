"use strict";
// Answers a question when a choice is pressed, counts for this visit only, and moves by key. Nothing is stored or sent.
{
  const questions = [...document.querySelectorAll(".question")];
  const help = document.getElementById("help"), keys = document.getElementById("keys");
  let answered = 0, right = 0;

  const reason = (question, letter) => question.querySelector(`dd[data-letter="${letter}"]`).innerHTML;

  const add = (verdict, kind, letter, text) => {
    const line = document.createElement("p");
    line.className = kind;
    line.innerHTML = `<b>${letter}</b>: ${text}`; // the text is a part of this page
    verdict.append(line);
  };

  const answer = (question, chosen) => {
    if (question.classList.contains("answered")) return;
    question.classList.add("answered");
    for (const button of question.querySelectorAll(".choices button")) {
      button.setAttribute("aria-disabled", "true");
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    const verdict = question.querySelector(".verdict"), isRight = "right" in chosen.dataset;
    add(verdict, isRight ? "right" : "wrong", chosen.dataset.letter, reason(question, chosen.dataset.letter));
    if (!isRight) {
      const letter = question.querySelector("[data-right]").dataset.letter;
      add(verdict, "right", letter, reason(question, letter));
    }
    answered += 1;
    right += isRight;
    document.getElementById("score").textContent = `${right} of ${answered} right, of ${questions.length} questions.`;
  };

  const move = (by) => {
    const at = questions.indexOf(document.activeElement.closest?.(".question"));
    const next = questions[Math.min(questions.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const showHelp = () => {
    help.hidden = !help.hidden;
    keys.setAttribute("aria-expanded", String(!help.hidden));
  };

  for (const question of questions) {
    for (const button of question.querySelectorAll(".choices button")) {
      button.addEventListener("click", () => answer(question, button));
    }
  }
  keys.setAttribute("aria-expanded", "false");
  keys.addEventListener("click", showHelp);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "n") move(1);
    else if (event.key === "p") move(-1);
    else if (event.key === "?") showHelp();
    else {
      const question = document.activeElement.closest?.(".question");
      const chosen = question?.querySelector(`.choices button[data-letter="${CSS.escape(event.key)}"]`);
      if (chosen) answer(question, chosen);
    }
  });
}
