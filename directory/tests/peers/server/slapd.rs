//! An OpenLDAP server with people, groups and rules for passwords.
//! Refuses to be careful: it takes binds without a password, as too many servers do.

use super::authority::Authority;
use super::{Kept, folder, free_port, run, write};
use directory::LdapSettings;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

/// The one of this process.
pub static SLAPD: LazyLock<Slapd> = LazyLock::new(Slapd::start);

pub const BASE: &str = "dc=example,dc=com";
/// The account that searches.
pub const SEARCH: &str = "cn=search,dc=example,dc=com";
/// The password of everybody who has no other.
pub const PASSWORD: &str = "Gelbe-Ente-7";

/// A running server.
pub struct Slapd {
    _server: Kept,
    pub clear: String,
    pub encrypted: String,
    pub authority: PathBuf,
}

impl Slapd {
    fn start() -> Self {
        let folder = folder();
        let authority = Authority::new().write_for(&["localhost", "127.0.0.1"], &folder);
        let (clear, encrypted) = (url("ldap", free_port()), url("ldaps", free_port()));
        std::fs::create_dir(folder.join("data")).unwrap();
        let config = write(&folder, "slapd.conf", &config(&folder));
        let entries = write(&folder, "entries.ldif", &entries());
        run(Command::new("slapadd").arg("-f").arg(&config).arg("-l").arg(entries));
        let mut program = Command::new("slapd");
        program.args(["-d", "0", "-h", &format!("{clear} {encrypted}"), "-f"]).arg(config);
        let server = Kept::start(folder.clone(), &mut program);
        server.wait_for(|| ldap("ldapwhoami", &clear, &[]));
        // While it runs, so that it writes `memberOf`.
        let groups = write(&folder, "groups.ldif", GROUPS);
        assert!(ldap("ldapadd", &clear, &["-f", groups.to_str().unwrap()]), "groups are added");
        Self { _server: server, clear, encrypted, authority }
    }

    /// For the account that searches, in clear on this machine.
    pub fn settings(&self) -> LdapSettings {
        LdapSettings {
            servers: vec![self.clear.clone()],
            bind_dn: SEARCH.into(),
            bind_password: crate::secret(PASSWORD),
            base_dn: BASE.into(),
            timeout: Duration::from_secs(5),
            ..LdapSettings::default()
        }
    }

    /// The same with another server and StartTLS or not.
    pub fn encrypted(&self, server: &str, start_tls: bool) -> LdapSettings {
        let ca_file = Some(self.authority.clone());
        LdapSettings { servers: vec![server.into()], start_tls, ca_file, ..self.settings() }
    }

    /// Asks the server who is bound so, with OpenLDAP's own client.
    pub fn takes(&self, dn: &str, password: &str) -> bool {
        let mut client = Command::new("ldapwhoami");
        client.args(["-x", "-H", &self.clear, "-D", dn, "-w", password]);
        client.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }
}

fn url(scheme: &str, port: u16) -> String {
    format!("{scheme}://127.0.0.1:{port}")
}

/// One of OpenLDAP's clients, as the server's administrator.
fn ldap(program: &str, url: &str, arguments: &[&str]) -> bool {
    let mut client = Command::new(program);
    client.args(["-x", "-H", url, "-D", "cn=admin,dc=example,dc=com", "-w", PASSWORD]).args(arguments);
    client.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

fn config(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
argsfile {folder}/args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
allow bind_anon_cred bind_anon_dn

database mdb
suffix dc=example,dc=com
rootdn cn=admin,dc=example,dc=com
rootpw {PASSWORD}
directory {folder}/data
overlay memberof
overlay refint
overlay ppolicy
access to attrs=userPassword by self write by anonymous auth by * none
access to dn.subtree=ou=closed,dc=example,dc=com by dn.base=cn=search,dc=example,dc=com read by * none
access to * by self write by * read
"#
    )
}

fn person(folder: &str, uid: &str, more: &str) -> String {
    format!(
        "dn: {}\nobjectClass: inetOrgPerson\nuid:: {}\ncn: x\nsn: Surname\ngivenName: Given\nmail: mail@example.com\n{more}\n",
        dn(folder, uid),
        super::base64(uid.as_bytes()),
    )
}

/// Where somebody is. Names may hold what distinguished names are made of, so they are written in hex.
pub fn dn(folder: &str, uid: &str) -> String {
    let hex: String = uid.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("uid={hex},ou={folder},{BASE}")
}

fn with(password: &str, more: &str) -> String {
    format!("userPassword:: {}\n{more}", super::base64(password.as_bytes()))
}

fn policy(name: &str, rules: &str) -> String {
    format!(
        "dn: cn={name},ou=policies,{BASE}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: {name}\n\
         pwdAttribute: userPassword\n{rules}\n"
    )
}

fn entries() -> String {
    let folders = ["people", "closed", "policies", "twice", "groups"];
    let folders = folders.map(|name| format!("dn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n"));
    let under = |policy: &str, more: &str| {
        with(PASSWORD, &format!("pwdPolicySubentry: cn={policy},ou=policies,{BASE}\n{more}"))
    };
    let long_ago = "pwdChangedTime: 20200101000000Z\n";
    let mut all = vec![
        format!("dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"),
        format!("dn: {SEARCH}\nobjectClass: person\ncn: search\nsn: search\n{}", with(PASSWORD, "")),
        policy("strict", "pwdMinLength: 8\npwdCheckQuality: 2\npwdInHistory: 3\npwdAllowUserChange: TRUE\n"),
        policy("reset", "pwdMustChange: TRUE\npwdMinLength: 8\npwdCheckQuality: 2\n"),
        policy("short-lived", "pwdMaxAge: 60\n"),
        policy("grace", "pwdMaxAge: 60\npwdGraceAuthNLimit: 3\n"),
        policy("lockout", "pwdLockout: TRUE\npwdMaxFailure: 2\npwdLockoutDuration: 0\n"),
        policy("fixed", "pwdAllowUserChange: FALSE\n"),
        person("people", "changes", &under("strict", "")),
        person("people", "refused", &under("strict", "")),
        person("people", "reset", &under("reset", "pwdReset: TRUE\n")),
        person("people", "reset-phone", &under("reset", "pwdReset: TRUE\n")),
        person("people", "reset-desk", &under("reset", "pwdReset: TRUE\n")),
        person("people", "expired", &under("short-lived", long_ago)),
        person("people", "graced", &under("grace", long_ago)),
        person("people", "locks", &under("lockout", "")),
        person("people", "locked", &under("lockout", "pwdAccountLockedTime: 000001010000Z\n")),
        person("people", "fixed", &under("fixed", "")),
        person("people", "without", ""),
        person("people", "*)(uid=*", &with("*)(uid=*", "")),
        person("people", "dom\\user", &with(PASSWORD, "")),
        person("people", "user@example.com", &with(PASSWORD, "")),
        person("people", "comma,plus+\"quote\"", &with(PASSWORD, "")),
        person("people", "member", &with(PASSWORD, "")),
        person("people", "outsider", &with(PASSWORD, "")),
        person("closed", "hidden", &with(PASSWORD, "")),
        person("people", "twin", &with(PASSWORD, "")),
        person("twice", "twin", &with(PASSWORD, "")),
        format!(
            "dn: ou=elsewhere,{BASE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\n\
                 ref: ldap://127.0.0.1:1/ou=elsewhere,{BASE}\n"
        ),
    ];
    let folders_at = 1;
    all.splice(folders_at..folders_at, folders);
    let conformant = crate::conformance::PEOPLE.iter();
    all.extend(conformant.map(|person_of| person("people", person_of.name, &with(person_of.password, ""))));
    all.join("\n")
}

const GROUPS: &str = r"dn: cn=Staff,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: Staff
member: uid=member,ou=people,dc=example,dc=com

dn: cn=Lab\, second floor,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: Lab, second floor
member: uid=member,ou=people,dc=example,dc=com
member: uid=outsider,ou=people,dc=example,dc=com
";
