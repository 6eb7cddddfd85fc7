//! A FreeRADIUS server with a file of people.
//! Refuses requests that are not signed; whether its answers are is a matter of the port.

use super::{Kept, folder, free_port, write};
use directory::{Directory, NotAuthenticated, Radius, RadiusSettings};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

/// The one of this process.
pub static FREERADIUS: LazyLock<FreeRadius> = LazyLock::new(FreeRadius::start);

/// What it shares with us.
pub const SECRET: &str = "a secret of the tests 秘密";

/// A running server.
pub struct FreeRadius {
    _server: Kept,
    /// Signs its answers.
    pub signs: String,
    /// Does not, as old servers.
    pub signs_not: String,
}

impl FreeRadius {
    fn start() -> Self {
        let folder = folder();
        let (signs, signs_not) = (free_port(), free_port());
        write(&folder, "users", &users());
        write(&folder, "radiusd.conf", &config(&folder, signs, signs_not));
        // The folder is where its settings are, `-f` keeps it in the foreground.
        let mut program = Command::new("freeradius");
        program.args(["-f", "-l", "stdout", "-n", "radiusd", "-d"]).arg(&folder);
        let address = |port| format!("127.0.0.1:{port}");
        let server = Kept::start(folder, &mut program);
        let server = Self { _server: server, signs: address(signs), signs_not: address(signs_not) };
        server._server.wait_for(|| server.answers());
        server
    }

    fn answers(&self) -> bool {
        let settings = RadiusSettings { timeout: Duration::from_millis(500), tries: 1, ..self.settings() };
        let radius = Radius::new(settings).unwrap();
        let ask = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(radius.authenticate("is it up", &crate::secret("?")))
        };
        // On a thread of its own, for the tests have a runtime on theirs.
        std::thread::scope(|scope| scope.spawn(ask).join().unwrap()) == Err(NotAuthenticated::Wrong)
    }

    /// For the port that signs.
    pub fn settings(&self) -> RadiusSettings {
        RadiusSettings {
            servers: vec![self.signs.clone()],
            secret: crate::secret(SECRET),
            timeout: Duration::from_secs(5),
            ..RadiusSettings::default()
        }
    }
}

fn quoted(text: &str) -> String {
    // In single ones nothing is expanded.
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn users() -> String {
    let conformant = crate::conformance::PEOPLE.iter().map(|person| (person.name, person.password));
    let longest = "x".repeat(128);
    let own = [("longest", &*longest), ("*)(uid=*", "*)(uid=*"), ("challenged", "Gelbe-Ente-7")];
    let line =
        |(name, password): (&str, &str)| format!("{} Cleartext-Password := {}\n", quoted(name), quoted(password));
    conformant.chain(own).map(line).collect()
}

fn config(folder: &Path, signs: u16, signs_not: u16) -> String {
    let folder = folder.display();
    let listen = |port| format!("listen {{\n type = auth\n ipaddr = 127.0.0.1\n port = {port}\n }}");
    let rules = r"
 authorize {
  files
  if (&User-Name == 'challenged') {
   update control {
    Response-Packet-Type := Access-Challenge
   }
   update reply {
    Reply-Message := 'and the code?'
    Message-Authenticator := 0x00
   }
   handled
  }
  pap
 }
 authenticate {
  Auth-Type PAP {
   pap
  }
 }";
    let sign = "update reply {\n Message-Authenticator := 0x00\n }";
    format!(
        r#"
name = radiusd
prefix = /usr
logdir = {folder}
raddbdir = {folder}
run_dir = {folder}
libdir = /usr/lib/freeradius
pidfile = {folder}/pid
correct_escapes = true
max_request_time = 30
cleanup_delay = 5
max_requests = 1024
hostname_lookups = no
log {{
 destination = stdout
}}
security {{
 reject_delay = 0
}}
thread pool {{
 start_servers = 1
 max_servers = 4
}}
client tests {{
 ipaddr = 127.0.0.1
 secret = "{SECRET}"
 require_message_authenticator = yes
}}
modules {{
 files {{
  filename = {folder}/users
 }}
 pap {{
 }}
 always handled {{
  rcode = handled
 }}
}}
server signs {{
 {}
 {rules}
 post-auth {{
  {sign}
  Post-Auth-Type REJECT {{
   {sign}
  }}
 }}
}}
server signs_not {{
 {}
 {rules}
}}
"#,
        listen(signs),
        listen(signs_not),
    )
}
