//! baresip as the phone: it rings, and does what the test says over its control port.
//! Refuses to be called before it says that it listens.

use crate::peer::{Peer, free_port};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A phone.
pub struct Phone {
    peer: Peer,
    control: TcpStream,
    buffer: Vec<u8>,
    pub port: u16,
}

impl Phone {
    pub async fn start(transport: &str) -> Self {
        Self::with(transport, "PCMU/8000/1").await
    }

    /// Over TLS, with this certificate and key, PEM, and with sound that must be encrypted. It listens on `port` + 1.
    pub async fn secure(identity: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("identity.pem"), identity).unwrap();
        let more = format!("sip_certificate {}/identity.pem\nmodule srtp.so\n", folder.path().to_str().unwrap());
        Self::started(folder, "tls", "PCMU/8000/1;mediaenc=srtp-mand", &more).await
    }

    pub async fn with(transport: &str, codecs: &str) -> Self {
        Self::started(tempfile::tempdir().unwrap(), transport, codecs, "").await
    }

    async fn started(folder: TempDir, transport: &str, codecs: &str, more: &str) -> Self {
        let (port, control) = (free_port(), free_port());
        let path = folder.path().to_str().unwrap();
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aufile.so\n\
             module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:{control}\n\
             audio_source aufile,{path}/voice.wav\naudio_player aufile,{path}/played.wav\nmodule sndfile.so\nsnd_path {path}\naudio_alert aufile,{path}/alert.wav\n\
             call_max_calls 8\n{more}"
        );
        let account = format!(
            "<sip:+12025550123@127.0.0.1:{port};transport={transport}>;regint=0;answermode=manual;audio_codecs={codecs}\n"
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        std::fs::write(folder.path().join("accounts"), account).unwrap();
        std::fs::write(folder.path().join("contacts"), "").unwrap();
        std::fs::write(folder.path().join("voice.wav"), quiet_minute()).unwrap();
        let peer = Peer::start(Command::new("baresip").args(["-v", "-s", "-f", path]), folder);
        let control = ready(&peer, control).await;
        Self { peer, control, buffer: Vec::new(), port }
    }

    /// A command of its menu.
    pub async fn command(&mut self, command: &str, parameters: &str) {
        let text = json!({ "command": command, "params": parameters }).to_string();
        self.control.write_all(format!("{}:{text},", text.len()).as_bytes()).await.unwrap();
    }

    /// Presses keys, as RFC 4733.
    pub async fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.command("sndcode", &key.to_string()).await;
            // A key lasts; baresip sends the next one only after it.
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Waits for an event of this type.
    pub async fn event(&mut self, named: &str) {
        let wait = async { while self.next().await["type"] != named {} };
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(waited.is_ok(), "no {named}: {}", self.peer.log());
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some(value) = self.taken() {
                return value;
            }
            let read = self.control.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the phone ended: {}", self.peer.log());
        }
    }

    fn taken(&mut self) -> Option<Value> {
        let colon = self.buffer.iter().position(|&byte| byte == b':')?;
        let length: usize = std::str::from_utf8(&self.buffer[..colon]).unwrap().parse().unwrap();
        let end = colon + 1 + length;
        if self.buffer.len() <= end {
            return None;
        }
        let value = serde_json::from_slice(&self.buffer[colon + 1..end]).unwrap();
        self.buffer.drain(..=end);
        Some(value)
    }

    /// The loudest sample of the sound that it heard, as it recorded it.
    pub fn loudest(&self) -> u16 {
        let bytes: Vec<u8> = self.recorded().into_iter().flat_map(|mut wav| wav.split_off(44)).collect();
        let sample = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs();
        bytes.chunks_exact(2).map(sample).max().unwrap_or_default()
    }

    /// The files of what it heard.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.peer.folder()).unwrap().map(|entry| entry.unwrap().path());
        let recorded = files.filter(|path| path.to_str().unwrap().ends_with("-dec.wav"));
        recorded.map(|path| std::fs::read(path).unwrap()).collect()
    }

    pub fn log(&self) -> String {
        self.peer.log()
    }
}

/// A minute of a person who says nothing: 8 kHz, 16 bits. A shorter file would end the call.
fn quiet_minute() -> Vec<u8> {
    const SAMPLES: u32 = 60 * 8000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + SAMPLES * 2).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    [1_u16, 1].iter().for_each(|word| wav.extend(word.to_le_bytes()));
    [8000_u32, 16_000].iter().for_each(|word| wav.extend(word.to_le_bytes()));
    [2_u16, 16].iter().for_each(|word| wav.extend(word.to_le_bytes()));
    wav.extend(b"data");
    wav.extend((SAMPLES * 2).to_le_bytes());
    wav.resize(wav.len() + 2 * SAMPLES as usize, 0);
    wav
}

async fn ready(peer: &Peer, control: u16) -> TcpStream {
    for _ in 0..500 {
        if peer.log().contains("baresip is ready")
            && let Ok(stream) = TcpStream::connect(("127.0.0.1", control)).await
        {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the phone does not start: {}", peer.log());
}
