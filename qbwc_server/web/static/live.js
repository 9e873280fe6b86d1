/* Keeps what is marked as live up to date while the page is looked at. The server draws it; here it is only put in its
   place, text by text, so that focus, scroll, what is typed and what is unfolded stay as they are. */
"use strict";

const live = document.getElementById("live");
const LONGEST_MS = 120_000;
let tag = null;
let goodAt = new Date();
let failures = 0;
let timer = 0;

/* the old node becomes like the new one; the element itself stays wherever it can */
const become = (old, fresh) => {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh.cloneNode(true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  takeAttributes(old, fresh);
  takeChildren(old, fresh);
};

/* whether it is unfolded, hidden by this script, or the page one is on, is not the server's affair */
const OURS = new Set(["open", "hidden", "aria-current"]);

const takeAttributes = (old, fresh) => {
  for (const { name } of [...old.attributes]) {
    if (!OURS.has(name) && !fresh.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (!OURS.has(name) && old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
};

const takeChildren = (old, fresh) => {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, place) => {
    if (place < before.length) {
      become(before[place], node);
    } else {
      old.append(node.cloneNode(true));
    }
  });
  before.slice(after.length).forEach((node) => node.remove());
};

const put = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of [...page.body.children]) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (old) {
      become(old, fresh);
    }
  }
  hideLinks(true);
};

/* the links that look again by loading the page are for when this script cannot */
const hideLinks = (hidden) => {
  document.querySelectorAll("[data-live-less]").forEach((link) => {
    link.hidden = hidden;
  });
};

const tell = (words) => {
  let note = document.getElementById("live-stale");
  if (!words) {
    note?.remove();
    return;
  }
  if (!note) {
    note = document.createElement("p");
    note.id = "live-stale";
    note.className = "alert alert-warning py-2";
    note.setAttribute("role", "status");
    live.before(note);
  }
  if (note.firstChild?.data !== words) {
    const again = document.createElement("a");
    again.href = "";
    again.className = "alert-link";
    again.textContent = "Look again";
    note.replaceChildren(words, again);
  }
};

const clock = (moment) => moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const plan = () => {
  clearTimeout(timer);
  if (document.hidden) {
    return; // it goes on when somebody looks
  }
  const wait = Math.min(Number(live.dataset.seconds) * 1000 * 2 ** failures, LONGEST_MS);
  // pages that were opened together need not all ask together
  timer = setTimeout(ask, wait * (0.9 + 0.2 * Math.random()));
};

const stop = (words) => {
  clearTimeout(timer);
  document.removeEventListener("visibilitychange", look);
  hideLinks(false);
  tell(words);
};

const ask = async () => {
  try {
    const answer = await fetch(live.dataset.live, {
      cache: "no-store",
      credentials: "same-origin",
      headers: tag ? { "If-None-Match": tag } : {},
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      stop("This page is no longer kept up to date: you were signed out, or the connector is gone. ");
      return;
    }
    if (answer.status === 200) {
      put(await answer.text());
      tag = answer.headers.get("ETag");
    } else if (answer.status !== 304) {
      throw new Error(String(answer.status));
    }
    failures = 0;
    goodAt = new Date();
    tell("");
  } catch {
    failures += 1;
    hideLinks(false);
    tell(`Not up to date since ${clock(goodAt)}: the server does not answer. `);
  }
  plan();
};

const look = () => {
  clearTimeout(timer);
  if (!document.hidden) {
    ask();
  }
};

if (live) {
  hideLinks(true);
  document.addEventListener("visibilitychange", look);
  plan();
}
