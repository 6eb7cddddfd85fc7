// Shows the phones and lets a tester play their owners. Everything is set as text, never as markup.
"use strict";

const api = async (method, path, body) => {
  const init = { method };
  if (body !== undefined) { init.body = JSON.stringify(body); init.headers = { "Content-Type": "application/json" }; }
  const answer = await fetch("/sim/v1" + path, init);
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(value?.detail || "HTTP " + answer.status);
  return value;
};

const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};

const say = (text) => { document.getElementById("said").textContent = text; };
const attempt = async (what, work) => {
  try { await work(); say(what); } catch (error) { say(what + " did not work: " + error.message); }
};

const at = (number) => "/phones/" + encodeURIComponent(number);

const reply = (number, body) => attempt("The reply of " + number, async () => {
  const { webhook } = await api("POST", at(number) + "/reply", { body });
  if (webhook.error) throw new Error(webhook.error);
  await refresh(true);
});

const json = (title, value, save, parent) => {
  const details = make("details", "", parent);
  make("summary", title, details);
  const label = make("label", "As JSON", details);
  const box = make("textarea", "", label);
  box.value = JSON.stringify(value, null, 2);
  const button = make("button", "Save", details);
  button.type = "button";
  button.addEventListener("click", () => attempt(title + ": saved", () => save(JSON.parse(box.value))));
};

const bubble = (text, list) => {
  const item = make("li", text.body, list);
  item.className = text.direction;
  make("br", "", item);
  make("small", new Date(text.at).toLocaleTimeString() + " " + (text.direction === "in" ? text.from : "to " + text.to), item);
};

const calling = (number, act, body) => attempt("The phone " + number, async () => {
  await api("POST", at(number) + "/" + act, body);
  await refresh(true);
});

const button = (text, parent, act, kind) => {
  const element = make("button", text, parent);
  element.type = "button";
  if (kind) element.className = kind;
  element.addEventListener("click", act);
  return element;
};

// The focus stays on the same key when the page is drawn anew.
const again = (element, number) => { element.dataset.again = number + " " + element.textContent; };
const focused = () => document.activeElement?.dataset?.again;
const focus = (key) => { if (key) [...document.querySelectorAll("[data-again]")].find((each) => each.dataset.again === key)?.focus(); };

const keypad = (number, parent) => {
  const pad = make("div", "", parent);
  pad.className = "keypad";
  pad.setAttribute("role", "group");
  pad.setAttribute("aria-label", "Keys of " + number);
  for (const key of "123456789*0#") again(button(key, pad, () => calling(number, "keys", { keys: key })), number);
};

// A recording that plays must not be drawn anew; what a call says of itself never changes once it has ended.
const drawPrompt = (prompt, list) => {
  const item = make("li", prompt.text || "", list);
  item.className = "in";
  if (prompt.text && prompt.language) item.lang = prompt.language;
  if (prompt.wav) {
    const player = make("audio", "", item);
    player.controls = true;
    player.preload = "none";
    player.src = prompt.wav;
  }
  if (prompt.milliseconds) make("small", (prompt.milliseconds / 1000).toFixed(1) + " s" + (prompt.wav ? "" : ", no longer kept"), item);
};

const drawCall = (phone, call, parent) => {
  const box = make("section", "", parent);
  box.className = "call";
  const words = call.end ? call.state + ": " + call.end.replaceAll("_", " ") : call.state;
  make("h3", "Call from " + (call.from || "a withheld number"), box);
  make("small", new Date(call.at).toLocaleTimeString() + " at " + call.gateway + ", " + words, box);
  const acts = make("div", "", box);
  acts.className = "acts";
  if (call.state === "ringing") {
    button("Answer", acts, () => calling(phone.number, "answer"), "main");
    button("Decline", acts, () => calling(phone.number, "decline"));
  }
  if (call.state === "answered") {
    keypad(phone.number, box);
    button("Hang up", acts, () => calling(phone.number, "hang_up"), "main");
  }
  if (call.prompts.length) {
    const list = make("ol", "", box);
    call.prompts.forEach((prompt) => drawPrompt(prompt, list));
  }
  if (call.keys) make("p", "Pressed: " + call.keys, box);
};

const drawCalls = (phone, card) => {
  const calls = [...phone.calls].reverse();
  calls.slice(0, 3).forEach((call) => drawCall(phone, call, card));
  if (calls.length <= 3) return;
  const earlier = make("details", "", card);
  make("summary", (calls.length - 3) + " earlier calls", earlier);
  calls.slice(3).forEach((call) => drawCall(phone, call, earlier));
};

const replyForm = (phone, card) => {
  const code = [...phone.texts].reverse().find((text) => text.direction === "in")?.code;
  if (code) {
    const pin = phone.behaviour.pin || "";
    const quick = make("button", "Reply with the code " + code + (pin ? " and the PIN" : ""), card);
    quick.className = "main";
    quick.type = "button";
    quick.addEventListener("click", () => reply(phone.number, code + pin));
  }
  const form = make("form", "", card);
  form.className = "reply";
  const input = make("input", "", form);
  input.setAttribute("aria-label", "Reply of " + phone.number);
  input.placeholder = "Reply";
  make("button", "Send", form);
  form.addEventListener("submit", (event) => { event.preventDefault(); reply(phone.number, input.value); });
};

const drawPhone = (phone, parent) => {
  const card = make("article", "", parent);
  make("h2", phone.number, card);
  const list = make("ol", "", card);
  phone.texts.forEach((text) => bubble(text, list));
  if (!phone.texts.length && !phone.calls.length) make("p", "No texts or calls yet.", card).className = "empty";
  drawCalls(phone, card);
  replyForm(phone, card);
  json("What it does by itself", phone.behaviour, (value) => api("PUT", at(phone.number) + "/behaviour", value), card);
  list.scrollTop = list.scrollHeight;
};

// The sandbox lets nothing run and nothing out; the page's own policy, which the frame inherits, lets nothing be loaded.
const drawHtml = (html, card) => {
  const details = make("details", "", card);
  make("summary", "As HTML, without its styles and pictures", details);
  const frame = make("iframe", "", details);
  frame.setAttribute("sandbox", "");
  frame.title = "The letter as HTML";
  frame.srcdoc = html;
};

const drawLetter = (letter, parent) => {
  const card = make("article", "", parent);
  make("h3", letter.subject || "(no subject)", card);
  const from = letter.from || "nobody";
  make("small", new Date(letter.at).toLocaleTimeString() + " from " + from + " to " + letter.to.join(", "), card);
  make("pre", letter.text || "(no text)", card);
  if (letter.html) drawHtml(letter.html, card);
};

let lettersSeen = -1;
const drawMail = async () => {
  const { version } = await api("GET", "/mail?limit=0");
  if (version === lettersSeen) return;
  lettersSeen = version;
  const { items: letters } = await api("GET", "/mail?limit=20");
  const parent = document.getElementById("mail");
  parent.replaceChildren();
  letters.reverse().forEach((letter) => drawLetter(letter, parent));
  if (!letters.length) make("p", "No letter has come yet.", parent).className = "empty";
};

let hasMail = false;
const drawGateways = async () => {
  const { items } = await api("GET", "/gateways");
  hasMail = items.some((gateway) => gateway.kind === "smtp");
  const parent = document.getElementById("gateways");
  parent.replaceChildren();
  for (const gateway of items) {
    const card = make("article", "", parent);
    const { faults, ...counters } = gateway;
    make("h2", gateway.name, card);
    make("pre", JSON.stringify(counters, null, 2), card);
    json("Faults", faults, (value) => api("PUT", "/gateways/" + gateway.name + "/faults", value), card);
  }
};

const opened = new Set();
let seen = -1;
const refresh = async (always) => {
  const typing = document.activeElement?.closest("#phones, #gateways")?.querySelector(":focus:is(input, textarea)");
  if (typing && typing.value && !always) return;
  const playing = [...document.querySelectorAll("audio")].some((player) => !player.paused);
  if (playing && !always) return;
  if (hasMail) await drawMail();
  const { items, version } = await api("GET", "/phones?limit=60");
  if (version === seen && !always) return;
  seen = version;
  // A phone that was only opened is not touched by that: nobody but this page knows of it.
  for (const number of opened) {
    if (!items.some((phone) => phone.number === number)) items.push(await api("GET", at(number)));
  }
  const parent = document.getElementById("phones");
  const key = focused();
  parent.replaceChildren();
  items.forEach((phone) => drawPhone(phone, parent));
  focus(key);
  if (!items.length) make("p", "No phone has been texted or called yet. Start a verification, or open a phone by its number.", parent);
  await drawGateways();
};

document.getElementById("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = document.getElementById("number").value.trim();
  attempt("The phone " + number, async () => {
    const phone = await api("GET", at(number));
    opened.add(phone.number);
    await refresh(true);
  });
});

const follow = async () => {
  try { await refresh(false); } catch (error) { say("The simulators do not answer: " + error.message); }
  setTimeout(follow, 1000);
};
follow();
