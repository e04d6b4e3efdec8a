"use strict";
// Nodes and texts. Everything from an event becomes a text node, never markup.

const $ = (id) => document.getElementById(id);

function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const textOf = (bytes) => new TextDecoder("utf-8").decode(bytes);

// Characters that are not seen or that turn the text around them: shown by their number. Joiners stay, because they are
// a part of emoji and of some scripts.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

// A text whose hidden characters are visible, with each server's own id marked.
function marked(text, own) {
  const pieces = own ? text.split(own) : [text];
  return pieces.flatMap((piece, place) => [
    ...(place ? [node("mark", { title: "the id that this server gave to the event" }, own)] : []),
    ...visible(piece),
  ]);
}

function visible(text) {
  return text.replaceAll("\r\n", "\n").split(new RegExp(`(${UNSEEN.source})`, "u")).filter(Boolean).map((piece) =>
    UNSEEN.test(piece)
      ? node("span", { class: "unseen-character" }, `U+${piece.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`)
      : document.createTextNode(piece));
}

// The body with line breaks where its format has none. It changes no token: parsing would turn 10.10 into 10.1.
function readable(text, contentType) {
  if (/json/.test(contentType)) return indented(text);
  if (/xml/.test(contentType)) return text.replace(/></g, ">\n<");
  if (/form-urlencoded/.test(contentType)) {
    return text.split("&").map((pair) => {
      try {
        return decodeURIComponent(pair.replaceAll("+", " "));
      } catch {
        return pair;
      }
    }).join("\n");
  }
  return text;
}

// A text that is not JSON stays as it is: its spaces may be the mistake.
function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let depth = 0;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^"{}[\],:\s]+|\s+/g, (token, at) => {
    const line = () => `\n${"  ".repeat(Math.max(depth, 0))}`;
    if (/^\s+$/.test(token)) return "";
    if (token === "{" || token === "[") {
      const isEmpty = /^\s*[}\]]/.test(text.slice(at + 1));
      depth += 1;
      return isEmpty ? token : token + line();
    }
    if (token === "}" || token === "]") {
      depth -= 1;
      return /[{[]\s*$/.test(text.slice(0, at)) ? token : line() + token;
    }
    if (token === ",") return token + line();
    return token === ":" ? ": " : token;
  });
}

// So many bytes a line; bytes for which the other side has others are marked.
function dump(bytes, other, width) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += width) {
    const row = bytes.slice(at, at + width);
    const cells = [...row].flatMap((byte, place) => {
      const hex = byte.toString(16).padStart(2, "0");
      const differs = other && other[at + place] !== byte;
      return [differs ? node("mark", {}, hex) : hex, " "];
    });
    const shown = [...row].map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(at.toString(16).padStart(5, "0"), "  ", ...cells, "   ".repeat(width - row.length), " ", shown, "\n");
  }
  return lines;
}
