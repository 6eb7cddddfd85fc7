// Draws the API's description and lets each call be tried; everything is set as text, never as markup.
"use strict";

const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};

const labelled = (name, tag, parent) => {
  const label = make("label", name + " ", parent);
  return make(tag, "", label);
};

const fields = (schema, parent) => {
  const list = make("dl", "", parent);
  for (const [name, of] of Object.entries(schema.properties || {})) {
    const needed = (schema.required || []).includes(name) ? " (required)" : "";
    make("dt", name + needed, list);
    make("dd", of.description || "", list);
  }
};

const tryIt = async (method, path, inputs, body, out) => {
  let url = path;
  for (const [name, input] of inputs) url = url.replace(`{${name}}`, encodeURIComponent(input.value));
  const headers = { Authorization: "Bearer " + document.getElementById("key").value };
  const init = { method: method.toUpperCase(), headers };
  if (body) { init.body = body.value; headers["Content-Type"] = "application/json"; }
  const answer = await fetch(url, init);
  out.textContent = answer.status + "\n" + await answer.text();
};

const draw = (description, path, method, operation) => {
  const box = make("details", "", document.getElementById("routes"));
  make("summary", method.toUpperCase() + " " + path, box);
  make("p", operation.description, box);
  const inputs = operation.parameters.map(({ name }) => [name, labelled(name, "input", box)]);
  const reference = operation.requestBody?.content["application/json"].schema.$ref;
  let body = null;
  if (reference) {
    fields(description.components.schemas[reference.split("/").pop()], box);
    body = labelled("Body", "textarea", box);
  }
  const out = make("pre", "");
  const button = make("button", "Send", box);
  button.addEventListener("click", () => tryIt(method, path, inputs, body, out));
  box.append(out);
};

const start = async () => {
  const description = await (await fetch("/openapi.json")).json();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) draw(description, path, method, operation);
  }
};

start();
