//! kamailio as the carrier's edge: it asks for a password by 407, registers by 401, and stays in the way by Record-Route.
//! Refuses to know any phone but the one that the test gives it.

use crate::peer::{Peer, free_port};
use std::process::Command;
use std::time::Duration;
use tokio::net::UdpSocket;

pub const USER: &str = "countersign";
pub const PASSWORD: &str = "s3cret-trunk";

/// An edge in front of a phone.
pub struct Edge {
    peer: Peer,
    pub port: u16,
}

impl Edge {
    pub async fn start(phone: u16) -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kamailio.cfg");
        std::fs::write(&path, config(port, phone)).unwrap();
        let run = folder.path().to_str().unwrap().to_owned();
        let mut command = Command::new("/usr/sbin/kamailio");
        command.args([
            "-DD",
            "-E",
            "-n",
            "1",
            "-m",
            "16",
            "-M",
            "4",
            "-f",
            path.to_str().unwrap(),
            "-Y",
            &run,
            "-w",
            &run,
        ]);
        let peer = Peer::start(&mut command, folder);
        let edge = Self { peer, port };
        edge.ready().await;
        edge
    }

    /// Until it answers OPTIONS.
    async fn ready(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let us = socket.local_addr().unwrap();
        let options = format!(
            "OPTIONS sip:127.0.0.1:{} SIP/2.0\r\nVia: SIP/2.0/UDP {us};rport;branch=z9hG4bKready\r\nMax-Forwards: 1\r\n\
             From: <sip:test@{us}>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            self.port
        );
        let mut buffer = [0; 2048];
        for _ in 0..200 {
            // Nobody may listen there yet.
            let _ = socket.send_to(options.as_bytes(), ("127.0.0.1", self.port)).await;
            let read = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
            if matches!(read, Ok(Ok(length)) if length > 0) {
                return;
            }
        }
        panic!("the edge does not start: {}", self.peer.log());
    }

    pub fn log(&self) -> String {
        self.peer.log()
    }
}

fn config(port: u16, phone: u16) -> String {
    format!(
        r#"#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:{port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "auth.so"
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("rr", "enable_full_lr", 1)

request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (is_method("OPTIONS") && !has_totag()) {{ sl_send_reply("200", "OK"); exit; }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("trunk", "{PASSWORD}", "0")) {{ www_challenge("trunk", "1"); exit; }}
    append_to_reply("Contact: $hdr(Contact);expires=120\r\n");
    sl_send_reply("200", "OK");
    xlog("L_ERR", "registered $fU\n");
    exit;
  }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ xlog("L_ERR", "loose $rm\n"); t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    sl_send_reply("404", "Not here");
    exit;
  }}
  t_check_trans();
  if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
  if (!pv_proxy_authenticate("trunk", "{PASSWORD}", "0")) {{ proxy_challenge("trunk", "1"); exit; }}
  consume_credentials();
  record_route();
  $du = "sip:127.0.0.1:{phone}";
  t_relay();
}}
"#
    )
}
