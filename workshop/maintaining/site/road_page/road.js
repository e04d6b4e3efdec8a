// The Road: any two stages of the migration next to each other. docs/maintaining.md describes the addresses; road.py writes
// the data.
"use strict";

(() => {
  document.documentElement.classList.toggle("framed", window !== window.top);
  const CONTEXT = 3; // unchanged lines shown around a change
  const MOST_FOUND = 60;
  const $ = (id) => document.getElementById(id);
  let index, notes, now, queue = Promise.resolve();

  // ---- data --------------------------------------------------------------------------------------------------------

  // The files at a commit: the number and the version of each path.
  function tree(commit) {
    const found = new Map();
    for (const { files } of index.commits.slice(0, commit + 1))
      for (const [file, version] of Object.entries(files))
        version < 0 ? found.delete(index.paths[file]) : found.set(index.paths[file], [Number(file), version]);
    return found;
  }

  // What differs between two commits. A file and a place are numbers in the data, and what is empty is left out.
  async function pair(old, to) {
    const named = (pieces = []) => pieces.map(([first, count, file, line]) => [first, count, index.paths[file] || "", line]);
    return (await Data.load(`p${old}-${to}`)).map((file) => ({
      added: 0, removed: 0, hunks: [], ...file, from: named(file.from), to: named(file.to),
      path: index.paths[file.path], old: index.paths["old" in file ? file.old : file.path],
    }));
  }

  async function lines(files, path) {
    if (!files || !files.has(path)) return [];
    const [file, version] = files.get(path);
    const kept = await Data.load(`f${file}`), runs = kept.versions[version], found = [];
    for (let at = 0; at < runs.length; at += 2) found.push(...kept.lines.slice(runs[at], runs[at] + runs[at + 1]));
    return found;
  }

  // ---- what is remembered, as far as a browser keeps anything for a folder -----------------------------------------

  function kept(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name) || "";
      localStorage.setItem(name, value);
    } catch { /* nothing is kept, and everything works */ }
    return kept.here[name] = value === undefined ? kept.here[name] || "" : value;
  }
  kept.here = {};
  const isDecided = (stage) => kept("road-bets").split(" ").includes(stage.name);
  const decide = (stage) => kept("road-bets", `${kept("road-bets")} ${stage.name}`);

  // ---- addresses ---------------------------------------------------------------------------------------------------

  const stageOf = (name) => index.stages.find((stage) => stage.name === (index.alias[name] || name));

  function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const stage = stageOf(asked.get("stage")) || index.stages[1];
    const at = index.stages.indexOf(stage), before = index.stages[at - 1];
    const since = stageOf(asked.get("from"));
    const from = since && since.commit < stage.commit ? since : before;
    const last = before ? stage.commit - before.commit : 0;
    const commit = before && Math.min(Number(asked.get("commit")) || 0, last);
    const to = commit ? before.commit + commit : stage.commit;
    const line = (asked.get("line") || "").split("-").map(Number);
    const isUnknown = asked.get("stage") && !stageOf(asked.get("stage"));
    return {
      stage, before, from, commit, last, to, at, isUnknown,
      since: commit ? to - 1 : from ? from.commit : -1,
      file: asked.get("file") || "", first: line[0] || 0, final: line[1] || line[0] || 0,
    };
  }

  function address(changes) {
    const isOwn = !("stage" in changes);
    const parts = {
      stage: now.stage.name,
      from: isOwn && now.from !== now.before ? now.from.name : "",
      commit: isOwn ? now.commit || "" : "",
      file: now.file,
      ...changes,
    };
    return "#" + Object.entries(parts).filter(([, value]) => value).map(([name, value]) => `${name}=${value}`).join("&");
  }

  const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const link = (href, text, more = "") => `<a href="${escaped(href)}" ${more}>${text}</a>`;

  // ---- the page ----------------------------------------------------------------------------------------------------

  async function show() {
    const last = now, held = ["stages", "list", "about"].find((id) => $(id).contains(document.activeElement));
    await draw(last);
    if (!held) return; // what had the focus was drawn again: its place keeps it
    const next = $(held).querySelector("[aria-current]") || $(held).querySelector("select");
    if (next) next.focus({ preventScroll: true });
  }

  async function draw(last) {
    now = read();
    document.title = `${now.stage.name}${now.file ? `, ${now.file}` : ""} · The Road`;
    showStages();
    const isBetting = Boolean(now.stage.bet && now.from === now.before && !now.commit && !now.file && !isDecided(now.stage));
    $("work").hidden = isBetting;
    $("bet").hidden = !isBetting && !(last && last.result && last.stage === now.stage && !now.file);
    if (isBetting) return showBet();
    if (last && last.stage === now.stage) now.result = last.result;
    now.tree = tree(now.to);
    now.old = now.since < 0 ? null : tree(now.since);
    now.pair = now.since < 0 ? [] : await pair(now.since, now.to);
    showFiles();
    await showCode(!last || last.file !== now.file);
  }

  function showStages() {
    $("stages").innerHTML = index.stages.map((stage, at) => {
      const file = (isDecided(stage) || !stage.bet) && now.file && tree(stage.commit).has(now.file) ? now.file : "";
      const name = at === index.stages.length - 1 ? `${at} = after` : at || "before";
      const rung = stage.rung ? `<span class="rung">rung: ${stage.rung}</span>` : "";
      const current = stage === now.stage ? 'aria-current="true"' : "";
      return `<li>${link(address({ stage: stage.name, file }), `<b>${name}</b> ${rung}`, `${current} title="${stage.title}"`)}</li>`;
    }).join("");
    const { stage, before, at, commit } = now;
    const choices = index.stages.slice(0, at).map((one) =>
      `<option value="${one.name}" ${one === now.from ? "selected" : ""}>${one.name}</option>`);
    const commits = before && now.from === before ? index.commits.slice(before.commit + 1, stage.commit + 1) : [];
    $("about").innerHTML =
      `<h2>${stage.name}: ${stage.title}</h2> ${link(stage.page, at ? "The page of this step" : "The page before the first step")}` +
      (before ? ` <label>Compare with <select id="from">${choices.join("")}</select></label>` : "") +
      (now.isUnknown ? `<p role="alert">There is no such stage. This is ${stage.name}.</p>` : "") +
      (commits.length > 1 ? `<details id="commits" ${commit ? "open" : ""}><summary>${commit ? `Commit ${commit} of ${commits.length}` : `The ${commits.length} commits of this step, one at a time`}</summary><ol>` +
        commits.map((one, number) => `<li>${link(address({ commit: number + 1, line: "" }), escaped(one.subject), commit === number + 1 ? 'aria-current="true"' : "")}</li>`).join("") +
        `</ol>${commit ? link(address({ commit: "" }), "The whole step at once") : ""}</details>` : "");
    if ($("from")) $("from").onchange = (event) => { location.hash = address({ from: event.target.value, commit: "" }); };
  }

  // ---- the bet -----------------------------------------------------------------------------------------------------

  function showBet() {
    const { asked, here } = now.stage.bet, folders = new Map();
    for (const path of here) {
      const folder = path.slice(0, path.lastIndexOf("/") + 1) || "./";
      folders.set(folder, [...(folders.get(folder) || []), path]);
    }
    $("bet").innerHTML = `<h2>Bet first</h2><p>${escaped(asked)} Look at the files of ${now.before.name} and choose. ` +
      "Files that will be new are not in this list, but they count. Tests do not count.</p><form>" +
      [...folders].map(([folder, paths]) => `<fieldset><legend>${escaped(folder)}</legend>${paths.map((path) =>
        `<label><input type="checkbox" value="${escaped(path)}"> ${escaped(path.slice(path.lastIndexOf("/") + 1))}</label>`).join("")}</fieldset>`).join("") +
      '<p class="buttons"><button class="main">Place the bet</button> <button type="button" id="no-bet">Skip the bet</button></p></form>';
    $("bet").querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      settle([...event.target.querySelectorAll(":checked")].map((box) => box.value));
    };
    $("no-bet").onclick = () => again(decide(now.stage));
  }

  function settle(named) {
    const { changed } = now.stage.bet;
    const paths = Object.keys(changed), hits = paths.filter((path) => named.includes(path));
    const listed = (found) => found.map((path) =>
      `<li>${escaped(path)}${path in changed ? `: ${escaped(changed[path])}` : ""}</li>`).join("") || "<li>none</li>";
    $("bet").innerHTML = `<div role="status"><h2>You saw ${hits.length} of ${paths.length}</h2><div class="result">` +
      `<div><h3>Seen</h3><ul>${listed(hits)}</ul></div>` +
      `<div><h3>Not seen</h3><ul>${listed(paths.filter((path) => !named.includes(path)))}</ul></div>` +
      `<div><h3>Named, and unchanged</h3><ul>${listed(named.filter((path) => !(path in changed)))}</ul></div></div></div>`;
    now.result = true;
    again(decide(now.stage));
  }

  // ---- the files ---------------------------------------------------------------------------------------------------

  const isTest = (path) => path.startsWith("tests/") || path.includes("/tests/");
  const movedIn = (file) => file.from.reduce((sum, piece) => sum + piece[1], 0);

  function showFiles() {
    const changed = new Set(now.pair.map((file) => file.path));
    const rest = [...now.tree.keys()].filter((path) => !changed.has(path)).sort();
    const groups = ["new", "moved", "changed", "removed"].map((kind) => [kind, now.pair.filter((file) => file.kind === kind)]);
    groups.push([now.since < 0 ? "all files" : "unchanged", rest.map((path) => ({ path, old: path }))]);
    const was = new Map([...$("list").querySelectorAll("details")].map((one) => [one.dataset.key, one.open]));
    const open = (key, isOpen) => `data-key="${key}" ${isOpen || was.get(key) ? "open" : ""}`;
    now.order = groups.filter(([kind]) => kind !== "unchanged").flatMap(([, files]) => files).filter((file) => !isTest(file.path));
    // The file to begin with: the one that the pages say most about, then the one with the most new lines.
    const weight = (file) => 1e6 * notesOn(file.path, file.old).length + (file.added || 0);
    now.path = now.file || [...now.order].sort((one, other) => weight(other) - weight(one)).map((file) => file.path)[0];
    now.order = now.order.map((file) => file.path);
    const moves = movesOf(now.pair), many = moves.reduce((sum, [, count]) => sum + count, 0);
    const said = moves.map(([way, count]) => `<li>${escaped(way)}: ${plural(count, "line")}</li>`).join("");
    const head = many ? `<details ${open("moves")}><summary>${plural(many, "line")} only moved</summary><ul>${said}</ul></details>` : "";
    $("list").innerHTML = head + groups.filter(([, files]) => files.length).map(([kind, files]) => {
      const tests = files.filter((file) => isTest(file.path)), code = files.filter((file) => !isTest(file.path));
      const isOpen = kind !== "unchanged" || files.some((file) => file.path === now.path);
      const inner = (code.length ? `<ul>${code.map(entry).join("")}</ul>` : "") + (tests.length ?
        `<details ${open(`tests ${kind}`, tests.some((file) => file.path === now.path))}><summary>${plural(tests.length, "file")} of tests</summary><ul>${tests.map(entry).join("")}</ul></details>` : "");
      return `<details class="group" ${open(kind, isOpen)}><summary><h3>${kind} (${files.length})</h3></summary>${inner}</details>`;
    }).join("");
  }

  // Which file gave lines to which, most lines first.
  function movesOf(pair) {
    const found = {};
    for (const { path, from } of pair) for (const [, count, source] of from.filter((piece) => piece[2])) {
      const way = source === path ? `within ${path}` : `${source} → ${path}`;
      found[way] = (found[way] || 0) + count;
    }
    return Object.entries(found).sort((one, other) => other[1] - one[1]);
  }

  function entry(file) {
    const cut = file.path.lastIndexOf("/") + 1, moved = file.from ? movedIn(file) : 0;
    const said = notesOn(file.path, file.old).length;
    const counts = [
      file.added || file.removed ? `+${file.added} −${file.removed}` : "", moved ? `${moved} moved` : "", said ? plural(said, "note") : ""];
    const name = `<span class="folder">${escaped(file.path.slice(0, cut))}</span><wbr>${escaped(file.path.slice(cut))}`;
    return `<li>${link(address({ file: file.path }), name, file.path === now.path ? 'aria-current="true"' : "")} ` +
      `<span class="counts">${counts.filter(Boolean).join(", ")}</span></li>`;
  }

  function notesOn(path, old) {
    const isEnd = (name, commit) => stageOf(name).commit === commit;
    return notes.flatMap((note) =>
      note.file === path && isEnd(note.stage, now.to) ? [{ ...note, side: "r" }] :
        note.file === old && isEnd(note.stage, now.since) ? [{ ...note, side: "l" }] : []);
  }

  // ---- the code ----------------------------------------------------------------------------------------------------

  // A reader who has just chosen a file sees it: in a narrow window its code begins below the list of files.
  async function showCode(isChosen) {
    const path = now.path, mine = now;
    if (!path) return void ($("code").innerHTML = "<p>Nothing differs. Choose a file.</p>");
    const file = now.pair.find((one) => one.path === path) || { path, old: path, kind: "", hunks: [], from: [], to: [] };
    if (!now.tree.has(path) && file.kind !== "removed")
      return void ($("code").innerHTML = `<p role="alert">There is no file ${escaped(path)} at ${now.stage.name}.</p>`);
    const [left, right] = await Promise.all([lines(now.old, file.old), lines(now.tree, path)]);
    if (mine !== now) return; // the reader has gone on meanwhile
    now.shown = { file, rows: rows(file, left, right), notes: notesOn(path, file.old), opened: new Set(), many: right.length };
    paint();
    $("said").textContent = `${path}: ${$("code").querySelector(".head p").textContent}`;
    const target = now.first && $("code").querySelector(".target"), top = $("code").getBoundingClientRect().top;
    if (target) target.scrollIntoView({ block: "center" });
    else if (top < 0 || (isChosen && now.file && top > innerHeight / 2)) $("code").scrollIntoView();
  }

  // Both sides as rows: l and r are line numbers, 0 where a side has none; lm and rm are the pieces that have moved.
  function rows(file, left, right) {
    const found = [], moved = { l: spread(file.to), r: spread(file.from) };
    let l = 1, r = 1;
    const same = (until) => {
      for (; r < until; l++, r++) found.push({ l, r, left: left[l - 1], right: right[r - 1], same: true });
    };
    for (const [oldFirst, oldMany, newFirst, newMany] of file.hunks) {
      same(newMany ? newFirst : newFirst + 1);
      for (let at = 0; at < Math.max(oldMany, newMany); at++) {
        const one = { l: at < oldMany ? l + at : 0, r: at < newMany ? r + at : 0 };
        one.left = one.l ? left[one.l - 1] : "";
        one.right = one.r ? right[one.r - 1] : "";
        one.lm = moved.l.get(one.l);
        one.rm = moved.r.get(one.r);
        one.moved = Boolean((!one.l || one.lm) && (!one.r || one.rm));
        found.push(one);
      }
      l += oldMany;
      r += newMany;
    }
    same(right.length + 1);
    return found;
  }

  function spread(pieces) {
    const found = new Map();
    for (const piece of pieces) for (let at = 0; at < piece[1]; at++) found.set(piece[0] + at, piece);
    return found;
  }

  function paint() {
    const { file, rows: all, notes: said, opened, many } = now.shown, isFolding = kept("road-moves") === "folded";
    const isOneSided = !file.hunks.length || ["new", "removed"].includes(file.kind);
    const isNear = all.map(() => isOneSided);
    const reveal = (at, around) => { for (let one = Math.max(0, at - around); one <= at + around && one < all.length; one++) isNear[one] = true; };
    all.forEach((row, at) => {
      if (!row.same) reveal(at, CONTEXT);
      if (row.r && row.r >= now.first && row.r <= now.final) reveal(at, CONTEXT);
      if (said.some((note) => row[note.side] >= note.first && row[note.side] <= note.last && note.side === "r")) reveal(at, 0);
    });
    isNear.forEach((near, at) => { // a gap of a line or two is shorter than the button that would hide it
      if (!near && (at === 0 || isNear[at - 1]) && (isNear[at + 1] || isNear[at + 2])) isNear[at] = true;
    });
    const parts = [], noted = new Set();
    for (let at = 0; at < all.length;) {
      const row = all[at], start = at;
      if (row.same && !isNear[at] && !opened.has(at)) {
        while (at < all.length && all[at].same && !isNear[at]) at++;
        parts.push(`<button class="fold" data-at="${start}">${plural(at - start, "unchanged line")}</button>`);
      } else if (isFolding && row.moved && !row.same && !opened.has(at)) {
        while (at < all.length && all[at].moved && !all[at].same) at++;
        parts.push(`<button class="fold moves" data-at="${start}">${plural(at - start, "line")} moved: ${escaped(whereTo(all.slice(start, at)))}</button>`);
      } else {
        for (const note of said) {
          const isHere = row[note.side] >= note.first && row[note.side] <= note.last;
          if (isHere && !noted.has(note)) {
            noted.add(note);
            parts.push(aside(note));
          }
        }
        parts.push(rowHtml(row, at, isOneSided, all[at - 1]));
        at++;
      }
    }
    const moved = file.from.length ? movedIn(file) : 0;
    const what = file.kind === "moved" ? `moved from ${escaped(file.old)}${file.hunks.length ? "" : ", unchanged"}` : file.kind || "unchanged";
    const counts = file.hunks.length ? ` · ${file.added} added, ${file.removed} removed${moved ? `; ${moved} of the added lines have only moved` : ""}` : "";
    $("code").innerHTML = `<div class="head"><h2>${escaped(file.path)}</h2><p>${now.since < 0 ? "as it is at before" : what + counts}</p>` +
      (moved || file.to.length ? `<button id="moves" aria-pressed="${isFolding}">Fold the moves <kbd>m</kbd></button>` : "") + "</div>" +
      (now.first > many && file.kind !== "removed" ? `<p role="alert">There is no line ${now.first}: this file has ${plural(many, "line")} at ${now.stage.name}.</p>` : "") +
      `<div class="rows ${isOneSided ? "one" : "two"} ${said.length ? "noted" : ""}">${parts.join("")}</div>`;
    if ($("moves")) $("moves").onclick = foldMoves;
    for (const button of $("code").querySelectorAll(".fold")) button.onclick = () => unfold(Number(button.dataset.at));
    placeNotes();
  }

  function rowHtml(row, at, isOneSided, before) {
    const isTarget = row.r && row.r >= now.first && row.r <= now.final;
    const starts = !row.same && (!before || before.same);
    const side = (name, number, text, piece, sign) => {
      if (!number) return `<div class="side ${name} none"></div>`;
      const place = piece && piece[2] ? `title="${name === "l" ? "moved to" : "moved from"} ${escaped(piece[2])}:${piece[3]}"` : "";
      const kind = row.same ? "" : piece ? "mv" : sign === "+" ? "add" : "del";
      const stage = name === "r" ? {} : now.commit ? null : { stage: now.from && now.from.name, file: now.shown ? now.shown.file.old : "" };
      const href = stage && address({ ...stage, ...(name === "r" ? { file: now.path } : {}), line: number });
      const tag = href ? `a href="${escaped(href)}" tabindex="-1"` : "span";
      return `<div class="side ${name} ${kind}" ${place}><${tag} class="n">${number}</${tag.split(" ")[0]}><span class="sign">${row.same ? "" : piece ? "»" : sign}</span><code>${text || " "}</code></div>`;
    };
    const right = side("r", row.r, row.right, row.rm, "+");
    const left = isOneSided && row.r ? "" : side("l", row.l, row.left, row.lm, "−");
    return `<div class="row ${row.same ? "same" : "changed"} ${isTarget ? "target" : ""}" ${starts ? 'data-start tabindex="-1"' : ""}>${left}${isOneSided && !row.r ? "" : right}</div>`;
  }

  function whereTo(moved) {
    const places = new Set(moved.flatMap((row) => [
      row.rm && row.rm[2] ? `from ${row.rm[2]}` : "", row.lm && row.lm[2] ? `to ${row.lm[2]}` : ""]).filter(Boolean));
    return [...places].slice(0, 3).join(", ") + (places.size > 3 ? ", …" : "") || "within the file";
  }

  function aside(note) {
    const where = note.heading && note.heading !== note.page ? `${note.page}: ${note.heading}` : note.page;
    return `<aside class="note" aria-label="${escaped(`A note on line ${note.first}`)}"><p class="where">${link(note.address, escaped(where))}</p>${note.html}</aside>`;
  }

  // In a wide window the notes stand in the margin, each next to its line or below the note before it.
  function placeNotes() {
    let free = 0;
    const isWide = matchMedia("(min-width: 1500px)").matches;
    for (const note of $("code").querySelectorAll(".note")) {
      note.style.top = "";
      if (!isWide || !note.nextElementSibling) continue;
      const top = Math.max(note.nextElementSibling.offsetTop, free);
      note.style.top = `${top}px`;
      free = top + note.offsetHeight + 8;
    }
    $("code").style.minHeight = isWide && free ? `${free + 120}px` : "";
  }

  function unfold(start) {
    const { rows: all, opened } = now.shown;
    for (let at = start; at < all.length && all[at].same === all[start].same && (all[at].same || all[at].moved); at++) opened.add(at);
    paint();
  }

  function foldMoves() {
    kept("road-moves", kept("road-moves") === "folded" ? "shown" : "folded");
    if (now.shown) paint();
    if ($("moves")) $("moves").focus();
  }

  // ---- find and keys ------------------------------------------------------------------------------------------------

  async function find(word) {
    const needle = word.trim().toLowerCase(), mine = now, hits = [];
    if (!needle) return;
    const paths = [...now.tree.keys()].sort((one, other) => isTest(one) - isTest(other) || (one < other ? -1 : 1));
    const texts = await Promise.all(paths.map((path) => lines(mine.tree, path)));
    texts.forEach((text, at) => text.forEach((html, number) => {
      const plain = html.replace(/<[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
      if (plain.toLowerCase().includes(needle)) hits.push([paths[at], number + 1, plain.trim()]);
    }));
    $("found").innerHTML = `<p>${plural(hits.length, "line")} with “${escaped(word)}” at ${now.stage.name}` +
      `${hits.length > MOST_FOUND ? `; the first ${MOST_FOUND}` : ""}</p><ul>` + hits.slice(0, MOST_FOUND).map(([path, number, text]) =>
      `<li>${link(address({ file: path, line: number }), `${escaped(path)}:${number}`)} <code>${escaped(text)}</code></li>`).join("") + "</ul>";
  }

  function step(towards, many) {
    const starts = [...$("code").querySelectorAll("[data-start], .fold.moves")], at = starts.indexOf(document.activeElement);
    const next = at < 0 && towards < 0 ? null : starts[at + towards];
    if (!next || many) return go(towards);
    next.scrollIntoView({ block: "center" });
    next.focus({ preventScroll: true });
  }

  function go(towards) {
    const at = now.order.indexOf(now.path), next = now.order[at + towards];
    if (next) location.hash = address({ file: next });
  }

  function goStage(towards) {
    const next = $("stages").children[now.at + towards];
    if (next) location.hash = next.firstChild.getAttribute("href");
  }

  const KEYS = {
    n: () => step(1), p: () => step(-1), j: () => step(1, true), k: () => step(-1, true),
    "]": () => goStage(1), "[": () => goStage(-1), m: foldMoves, "/": () => $("word").focus(), "?": () => $("help").showModal(),
  };

  function onKey(event) {
    const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea") || $("help").open;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    if ($("work").hidden && !"[]?".includes(event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  }

  // One after the other: a reader who presses a key twice sees the second place.
  const again = () => queue = queue.then(show).catch(fail);
  const fail = (error) => { $("code").innerHTML = `<p role="alert">${escaped(error.message)}</p>`; };

  async function start() {
    [index, notes] = await Promise.all(["index", "notes"].map(Data.load));
    $("keys").onclick = () => $("help").showModal();
    $("find").onsubmit = (event) => find($("word").value, event.preventDefault());
    addEventListener("hashchange", again);
    addEventListener("resize", placeNotes);
    addEventListener("keydown", onKey);
    again();
  }

  start().catch(fail);
})();
