// Saves waiting and clicks; every page works without it.
"use strict";

// A second click on the same button would only be refused.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
});

// Coming back by the browser's own button finds the page as it was, with its buttons off.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  });
});

const watched = document.querySelector("form[data-watch]");

function goOn() {
  const button = watched.querySelector("button[value=check]");
  if (button && !watched.dataset.sent) watched.requestSubmit(button);
}

if (watched && "verified" in watched.dataset) goOn();

if (watched && "waiting" in watched.dataset && "EventSource" in window) {
  const events = new EventSource(watched.dataset.watch);
  events.addEventListener("ended", () => { events.close(); goOn(); });
  // How far a call is; what is on the page already is not read out again.
  events.addEventListener("state", (event) => {
    const state = document.querySelector("[data-state]");
    if (state.textContent !== event.data) state.textContent = event.data;
  });
  events.addEventListener("moved", () => { events.close(); location.reload(); });
  window.addEventListener("pagehide", () => events.close());
}

// Moments are written in UTC; here they are said in the reader's own zone and language.
const lang = document.documentElement.lang;
const moment = /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC/g;
function inOwnZone(text) {
  return text.replace(moment, (utc) => {
    const at = new Date(utc.replace(" UTC", "Z").replace(" ", "T"));
    if (Number.isNaN(at.getTime())) return utc;
    return at.toLocaleString(lang, { dateStyle: "medium", timeStyle: utc.length > 20 ? "medium" : "short" });
  });
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  if (node.data.includes("UTC")) node.data = inOwnZone(node.data);
}

// Countries by their names, in the reader's language.
if ("DisplayNames" in Intl) {
  const names = new Intl.DisplayNames([lang], { type: "region" });
  document.querySelectorAll("option[data-region]").forEach((option) => {
    option.textContent = `+${option.value} ${names.of(option.dataset.region)}`;
  });
}

// Answers are shown as they are typed; whoever is watched hides them.
document.querySelectorAll("form[data-hide]").forEach((form) => {
  const button = document.createElement("button");
  button.type = "button";
  const boxes = form.querySelectorAll("input[name^=answer]");
  let hidden = false;
  const show = () => {
    button.textContent = hidden ? form.dataset.unhide : form.dataset.hide;
    boxes.forEach((box) => { box.type = hidden ? "password" : "text"; });
  };
  button.addEventListener("click", () => { hidden = !hidden; show(); });
  show();
  form.append(button);
});

// Each rule of a PIN is marked as kept or broken while it is typed; the server has the last word.
const run = (pin, step) => [...pin].some((c, i) => i > 1 && c - pin[i - 1] === step && pin[i - 1] - pin[i - 2] === step);
const phones = () => [...document.querySelectorAll("input[type=tel]")].map((input) => input.value.replace(/\D/g, "")).filter((phone) => phone !== "");
const kept = {
  length: (pin, rule) => pin.length >= Number(rule.dataset.least) && /^\d*$/.test(pin),
  repeat: (pin) => !/(\d)\1\1/.test(pin),
  run: (pin) => !run(pin, 1) && !run(pin, -1),
  // Only the server knows a number that is stored.
  phone: (pin) => phones().length === 0 ? null : pin.length < 4 || !phones().some((phone) => phone.includes(pin)),
};
document.querySelectorAll(".rules").forEach((rules) => {
  const input = document.getElementById(rules.id.replace("-rules", ""));
  input.form.addEventListener("input", () => {
    rules.querySelectorAll("li").forEach((rule) => {
      const good = input.value === "" ? null : kept[rule.dataset.rule](input.value, rule);
      const mark = good === null ? "" : good ? "✓ " : "✗ ";
      const shown = rule.querySelector(".mark");
      // What has not changed is not read out again.
      if (shown.textContent === mark) return;
      shown.textContent = mark;
      rule.className = good === null ? "" : good ? "rule-good" : "rule-bad";
    });
  });
});

// What may be sent again in a while has its button then.
document.querySelectorAll("[data-after]").forEach((wait) => {
  setTimeout(() => {
    wait.hidden = true;
    wait.parentElement.querySelector("button[value=resend]").hidden = false;
  }, Number(wait.dataset.after));
});

// Two minutes before the login ends, the page offers to stay; whoever types stays without being asked. What is left is counted
// from the answer on, because the clock here may be wrong.
const ends = document.querySelector("[data-left]");
if (ends) {
  let whole = Number(ends.dataset.left);
  let since = Date.now();
  let offered = false;
  let ended = false;
  const left = () => whole - (Date.now() - since);

  const stay = async () => {
    const answer = await fetch(ends.dataset.keep);
    if (!answer.ok) throw new Error(answer.status);
    const [more, says] = (await answer.text()).split("\n");
    if (!(Number(more) > left())) throw new Error("401");
    [whole, since, offered] = [Number(more), Date.now(), false];
    ends.textContent = inOwnZone(says);
  };

  let asked = since;
  document.addEventListener("input", () => {
    if (Date.now() - asked < whole / 4) return;
    asked = Date.now();
    stay().catch((cause) => { if (cause.message === "401") over(); });
  });

  const dialog = document.createElement("dialog");
  const says = document.createElement("p");
  const button = document.createElement("button");
  dialog.setAttribute("aria-labelledby", "ends-soon");
  says.id = "ends-soon";
  says.setAttribute("role", "status");
  button.className = "main";
  dialog.append(says, button);
  dialog.addEventListener("close", () => dialog.remove());
  const show = (text, label, act) => {
    [says.textContent, button.textContent, button.onclick] = [text, label, act];
    if (dialog.isConnected) return;
    document.body.append(dialog);
    dialog.showModal();
  };
  const close = () => dialog.close();
  const over = () => {
    if (ended) return;
    ended = true;
    show(ends.dataset.over, ends.dataset.close, close);
  };
  const offer = () => show(ends.dataset.soon, ends.dataset.stay, () => stay().then(close, over));
  setInterval(() => {
    if (left() <= 0) { over(); return; }
    if (offered || left() > Math.min(120000, whole / 2)) return;
    offered = true;
    offer();
  }, 5000);
}
