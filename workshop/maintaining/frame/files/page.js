"use strict";
// The data of a page are scripts that call Data.got, because a page that is opened from a folder may read no other file.
const Data = (() => {
  const known = new Map();

  function entry(name) {
    if (!known.has(name)) {
      const one = {};
      one.value = new Promise((done, failed) => Object.assign(one, { done, failed }));
      known.set(name, one);
    }
    return known.get(name);
  }

  function load(name) {
    const one = entry(name);
    if (!one.script) {
      one.script = Object.assign(document.createElement("script"), { src: `data/${name}.js` });
      one.script.onerror = () => one.failed(new Error(`data/${name}.js is missing. Build the site again: make site.`));
      document.head.append(one.script);
    }
    return one.value;
  }

  return { load, got: (name, value) => entry(name).done(value) };
})();

// The theme of a page, before anything is painted: the one that the book has kept, else the system's.
{
  const page = document.documentElement.dataset;
  let kept = "";
  try { kept = localStorage.getItem("theme") || ""; } catch { /* a browser may keep nothing for a folder */ }
  page.theme = kept || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  addEventListener("DOMContentLoaded", () => {
    const theme = document.getElementById("theme"), skip = document.getElementById("skip");
    const label = () => { theme.textContent = page.theme === "dark" ? "Light" : "Dark"; };
    theme.addEventListener("click", () => {
      page.theme = page.theme === "dark" ? "light" : "dark";
      try { for (const name of ["theme", "mode"]) localStorage.setItem(name, page.theme); } catch { /* it is kept for this page alone */ }
      label();
    });
    skip.addEventListener("click", () => document.getElementById(skip.dataset.to).focus());
    label();
  });
}
