//! What is there to look after.
//! Refuses full numbers.

use super::InProcess;
use super::logins::Belongings;
use crate::link::{
    Account, Away, Before, Bypass, BypassRefused, Change, Fault, LookingAfter, Past, PinFaults, Proved, Removed, Reply,
    Token, TokenCode,
};
use crate::own_app::OWN_APP;
use engine::id::{TokenId, VerificationId};
use engine::method::Method;
use engine::moment::Moment;
use engine::secret::Secret;

impl LookingAfter for InProcess {
    fn account<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Account>> {
        Box::pin(self.whole_account(handle))
    }

    fn change<'a>(&'a self, handle: &'a str, change: Change) -> Reply<'a, Vec<Fault>> {
        Box::pin(self.change_something(handle, change))
    }

    fn change_pin<'a>(
        &'a self,
        handle: &'a str,
        current: Secret<String>,
        pin: Secret<String>,
        confirm: Secret<String>,
    ) -> Reply<'a, PinFaults> {
        Box::pin(self.replace_pin(handle, current, (pin, confirm)))
    }

    fn token_code<'a>(&'a self, handle: &'a str, code: TokenCode) -> Reply<'a, Proved> {
        Box::pin(self.check_token(handle, code))
    }

    fn remove_token<'a>(&'a self, handle: &'a str, token: TokenId) -> Reply<'a, Removed> {
        Box::pin(self.drop_token(handle, token))
    }

    fn sign_out_others<'a>(&'a self, handle: &'a str, own: bool) -> Reply<'a, ()> {
        Box::pin(async move {
            match self.find(handle).await?.filter(|found| found.strength().is_some()) {
                Some(found) => self.end_others(&found, own).await,
                None => Ok(()),
            }
        })
    }

    fn history<'a>(&'a self, handle: &'a str) -> Reply<'a, Vec<Past>> {
        Box::pin(self.past(handle))
    }

    fn not_me<'a>(&'a self, handle: &'a str, which: VerificationId, stop: bool) -> Reply<'a, bool> {
        Box::pin(self.report(handle, which, stop))
    }

    fn start_bypass<'a>(
        &'a self,
        handle: &'a str,
        seconds: Option<u32>,
        reason: &'a str,
    ) -> Reply<'a, Result<(), BypassRefused>> {
        Box::pin(self.begin_bypass(handle, seconds, reason))
    }

    fn cancel_bypass<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.end_bypass(handle))
    }
}

impl InProcess {
    async fn whole_account(&self, handle: &str) -> Result<Option<Account>, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| found.strength().is_some()) else { return Ok(None) };
        let (belongings, now) = (self.belongings(&found.user.name).await?, self.engine.now());
        let user = &found.user;
        Ok(Some(Account {
            backup: user.backup_phone.as_ref().map(|phone| phone.number.masked()),
            backup_verified: user.backup_verified_at.is_some(),
            text_language: user.language_of(Method::Sms).to_owned(),
            call_language: user.language_of(Method::Voice).to_owned(),
            bypass: bypass(&belongings, now),
            tokens: tokens(&belongings),
            places: self.places(&found).await?,
            before: user.before_at(now).map(|before| Before {
                phone: before.phone.number.masked(),
                by_call: before.method == Method::Voice,
                until: before.until,
            }),
        }))
    }
}

fn tokens(belongings: &Belongings) -> Vec<Token> {
    let counting = belongings.tokens.iter().filter(|token| token.activated);
    let shown = counting.map(|token| Token {
        id: token.id,
        serial: if token.manufacturer == OWN_APP { String::new() } else { token.serial.clone() },
        added_at: token.created_at,
    });
    shown.collect()
}

fn bypass(belongings: &Belongings, now: Moment) -> Option<Bypass> {
    let bypass = belongings.standing.bypass.as_ref().filter(|bypass| bypass.usable(now))?;
    Some(Bypass { left: bypass.ends_at().since(now) })
}
