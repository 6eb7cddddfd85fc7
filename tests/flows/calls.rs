//! Being called: setting up, trying the backup phone and a language, signing in, and changing the phone.

use super::*;

/// Waits until the page says so: by itself where it has its script, else it is looked at again.
async fn says(browser: &Browser, url: &str, words: &str, by_itself: bool) {
    for _ in 0..1000 {
        if browser.text().await.contains(words) {
            return;
        }
        if !by_itself {
            browser.go(url).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the page never says {words:?}:\n{}", browser.text().await);
}

/// The call number `place` of a phone rings, is answered and gets `keys`; each is seen on the page.
async fn answers(
    (browser, by_itself): (&Browser, bool),
    stage: &Stage,
    (phone, place, keys): (&str, usize, &str),
    path: &str,
) {
    let url = format!("{}{path}", stage.url);
    stage.rings(phone, place).await;
    says(browser, &url, "is ringing", by_itself).await;
    browser.look("ringing").await;
    stage.hand(phone, "answer").await;
    says(browser, &url, "was answered", by_itself).await;
    stage.keys(phone, keys).await;
    browser.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_by_a_call_tries_the_backup_phone_and_a_language_and_signs_in_again() {
    let stage = Stage::with_calls(json!({ "prompt_backup_phone": true, "languages": ["en", "de"] })).await;
    browsers("call", async |browser, place| {
        let by_itself = place % 2 == 0;
        let (name, phone, backup) =
            (format!("nina{place}"), format!("+1202555011{place}"), format!("+1202555012{place}"));
        stage.newcomer(&name).await;
        browser.sign_in(&stage, &name).await;
        browser.press("Continue").await;
        browser.choose("voice").await;
        browser.keep("method").await;
        browser.press("Continue").await;
        browser.fill("phone", "12").await;
        browser.fill("extension", "1a").await;
        browser.press("Call Me Now to Authenticate").await;
        browser.reads("Some entries need your attention").await;
        browser.keep("fault").await;
        browser.fill("phone", &phone).await;
        browser.fill("extension", "").await;
        browser.fill("backup-phone", &backup).await;
        browser.press("Call Me Now to Authenticate").await;
        browser.reads("press the pound or hash key").await;
        browser.keep("waiting").await;
        answers((&browser, by_itself), &stage, (&phone, 0, "#"), "/verify").await;
        browser.reads("You are set up").await;
        browser.keep("done").await;
        browser.press("Go to My Account").await;
        browser.reads("not verified yet").await;
        browser.keep("account").await;

        browser.press("Change Backup Phone").await;
        browser.keep("backup").await;
        browser.press("Test Backup Phone").await;
        browser.reads("Test of your backup phone").await;
        browser.keep("trial").await;
        answers((&browser, by_itself), &stage, (&backup, 0, "#"), "/account/call").await;
        browser.reads("Your backup phone has answered").await;
        browser.keep("tried").await;
        browser.press("Back to My Account").await;
        browser.no_longer_reads("not verified yet").await;

        browser.press("Change Language").await;
        browser.keep("language").await;
        browser.choose_option("call", "de").await;
        browser.press("Hear a Sample").await;
        answers((&browser, by_itself), &stage, (&phone, 1, "#"), "/account/call").await;
        browser.reads("That was the sample").await;
        browser.press("Back to My Account").await;
        browser.press("Sign Out").await;

        browser.sign_in(&stage, &name).await;
        answers((&browser, by_itself), &stage, (&phone, 2, "#"), "/verify").await;
        browser.reads("Hello Nina").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_corrected_a_call_that_failed_is_tried_again_and_the_phone_is_changed() {
    let stage = Stage::with_calls(json!({ "languages": ["en"] })).await;
    browsers("recall", async |browser, place| {
        let by_itself = place % 2 == 0;
        let number = |tens: usize| format!("+120255501{tens}{place}");
        let (name, wrong, phone, new) = (format!("otto{place}"), number(3), number(4), number(5));
        stage.newcomer(&name).await;
        browser.sign_in(&stage, &name).await;
        browser.press("Continue").await;
        browser.choose("voice").await;
        browser.press("Continue").await;
        browser.fill("phone", &wrong).await;
        browser.press("Call Me Now to Authenticate").await;
        stage.rings(&wrong, 0).await;
        browser.press("Change the Number").await;
        browser.fill("phone", &phone).await;
        browser.press("Call Me Now to Authenticate").await;
        assert_eq!(stage.call_end(&wrong, 0).await, "cancelled");
        browser.reads("press the pound or hash key").await;
        stage.rings(&phone, 0).await;
        stage.hand(&phone, "decline").await;
        browser.goes_on().await;
        browser.reads("before anything was confirmed").await;
        browser.keep("declined").await;
        browser.press("Try Again").await;
        answers((&browser, by_itself), &stage, (&phone, 1, "#"), "/verify").await;
        browser.reads("You are set up").await;
        browser.press("Go to My Account").await;
        browser.press("Change Phone").await;
        browser.fill("phone", &new).await;
        browser.keep("change").await;
        browser.press("Call Me Now to Authenticate").await;
        answers((&browser, by_itself), &stage, (&new, 0, "#"), "/verify").await;
        browser.reads(&format!("ending in 5{place}")).await;
        browser.press("History").await;
        browser.press("Why?").await;
        browser.reads("The phone rang").await;
        browser.keep("past").await;
        browser.close().await;
    })
    .await;
}
