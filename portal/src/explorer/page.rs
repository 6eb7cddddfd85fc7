//! The explorer's page, drawn from the OpenAPI document, so that it can be read without a script.
//! Refuses markup from the document: every text is escaped.

use crate::openapi::group;
use crate::routes::{ROUTES, Route};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

const FRAME: &str = include_str!("index.html");

/// The page.
pub fn draw(document: &Value) -> String {
    let mut groups: Vec<&str> = Vec::new();
    for route in ROUTES {
        let of = group(route.path);
        if !groups.contains(&of) {
            groups.push(of);
        }
    }
    // What callers use every day stands first.
    groups.sort_by_key(|of| ["callbacks", "operation"].contains(of));
    let links: String = groups.iter().map(|of| format!("<a href=\"#{of}\">{}</a>\n", of.replace('_', " "))).collect();
    let sections: String = groups.iter().map(|of| section(document, of)).collect();
    let schemas: String = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            format!(
                "<section class=\"schema\" id=\"schema-{0}\"><h3>{0}</h3>{1}</section>\n",
                text(name),
                fields(schema)
            )
        })
        .collect();
    FRAME.replace("<!-- links -->", &links).replace("<!-- routes -->", &sections).replace("<!-- schemas -->", &schemas)
}

fn section(document: &Value, of: &str) -> String {
    let routes = ROUTES.iter().filter(|route| group(route.path) == of);
    let routes: String = routes.map(|route| operation(document, route)).collect();
    format!("<section id=\"{of}\"><h2>{}</h2>{routes}</section>\n", of.replace('_', " "))
}

fn operation(document: &Value, route: &Route) -> String {
    let operation = &document["paths"][route.path][route.method.to_lowercase()];
    let (id, method, path) = (text_of(&operation["operationId"]), route.method, text(route.path));
    let mut out = format!(
        "<details id=\"{id}\" data-method=\"{method}\" data-path=\"{path}\"><summary><b class=\"{}\">{method}</b> \
         <code>{path}</code> <span>{}</span></summary>\n",
        method.to_lowercase(),
        prose(route.says)
    );
    if let Some(scope) = operation["description"].as_str() {
        let _ = write!(out, "<p class=\"scope\">{}</p>", prose(scope));
    }
    out.push_str(&parameters(&operation["parameters"]));
    if let Some((kind, body)) = media(&operation["requestBody"]) {
        let _ = write!(out, "<h4>Body, {}</h4>{}", text(kind), shape(body));
        if let Some(example) = body.get("example") {
            let _ = write!(out, "<pre class=\"body\">{}</pre>", pretty(example));
        }
    }
    out.push_str("<h4>Answers</h4>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        out.push_str(&answer(status, response));
    }
    out + "</details>\n"
}

fn parameters(all: &Value) -> String {
    let rows: String = all
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let (name, place) = (text_of(&one["name"]), text_of(&one["in"]));
            let says = prose(one["description"].as_str().unwrap_or_default());
            format!("<tr data-name=\"{name}\" data-in=\"{place}\"><th><code>{name}</code></th><td>{place}</td><td>{says}</td></tr>")
        })
        .collect();
    if rows.is_empty() { rows } else { format!("<h4>Parameters</h4><table class=\"parameters\">{rows}</table>") }
}

fn answer(status: &str, response: &Value) -> String {
    let says = prose(response["description"].as_str().unwrap_or_default());
    let headers: Vec<_> = response["headers"].as_object().into_iter().flatten().map(|(name, _)| text(name)).collect();
    let headers =
        if headers.is_empty() { String::new() } else { format!(" Header <code>{}</code>.", headers.join(", ")) };
    let mut out = format!("<div class=\"answer\"><b>{}</b> {says}{headers}", text(status));
    if let Some((_, body)) = media(response).filter(|(kind, _)| *kind == "application/json") {
        let example = body.get("example").map(pretty).unwrap_or_default();
        let _ = write!(out, "{}<pre>{example}</pre>", shape(body));
    }
    out + "</div>"
}

fn media(of: &Value) -> Option<(&str, &Value)> {
    of["content"].as_object()?.iter().next().map(|(kind, body)| (kind.as_str(), body))
}

/// A link to the schema of a body, or to that of its items.
fn shape(body: &Value) -> String {
    let schema = &body["schema"];
    let items = &schema["properties"]["items"]["items"];
    match (schema["$ref"].as_str(), items["$ref"].as_str()) {
        (Some(name), _) => format!("<p>{}</p>", link(name)),
        (None, Some(name)) => format!("<p>A page of {}</p>", link(name)),
        (None, None) => String::new(),
    }
}

fn link(reference: &str) -> String {
    let name = text(reference.rsplit('/').next().unwrap_or_default());
    format!("<a href=\"#schema-{name}\">{name}</a>")
}

fn fields(schema: &Value) -> String {
    let required: BTreeSet<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let says = prose(schema["description"].as_str().unwrap_or_default());
    let rows: String = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, of)| {
            let needed = if required.contains(name.as_str()) { " <i>required</i>" } else { "" };
            let says = prose(of["description"].as_str().unwrap_or_default());
            format!("<tr><th><code>{}</code>{needed}</th><td>{}</td><td>{says}</td></tr>", text(name), kind(of))
        })
        .collect();
    match rows.is_empty() {
        true => format!("<p>{says}</p><p>{}</p>", kind(schema)),
        false => format!("<p>{says}</p><table>{rows}</table>"),
    }
}

/// The kind of a value in a word or a link.
fn kind(of: &Value) -> String {
    if let Some(reference) = of["$ref"].as_str() {
        return link(reference);
    }
    if let Some(words) = of["enum"].as_array() {
        return words.iter().map(|word| format!("<code>{}</code>", text_of(word))).collect::<Vec<_>>().join(" ");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = of[several].as_array() {
            return all.iter().map(kind).filter(|kind| !kind.is_empty()).collect::<Vec<_>>().join(" or ");
        }
    }
    match &of["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&of["items"])),
        Value::String(name) => text(name),
        Value::Array(names) => names.iter().map(text_of).collect::<Vec<_>>().join(" or "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn pretty(value: &Value) -> String {
    text(&serde_json::to_string_pretty(value).unwrap_or_default())
}

fn text_of(value: &Value) -> String {
    text(value.as_str().unwrap_or_default())
}

fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text whose parts between backticks are code.
fn prose(raw: &str) -> String {
    let parts = text(raw);
    let parts = parts.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_stands_on_the_page_and_every_link_leads_somewhere() {
        let page = draw(&crate::openapi());
        for route in ROUTES {
            let shown = format!("data-method=\"{}\" data-path=\"{}\"", route.method, route.path);
            assert!(page.contains(&shown), "{shown}");
        }
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        }
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(prose("`<b>` & \"more\""), "<code>&lt;b&gt;</code> &amp; &quot;more&quot;");
    }
}
