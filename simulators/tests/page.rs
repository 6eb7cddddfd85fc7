//! Stories of the page's files: all of them are there, all under the same policy, and none asks for anything from elsewhere.
//! What the page does in a browser is not looked at here.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use stage::Stage;

const FILES: [(&str, &str); 4] = [
    ("/", "text/html; charset=utf-8"),
    ("/page.js", "text/javascript; charset=utf-8"),
    ("/page.css", "text/css; charset=utf-8"),
    ("/icon.svg", "image/svg+xml"),
];

#[tokio::test]
async fn every_file_comes_with_its_type_and_the_policy() {
    let stage = Stage::start().await;
    for (path, kind) in FILES {
        let answer = stage.call(Method::GET, path, None).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
        let policy: Vec<&str> = answer.header("content-security-policy").split("; ").collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "media-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(&rule), "{path}: {policy:?} lacks {rule}");
        }
        assert!(!answer.header("content-security-policy").contains("unsafe"), "{policy:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[tokio::test]
async fn the_page_keeps_to_its_policy() {
    let stage = Stage::start().await;
    let page = stage.call(Method::GET, "/", None).await.text;
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="), "inline code");
    for script in page.split("<script").skip(1) {
        let (attributes, inside) = script.split_once('>').unwrap();
        assert!(attributes.contains("src=\"/") && inside.starts_with("</script>"), "{script}");
    }
    // Whatever is asked for is one of our own files.
    for (asked, _) in page.match_indices("=\"/").map(|(at, _)| page[at + 2..].split_once('"').unwrap()) {
        assert!(FILES.iter().any(|(path, _)| *path == asked), "{asked}");
    }
    for (path, _) in FILES {
        let text = stage.call(Method::GET, path, None).await.text.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another site");
    }
}
