//! A Samba domain controller: Active Directory's LDAP, its codes and its rules for passwords.
//! Refuses the machine's own ports: it wants 389 and 636, so it runs in a network of its own and its ports are carried out.

use super::authority::Authority;
use super::{Kept, folder, free_port, run, write};
use directory::WindowsSettings;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

/// The one of this process.
pub static SAMBA: LazyLock<Samba> = LazyLock::new(Samba::start);

pub const BASE: &str = "DC=example,DC=com";
/// The password of everybody who has no other.
pub const PASSWORD: &str = "Gelbe-Ente-7";
const ADMINISTRATOR: &str = "Long-Enough-1";

/// Carries both ports out of a network of its own. `socat` ends with a signal as the controller does.
const START: &str = r#"
folder=$1; ldap=$2; ldaps=$3
out() { exec socat "TCP-LISTEN:$2,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$folder/$1.socket"; }
out ldap "$ldap" & a=$!
out ldaps "$ldaps" & b=$!
unshare --net sh -c '
  folder=$1
  ip link set lo up
  socat "UNIX-LISTEN:$folder/ldap.socket,fork" TCP:127.0.0.1:389 & a=$!
  socat "UNIX-LISTEN:$folder/ldaps.socket,fork" TCP:127.0.0.1:636 & b=$!
  samba --foreground --model=single --configfile="$folder/smb.conf" --debug-stdout & c=$!
  trap "kill $a $b $c" TERM
  wait $c; wait $c
' network "$folder" & c=$!
trap "kill $a $b $c" TERM
wait $c; wait $c
"#;

/// A running controller.
pub struct Samba {
    _server: Kept,
    pub clear: String,
    pub encrypted: String,
    pub authority: PathBuf,
}

impl Samba {
    fn start() -> Self {
        let network = Command::new("unshare").args(["--net", "true"]).output().expect("run script/test");
        let why = String::from_utf8_lossy(&network.stderr);
        assert!(network.status.success(), "Samba's tests want a network namespace, so root with CAP_SYS_ADMIN: {why}");
        let folder = folder();
        let authority = Authority::new().write_for(&["localhost", "127.0.0.1"], &folder);
        provision(&folder);
        let (ldap, ldaps) = (free_port(), free_port());
        let mut program = Command::new("sh");
        program.args(["-c", START, "samba"]).arg(&folder).args([ldap.to_string(), ldaps.to_string()]);
        let server = Kept::start(folder.clone(), &mut program);
        let (clear, encrypted) = (format!("ldap://127.0.0.1:{ldap}"), format!("ldaps://127.0.0.1:{ldaps}"));
        let client = |program: &str, arguments: &[&str]| client(program, &encrypted, &authority, arguments);
        server.wait_for(|| client("ldapsearch", &["-s", "base", "-b", ""]).is_ok());
        let entries = write(&folder, "entries.ldif", &entries());
        client("ldapmodify", &["-f", entries.to_str().unwrap()]).unwrap();
        grow_old(&folder, "expired");
        Self { _server: server, clear, encrypted, authority }
    }

    /// With the service account, in TLS.
    pub fn settings(&self) -> WindowsSettings {
        WindowsSettings {
            bind_name: "service@example.com".into(),
            bind_password: crate::secret(PASSWORD),
            allow_password_change: true,
            ..self.without_service()
        }
    }

    /// Everybody searches for themselves.
    pub fn without_service(&self) -> WindowsSettings {
        WindowsSettings {
            domain: "example.com".into(),
            servers: vec![self.encrypted.clone()],
            ca_file: Some(self.authority.clone()),
            timeout: Duration::from_secs(10),
            ..WindowsSettings::default()
        }
    }
}

fn client(program: &str, url: &str, authority: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut client = Command::new(program);
    client.env("LDAPTLS_CACERT", authority).stdin(Stdio::null()).args(["-x", "-H", url]);
    client.args(["-D", "administrator@example.com", "-w", ADMINISTRATOR]).args(arguments);
    let done = client.output().unwrap();
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

/// The settings are there before the domain is, so that nothing is taken from those of the machine.
fn provision(folder: &Path) {
    for name in ["private", "state", "cache", "lock", "pid", "dns", "rpc"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    let config = write(folder, "smb.conf", &config(folder));
    let mut provision = Command::new("samba-tool");
    provision.args(["domain", "provision", "--quiet", "--realm=EXAMPLE.COM", "--domain=EXAMPLE", "--server-role=dc"]);
    provision.args(["--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1", "--adminpass", ADMINISTRATOR]);
    run(provision.arg("--configfile").arg(config));
}

fn config(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "[global]
netbios name = DC1
realm = EXAMPLE.COM
workgroup = EXAMPLE
server role = active directory domain controller
server services = ldap
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
pid directory = {folder}/pid
binddns dir = {folder}/dns
ncalrpc dir = {folder}/rpc
log file = {folder}/samba.log
posix:eadb = {folder}/eadb.tdb
interfaces = lo
bind interfaces only = yes
tls cafile = {folder}/authority.pem
tls certfile = {folder}/certificate.pem
tls keyfile = {folder}/key.pem
[sysvol]
path = {folder}/state/sysvol
[netlogon]
path = {folder}/state/sysvol/example.com/scripts
"
    )
}

/// Makes somebody's password one of 2016. Nobody may do that in LDAP, so it is done in the file.
fn grow_old(folder: &Path, name: &str) {
    let old = format!("dn: {}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 131000000000000000\n", dn(name));
    let old = write(folder, "old.ldif", &old);
    let file = folder.join("private/sam.ldb.d/DC=EXAMPLE,DC=COM.ldb");
    run(Command::new("ldbmodify").arg("-H").arg(format!("tdb://{}", file.display())).arg(old));
}

/// A password as the attribute wants it, in base64.
fn unicode_pwd(password: &str) -> String {
    let bytes: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    super::base64(&bytes)
}

/// Where somebody is.
pub fn dn(name: &str) -> String {
    format!("CN={name},CN=Users,{BASE}")
}

fn line(name: &str, value: &str) -> String {
    format!("{name}:: {}\n", super::base64(value.as_bytes()))
}

fn person(name: &str, password: &str, account_control: u32, more: &str) -> String {
    let mut ldif = line("dn", &dn(name)) + "changetype: add\nobjectClass: user\n";
    ldif += &line("sAMAccountName", name);
    ldif += "givenName: Given\nsn: Surname\nmail: mail@example.com\n";
    write!(ldif, "userAccountControl: {account_control}\nunicodePwd:: {}\n{more}\n", unicode_pwd(password)).unwrap();
    ldif
}

fn group(name: &str, member: &str) -> String {
    format!("dn: {}\nchangetype: add\nobjectClass: group\nsAMAccountName: {name}\nmember: {}\n\n", dn(name), dn(member))
}

/// Locks one person out after two failures (MS-ADTS, password settings objects).
fn locks(person: &str) -> String {
    format!(
        "dn: CN=locks,CN=Password Settings Container,CN=System,{BASE}\nchangetype: add\n\
         objectClass: msDS-PasswordSettings\nmsDS-PasswordSettingsPrecedence: 10\n\
         msDS-PasswordReversibleEncryptionEnabled: FALSE\nmsDS-PasswordHistoryLength: 0\n\
         msDS-PasswordComplexityEnabled: TRUE\nmsDS-MinimumPasswordLength: 7\nmsDS-MinimumPasswordAge: 0\n\
         msDS-MaximumPasswordAge: -36288000000000\nmsDS-LockoutThreshold: 2\n\
         msDS-LockoutObservationWindow: -18000000000\nmsDS-LockoutDuration: -18000000000\n\
         msDS-PSOAppliesTo: {}\n\n",
        dn(person)
    )
}

fn entries() -> String {
    const NORMAL: u32 = 512;
    const DISABLED: u32 = 514;
    let plain = |name: &str| person(name, PASSWORD, NORMAL, "");
    let with = |name: &str, more: &str| person(name, PASSWORD, NORMAL, more);
    let at_no_hour = format!("logonHours:: {}\n", super::base64(&[0; 21]));
    let mut all = vec![
        format!("dn: {BASE}\nchangetype: modify\nreplace: minPwdAge\nminPwdAge: 0\n\n"),
        ["service", "changes", "refused", "wrong", "locks", "expired", "member", "nested", "outsider"]
            .map(plain)
            .concat(),
        person("disabled", PASSWORD, DISABLED, ""),
        with("must", "pwdLastSet: 0\n"),
        with("must-outside", "pwdLastSet: 0\n"),
        with("must-changes", "pwdLastSet: 0\n"),
        with("ended", "accountExpires: 1\n"),
        with("never", &at_no_hour),
        // One whose principal name has the account name of another.
        with("thief", "userPrincipalName: victim@example.org\n"),
        plain("victim"),
        with("explicit", "userPrincipalName: someone.else@example.org\n"),
        group("Inner", "nested"),
        group("Staff", "member"),
        format!("dn: {}\nchangetype: modify\nadd: member\nmember: {}\n\n", dn("Staff"), dn("Inner")),
        locks("locks"),
    ];
    all.extend(crate::conformance::PEOPLE.iter().map(|one| person(one.name, one.password, NORMAL, "")));
    all.concat()
}
