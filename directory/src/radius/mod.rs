//! A directory that is asked through RADIUS (RFC 2865): a name and a password, accepted or rejected.
//! Refuses answers that are not signed, and second questions (Access-Challenge): a second factor is asked here.

#[cfg(test)]
mod examples;
pub mod packet;
mod settings;

use crate::contract::{Directory, Entry, NotAuthenticated};
use crate::settings::SettingsFault;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use packet::{Answer, Request};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::UdpSocket;
use tokio::time::timeout;

pub use settings::RadiusSettings;

/// A datagram that is longer is no packet.
const LONGEST_DATAGRAM: usize = 4096;

/// The directory.
pub struct Radius {
    settings: RadiusSettings,
}

impl Radius {
    /// With these settings.
    pub fn new(settings: RadiusSettings) -> Result<Self, SettingsFault> {
        settings.check()?;
        Ok(Self { settings })
    }

    /// The first server's answer that answers; else why each of them does not.
    async fn ask(&self, name: &str, password: &str) -> Result<Entry, NotAuthenticated> {
        let mut causes = Vec::new();
        for server in &self.settings.servers {
            match self.ask_one(server, name, password).await {
                Ok(Some(Answer::Accept)) => return Ok(Entry::default()),
                // No server has such a name or password.
                Ok(Some(Answer::Reject) | None) => return Err(NotAuthenticated::Wrong),
                Ok(Some(Answer::Challenge)) => {
                    let cause = format!("{server}: it asks for more than a password (Access-Challenge)");
                    return Err(NotAuthenticated::Unavailable(cause));
                }
                Err(cause) => causes.push(format!("{server}: {cause}")),
            }
        }
        Err(NotAuthenticated::Unavailable(causes.join("; ")))
    }

    async fn ask_one(&self, server: &str, name: &str, password: &str) -> Result<Option<Answer>, String> {
        let RadiusSettings { secret, nas_identifier, .. } = &self.settings;
        let (identifier, authenticator) = random();
        let secret = secret.expose().as_bytes();
        let request = Request::new(identifier, authenticator, secret, (name, password), nas_identifier);
        let Ok(request) = request else { return Ok(None) };
        let socket = timeout(self.settings.timeout, connected(server)).await;
        let socket = socket.map_err(|_| "its address is not found in time")?.map_err(|cause| cause.to_string())?;
        self.exchange(&socket, &request).await.map(Some)
    }

    /// Sends the same bytes at each try, so that a server which was slow knows that it is one question (RFC 2865 §2.5).
    async fn exchange(&self, socket: &UdpSocket, request: &Request<'_>) -> Result<Answer, String> {
        let mut ignored = None;
        for _ in 0..self.settings.tries {
            socket.send(request.bytes()).await.map_err(|cause| cause.to_string())?;
            let answer = answer(socket, request, &mut ignored);
            match timeout(self.settings.timeout, answer).await {
                Ok(answered) => return answered.map_err(|cause| cause.to_string()),
                Err(_elapsed) => {}
            }
        }
        Err(ignored.map_or_else(|| "no answer".into(), |why| format!("no answer that can be trusted: {why}")))
    }
}

/// Waits past everything that does not answer the request: anybody can send a datagram.
async fn answer(
    socket: &UdpSocket,
    request: &Request<'_>,
    ignored: &mut Option<packet::NotAnAnswer>,
) -> std::io::Result<Answer> {
    let mut datagram = [0; LONGEST_DATAGRAM];
    loop {
        let length = socket.recv(&mut datagram).await?;
        match request.answered_by(&datagram[..length]) {
            Ok(answer) => return Ok(answer),
            Err(why) => *ignored = Some(why),
        }
    }
}

/// A socket of this request's own, which hears of its server alone.
async fn connected(server: &str) -> std::io::Result<UdpSocket> {
    let mut last = std::io::Error::other("it has no address");
    for address in tokio::net::lookup_host(server).await? {
        match connect(address).await {
            Ok(socket) => return Ok(socket),
            Err(cause) => last = cause,
        }
    }
    Err(last)
}

async fn connect(server: SocketAddr) -> std::io::Result<UdpSocket> {
    let any = match server {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    Ok(socket)
}

fn random() -> (u8, [u8; 16]) {
    let mut bytes = [0; 17];
    getrandom::fill(&mut bytes).expect("the system gives random bytes, or nothing here is safe");
    let [identifier, authenticator @ ..] = bytes;
    (identifier, authenticator)
}

impl Directory for Radius {
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>> {
        Box::pin(async move {
            if name.chars().any(char::is_control) {
                return Err(NotAuthenticated::Wrong);
            }
            self.ask(name, password.expose()).await
        })
    }
}
