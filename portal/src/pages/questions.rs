//! Security questions: four are chosen and answered, in the set-up or later; and answered where a verification did not succeed.
//! Refuses to show what was answered before, and to say which answer was wrong.

use super::answer::{self, Stop};
use super::field::{Choice, Field, FormPage, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::verify::concluded;
use super::{Pages, account, setup, verify};
use crate::link::{Answered, Catalogue, Due, GivenAnswer, QuestionView, Saved};
use actix_web::{HttpRequest, HttpResponse, web};
use engine::question::{AnswerFault, CHOSEN};

/// Where the questions are chosen.
#[derive(Clone, Copy)]
struct Area {
    action: &'static str,
    sets_up: bool,
}

const SET_UP: Area = Area { action: "/setup/questions", sets_up: true };
const ACCOUNT: Area = Area { action: "/account/questions", sets_up: false };

fn in_words(f: &Frame<'_>, fault: AnswerFault) -> String {
    f.t(match fault {
        AnswerFault::NoQuestion => "question-none",
        AnswerFault::QuestionTwice => "question-twice",
        AnswerFault::Short => "question-short",
        AnswerFault::Long => "question-long",
        AnswerFault::AnswerTwice => "question-answer-twice",
        AnswerFault::InQuestion => "question-in-question",
    })
}

/// A list and a box for one question. The answer is shown as it is typed: it is read by nobody but its writer.
fn pair(
    f: &Frame<'_>,
    place: usize,
    catalogue: &Catalogue,
    chosen: &str,
    answer: &str,
    faults: &[AnswerFault],
) -> [Field; 2] {
    let number = place + 1;
    let options = catalogue.questions.iter().map(|question| Choice {
        value: question.id.to_string(),
        label: question.text.clone(),
        language: question.language.clone(),
        chosen: question.id.to_string() == chosen,
        ..Choice::default()
    });
    let none = Choice { label: f.t("question-choose"), chosen: chosen.is_empty(), ..Choice::default() };
    let options = std::iter::once(none).chain(options).collect();
    let list = Field::of("choice", &format!("question{number}"), f.count("question-number", "number", number as u64));
    let own = Field::of("text", &format!("answer{number}"), f.count("question-answer", "number", number as u64));
    let kept = catalogue.chosen.get(place).is_some_and(|id| id.to_string() == chosen);
    let of_list = |fault: &AnswerFault| matches!(fault, AnswerFault::NoQuestion | AnswerFault::QuestionTwice);
    let (of_list, of_answer): (Vec<_>, Vec<_>) = faults.iter().copied().partition(of_list);
    let list = list.wrong(of_list.into_iter().map(|fault| in_words(f, fault)));
    let of_answer = of_answer.into_iter().map(|fault| in_words(f, fault));
    let own = Field { longest: 200, auto: "off", ..own }.holding(answer).wrong(of_answer);
    [Field { options, ..list }, if kept { own.hinting(f.t("question-kept")) } else { own }]
}

async fn draw(guest: &Guest<'_>, area: Area, typed: Option<&Form>, saved: Saved) -> Result<HttpResponse, Stop> {
    let catalogue = guest.pages.link.catalogue(&guest.handle, guest.language.tag).await?;
    let mut page = FormPage::new(Frame::of(guest, true), "questions-title", area.action);
    page.lead.push(page.f.t("questions-lead"));
    if catalogue.retired {
        page.lead.push(page.f.t("questions-retired"));
    }
    let faults = match &saved {
        Saved::Faults(faults) => faults.clone(),
        Saved::Done | Saved::NotAllowed => vec![],
    };
    for place in 0..CHOSEN {
        let stored = catalogue.chosen.get(place).map(ToString::to_string).unwrap_or_default();
        let (chosen, answer) = match typed {
            Some(form) => (form.field(&format!("question{}", place + 1)), form.field(&format!("answer{}", place + 1))),
            None => (stored.as_str(), ""),
        };
        let own: Vec<_> = faults.iter().filter(|(at, _)| *at == place).map(|(_, fault)| *fault).collect();
        page.fields.extend(pair(&page.f, place, &catalogue, chosen, answer, &own));
    }
    if let Saved::NotAllowed = saved {
        page.said = Some(Said { kind: "error", text: page.f.t("account-needs-strong") });
    }
    page.hides = true;
    page.button("questions-save", "save");
    if area.sets_up {
        page.button("setup-skip", "skip");
        page.way("done-button", "/account");
        page.later = true;
    } else {
        page.way("account-back", "/account");
    }
    page.answer(guest)
}

fn given(form: &Form) -> Vec<GivenAnswer> {
    let one = |place: usize| GivenAnswer {
        question: form.field(&format!("question{}", place + 1)).parse().ok(),
        answer: form.secret(&format!("answer{}", place + 1)),
    };
    (0..CHOSEN).map(one).collect()
}

async fn in_set_up(guest: &Guest<'_>) -> Result<(), Stop> {
    let visit = guest.visit().await?;
    if visit.is_due(Due::Questions) { Ok(()) } else { Err(Stop::see(guest.pages, setup::place(&visit))) }
}

async fn in_account(guest: &Guest<'_>) -> Result<(), Stop> {
    let (visit, _) = account::visit(guest).await?;
    if visit.person.may.change_questions { Ok(()) } else { Err(Stop::see(guest.pages, "/account")) }
}

/// `GET /setup/questions`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        in_set_up(&guest).await?;
        draw(&guest, SET_UP, None, Saved::Done).await
    })
    .await
}

/// `POST /setup/questions`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        in_set_up(&guest).await?;
        if form.field("do") == "skip" {
            if pages.link.is_first(&guest.handle, &form.once()).await? {
                pages.link.put_off(&guest.handle, Due::Questions).await?;
            }
        } else {
            match pages.link.save_answers(&guest.handle, guest.language.tag, given(&form)).await? {
                Saved::Done => {}
                saved @ (Saved::Faults(_) | Saved::NotAllowed) => {
                    return draw(&guest, SET_UP, Some(&form), saved).await;
                }
            }
        }
        Ok(answer::see(&pages, "/setup/done"))
    })
    .await
}

/// `GET /account/questions`
pub async fn show_change(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        in_account(&guest).await?;
        draw(&guest, ACCOUNT, None, Saved::Done).await
    })
    .await
}

/// `POST /account/questions`
pub async fn save_change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        in_account(&guest).await?;
        match pages.link.save_answers(&guest.handle, guest.language.tag, given(&form)).await? {
            Saved::Done => Ok(answer::see(&pages, "/account")),
            saved @ (Saved::Faults(_) | Saved::NotAllowed) => draw(&guest, ACCOUNT, Some(&form), saved).await,
        }
    })
    .await
}

fn draw_asked(guest: &Guest<'_>, drawn: &[QuestionView], wrong: bool) -> Result<HttpResponse, Stop> {
    let mut page = FormPage::new(Frame::of(guest, true), "asked-title", "/verify/questions");
    page.lead.push(page.f.t("asked-lead"));
    let fields = drawn.iter().enumerate().map(|(place, question)| {
        let name = format!("answer{}", place + 1);
        Field { longest: 200, auto: "off", required: true, ..Field::of("text", &name, question.text.clone()) }
    });
    page.fields = fields.collect();
    page.said = wrong.then(|| Said { kind: "error", text: page.f.t("asked-wrong") });
    page.hides = true;
    page.button("asked-button", "answer");
    page.way("asked-back", "/verify");
    page.answer(guest)
}

/// `GET /verify/questions`
pub async fn show_asked(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        verify::may_fall_back(&guest).await?;
        let drawn = pages.link.drawn(&guest.handle).await?;
        if drawn.is_empty() { Ok(answer::see(&pages, "/verify")) } else { draw_asked(&guest, &drawn, false) }
    })
    .await
}

/// `POST /verify/questions`
pub async fn answer(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        verify::may_fall_back(&guest).await?;
        let drawn = pages.link.drawn(&guest.handle).await?;
        let answers = (0..drawn.len()).map(|place| form.secret(&format!("answer{}", place + 1))).collect();
        match pages.link.answer(&guest.handle, answers, &form.once()).await? {
            Answered::Right => concluded(&pages, &guest).await,
            Answered::Wrong => {
                let drawn = pages.link.drawn(&guest.handle).await?;
                if drawn.is_empty() { Ok(answer::see(&pages, "/verify")) } else { draw_asked(&guest, &drawn, true) }
            }
            Answered::Paused => Ok(answer::see(&pages, "/verify")),
        }
    })
    .await
}
