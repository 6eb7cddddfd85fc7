//! The choice of the pages' language.
//! Refuses to lead anywhere but to a page of ours.

use super::Pages;
use super::answer;
use super::form::Form;
use super::guest::{Guest, LANGUAGE, cookie};
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /language`
pub async fn choose(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let mut answer = answer::see(&pages, back(form.field("back")));
        let wanted = form.field("language");
        if guest.site.portal.languages.iter().any(|tag| tag == wanted) {
            // A cookie of ours that cannot be written would be one with bad characters; tags have none.
            let _ = answer.add_cookie(&cookie(LANGUAGE, wanted.to_owned()));
            pages.link.speaks(&guest.handle, wanted).await?;
        }
        Ok(answer)
    })
    .await
}

/// A path below the base: letters, dashes and single slashes.
fn back(path: &str) -> &str {
    let plain = path.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'/');
    if path.starts_with('/') && !path.contains("//") && plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn it_leads_only_to_our_pages() {
        for path in ["/", "/verify", "/setup/text"] {
            assert_eq!(back(path), path);
        }
        for path in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "/%2f", "evil"] {
            assert_eq!(back(path), "/", "{path:?}");
        }
    }
}
