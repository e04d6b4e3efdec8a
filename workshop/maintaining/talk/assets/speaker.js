"use strict";
// The speaker view. It opens the slides, follows them by their messages, and compares the clock with the schedule.
const TALK = {
  got(talk) {
    const part = (id) => document.getElementById(id);
    const preview = document.querySelector("#preview iframe");
    let deck = null, at = 0, clicks = 0, began = 0;

    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    const minutes = (number) => `${Math.round(number * 10) / 10} min`;

    const tick = () => {
      const slide = talk.slides[at], seconds = began ? (Date.now() - began) / 1000 : 0;
      part("passed").textContent = clock(seconds);
      part("of").textContent = `of ${talk.length} min; this slide is planned from ${clock(slide.at * 60)} to ${clock((slide.at + slide.minutes) * 60)}`;
      const late = seconds / 60 - (slide.at + slide.minutes), early = slide.at - seconds / 60;
      const lag = part("lag");
      lag.className = began && late > 0 ? "late" : "";
      lag.textContent = !began ? "The clock has not started." : late > 0 ? `${minutes(late)} late` : early > 0 ? `${minutes(early)} early` : "On time";
    };

    const cuts = () => {
      const now = talk.slides[at], here = talk.cuts.filter((cut) => cut.until > now.at);
      part("cuts").replaceChildren(...here.map((cut) => {
        const item = document.createElement("li"), saved = Math.min(cut.minutes, cut.until - now.at);
        item.innerHTML = `${cut.text} <b>Saves ${minutes(saved)}.</b>`;
        return item;
      }));
      if (!here.length) part("cuts").innerHTML = "<li>Nothing is left to cut: end with the next slide.</li>";
    };

    const show = () => {
      const slide = talk.slides[at], next = talk.slides[at + 1];
      part("where").textContent = `Slide ${at + 1} of ${talk.slides.length}, ${slide.row}, ${minutes(slide.minutes)}`;
      part("title").innerHTML = slide.title;
      part("how").innerHTML = slide.how;
      let seen = 0;
      part("notes").replaceChildren(...slide.notes.map((note) => {
        const paragraph = document.createElement("p");
        paragraph.innerHTML = note.replace(/\(click\)/g, () => `<span class="click${seen++ < clicks ? " done" : ""}">(click)</span>`);
        return paragraph;
      }));
      part("next").innerHTML = next ? next.title : "the end";
      preview.hidden = !next;
      const address = `../index.html?preview#/${at + 1}`;
      if (next && preview.getAttribute("src") !== address) preview.src = address;
      cuts();
      tick();
    };

    addEventListener("message", ({ source, data }) => {
      if (!data || data.talk !== "at" || source === preview.contentWindow) return;
      if (deck && source !== deck && !deck.closed) return;
      deck = source;
      if (!Number.isInteger(data.slide) || !talk.slides[data.slide]) return;
      at = data.slide;
      clicks = data.clicks;
      show();
    });
    const go = (to) => {
      if (deck && !deck.closed) deck.postMessage({ talk: "go", to }, "*");
      else {
        at = Math.max(0, Math.min(talk.slides.length - 1, at + (to === "next" ? 1 : -1)));
        clicks = 0;
        show();
      }
    };
    part("open").addEventListener("click", () => { deck = window.open("../index.html", "slides", "width=1280,height=720"); });
    part("start").addEventListener("click", () => {
      began = Date.now();
      part("start").textContent = "Start the clock again";
      tick();
    });
    addEventListener("keydown", (event) => {
      const to = { ArrowRight: "next", PageDown: "next", " ": "next", ArrowLeft: "previous", PageUp: "previous" }[event.key];
      if (!to || (event.key === " " && event.target.closest("button"))) return;
      event.preventDefault();
      go(to);
    });
    setInterval(tick, 1000);
    show();
  },
};
