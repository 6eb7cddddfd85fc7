"""Sends letters to the simulators' mail server with Python's smtplib, which is the judge of what it answers.

Arguments: port, file with the certificate, user name, password.
"""

import email.policy
import smtplib
import ssl
import sys
from email.message import EmailMessage

port, authority, username, password = sys.argv[1:5]
trust = ssl.create_default_context(cafile=authority)


def connect():
    client = smtplib.SMTP("localhost", int(port), timeout=20)
    client.starttls(context=trust)
    client.ehlo()
    return client


def letter(to, subject):
    message = EmailMessage()
    message["From"] = "Countersign <mfa@example.com>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<python_1@example.com>"
    message.set_content("Grüße 世界\n.\n..zwei Punkte\n")
    message.add_alternative("<p>Grüße <b>世界</b></p>\n", subtype="html")
    return message


with connect() as client:
    for name in ["8bitmime", "smtputf8", "pipelining", "enhancedstatuscodes", "size"]:
        assert client.has_extn(name), name
    assert not client.has_extn("starttls")
    client.login(username, password)
    both = letter("alice@example.com, bob@example.com", "Prüfung – 世界")
    try:
        client.send_message(both)
        raise AssertionError("took 8-bit bytes that were not announced")
    except smtplib.SMTPDataError as refusal:
        assert refusal.smtp_code == 554 and b"BODY=8BITMIME" in refusal.smtp_error, refusal
    assert client.send_message(both, mail_options=["BODY=8BITMIME"]) == {}
    assert client.send_message(letter("jörg@bücher.example", "utf8")) == {}
    assert client.verify("alice")[0] == 252
    assert client.noop()[0] == 250
    partly = letter("x@example.com", "partly").as_bytes(policy=email.policy.SMTP)
    recipients = ["no address", "carol@example.com"]
    refused = client.sendmail("mfa@example.com", recipients, partly, mail_options=["BODY=8BITMIME"])
    assert list(refused) == ["no address"] and refused["no address"][0] == 553, refused

# Each mechanism on its own, and a wrong password.
for mechanism in ["auth_plain", "auth_login"]:
    with connect() as client:
        client.user, client.password = username, password
        code, _ = client.auth(mechanism[5:].upper(), getattr(client, mechanism))
        assert code == 235, (mechanism, code)
with connect() as client:
    try:
        client.login(username, "wrong")
        raise AssertionError("logged in with a wrong password")
    except smtplib.SMTPAuthenticationError as refusal:
        assert refusal.smtp_code == 535, refusal
    try:
        client.send_message(letter("alice@example.com", "unknown sender"))
        raise AssertionError("took a letter from somebody unknown")
    except smtplib.SMTPSenderRefused as refusal:
        assert refusal.smtp_code == 530, refusal
print("all agreed")
