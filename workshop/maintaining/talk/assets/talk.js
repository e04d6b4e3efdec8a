"use strict";
// The slides. Keys: arrows and space to go, F for full screen, D for dark or light, Esc for an overview.
(() => {
  const page = document.documentElement, asked = new URLSearchParams(location.search);
  const isPreview = asked.has("preview"), isPrint = /print-pdf/i.test(location.search);
  let kept = "";
  try { kept = localStorage.getItem("theme") || ""; } catch { /* a browser may keep nothing for a folder */ }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  page.dataset.theme = asked.get("theme") || (isPrint ? "light" : kept || system);

  const turn = () => {
    page.dataset.theme = page.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", page.dataset.theme); } catch { /* it is kept for this page alone */ }
  };

  // index.html?print-pdf: a page for each slide, without reveal.js, so that all is there before a browser begins to print.
  if (isPrint) {
    page.classList.add("printed");
    document.querySelector('link[href$="reveal.css"]').disabled = true;
    for (const part of document.querySelectorAll(".fragment")) part.classList.add("visible");
    for (const live of document.querySelectorAll("iframe[data-src]")) live.src = live.dataset.src;
    return;
  }
  if (isPreview) {
    page.classList.add("preview");
    for (const live of document.querySelectorAll("iframe[data-src]")) live.removeAttribute("data-src");
  }
  Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true, controls: false, transition: "none",
    backgroundTransition: "none", slideNumber: "c/t", keyboard: isPreview ? false : { 68: turn },
    fragmentInURL: false, preloadIframes: false, viewDistance: 2,
  });

  // The speaker view has opened this window. It learns where we are, and may ask us to go on.
  const speaker = window.opener;
  if (speaker && !isPreview) {
    const report = () => {
      const { h } = Reveal.getIndices(), slide = Reveal.getCurrentSlide();
      const fragments = new Set([...slide.querySelectorAll(".fragment")].map((part) => part.dataset.fragmentIndex));
      const shown = new Set([...slide.querySelectorAll(".fragment.visible")].map((part) => part.dataset.fragmentIndex));
      speaker.postMessage({ talk: "at", slide: h, clicks: shown.size, of: fragments.size }, "*");
    };
    Reveal.on("ready", report);
    for (const happened of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(happened, report);
    addEventListener("message", ({ source, data }) => {
      if (source !== speaker || !data || data.talk !== "go") return;
      if (data.to === "next") Reveal.next();
      else if (data.to === "previous") Reveal.prev();
      else if (Number.isInteger(data.to)) Reveal.slide(data.to);
      report();
    });
  }
})();
