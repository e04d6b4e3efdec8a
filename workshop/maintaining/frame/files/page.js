"use strict";
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
