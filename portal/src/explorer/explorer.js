// Lets each call of the page be tried; what comes back is set as text, never as markup.
"use strict";

const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  parent.append(element);
  return element;
};

const labelled = (name, tag, parent) => make(tag, "", make("label", name, parent));

const address = (path, inputs) => {
  const query = new URLSearchParams();
  for (const { name, place, input } of inputs) {
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(input.value));
    if (place === "query" && input.value) query.set(name, input.value);
  }
  return query.size ? `${path}?${query}` : path;
};

const send = async (box, inputs, body, out) => {
  const headers = {};
  const key = document.getElementById("key").value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  for (const { name, place, input } of inputs) if (place === "header" && input.value) headers[name] = input.value;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(address(box.dataset.path, inputs), { method: box.dataset.method, headers, body: body?.value });
    out.textContent = `${answer.status}\n${await answer.text()}`;
  } catch (error) {
    out.textContent = String(error);
  }
};

const offer = (box) => {
  const form = make("form", "", box);
  const inputs = [...box.querySelectorAll(".parameters tr")].map(({ dataset }) => (
    { name: dataset.name, place: dataset.in, input: labelled(dataset.name, "input", form) }));
  const example = box.querySelector("pre.body");
  const body = example && labelled("Body", "textarea", form);
  if (body) body.value = example.textContent;
  make("button", "Send", form);
  const out = make("pre", "", form);
  out.setAttribute("aria-live", "polite");
  form.addEventListener("submit", (event) => { event.preventDefault(); send(box, inputs, body, out); });
};

// The server checks where gateways sign; a browser cannot call those.
for (const box of document.querySelectorAll("details")) {
  if (!box.dataset.path.startsWith("/callbacks")) box.addEventListener("toggle", () => offer(box), { once: true });
}
document.getElementById("keys").hidden = false;
