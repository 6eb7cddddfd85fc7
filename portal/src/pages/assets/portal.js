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
  events.addEventListener("moved", () => { events.close(); location.reload(); });
  window.addEventListener("pagehide", () => events.close());
}
