//! The mail server's connections: greeting, TLS, and what the session says.
//! It refuses to wait for ever, and to carry a byte from before TLS over into it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::lines::{Line, Lines};
use super::office::PostOffice;
use super::reply::Reply;
use super::session::{Next, Session, Step};

/// Connections at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 256;
/// RFC 5321 §4.5.3.1.4 with room for the parameters of the extensions and for AUTH.
const LONGEST_COMMAND: usize = 2_048;
/// RFC 5321 §4.5.3.2.7.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(30);
/// After an accept that failed, most likely for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections until the simulators end; `silence` is how long one is held that is not answered.
pub(crate) async fn serve(office: Arc<PostOffice>, listener: std::net::TcpListener, silence: Duration) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the mail server could not be served"),
    };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((socket, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let office = Arc::clone(&office);
        tokio::spawn(async move {
            let _place = place;
            // How a connection ended is for its client to know.
            let _ = talk(office, socket, silence).await;
        });
    }
}

async fn talk(office: Arc<PostOffice>, socket: TcpStream, silence: Duration) -> io::Result<()> {
    // Small answers must not wait for more; where this fails they only come later.
    let _ = socket.set_nodelay(true);
    let mut lines = Lines::new(socket);
    lines.say("220 simulator.example.com ESMTP keeps every letter and sends none\r\n").await?;
    let mut session = Session::new(Arc::clone(&office), false);
    if converse(&mut lines, &mut session, &office, silence).await? != Next::Tls {
        return Ok(());
    }
    let handshake = timeout(LONGEST_HANDSHAKE, office.acceptor.accept(lines.into_stream()));
    let stream = handshake.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let mut session = Session::new(Arc::clone(&office), true);
    converse(&mut Lines::new(stream), &mut session, &office, silence).await?;
    Ok(())
}

/// Answers until the connection ends or turns into TLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    lines: &mut Lines<S>,
    session: &mut Session,
    office: &PostOffice,
    silence: Duration,
) -> io::Result<Next> {
    let mut next = Next::Line;
    loop {
        let Ok(step) = timeout(LONGEST_WAIT, hear(lines, session, next)).await else {
            lines.say(&Reply::new(421, "4.4.2 nothing came for five minutes; goodbye").wire()).await?;
            return Ok(Next::Close);
        };
        let step = step?;
        next = step.next;
        if next == Next::Silence {
            office.counters.silenced.add();
            tokio::time::sleep(silence).await;
            return Ok(Next::Close);
        }
        if step.decides {
            tokio::time::sleep(Duration::from_millis(office.faults().delay_ms)).await;
        }
        lines.say(&step.reply.wire()).await?;
        match next {
            Next::Line | Next::Letter => {}
            Next::Tls => return Ok(next),
            Next::Close | Next::Silence => {
                lines.end().await;
                return Ok(Next::Close);
            }
        }
    }
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(
    lines: &mut Lines<S>,
    session: &mut Session,
    next: Next,
) -> io::Result<Step> {
    if next == Next::Letter {
        let content = lines.letter().await?;
        return Ok(session.letter(&content));
    }
    Ok(match lines.line(LONGEST_COMMAND).await? {
        Line::Whole(line) => session.line(&line),
        Line::TooLong => {
            session.mistake(Reply::new(500, format!("5.5.2 a line has at most {LONGEST_COMMAND} bytes")), Next::Line)
        }
        Line::Bare => session
            .mistake(Reply::new(500, "5.5.2 a line ends with CRLF, not with CR or LF alone; goodbye"), Next::Close),
    })
}
