"""A mail server for submissions, made of aiosmtpd: it prints its port, then each letter that it took as one line of JSON.

Arguments: certificate and key (PEM files), then any of
  --implicit      TLS from the first byte
  --no-starttls   never offers TLS
  --no-auth       wants nobody to log in
  --utf8          offers SMTPUTF8
  --greeting TEXT says this at the beginning

Who logs in is "countersign" with the password "s3cret-mail". The local part of a recipient says what happens:
  code-550        the answer to RCPT
  data-451        the answer to the letter
  silent          no answer to the letter, ever
  closing         the connection ends instead of an answer to the letter
Everybody else gets the letter.
"""

import argparse
import asyncio
import email.policy
import json
import logging
import ssl
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# It warns of its own future at every log-in, and of what is wanted here.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)

parser = argparse.ArgumentParser()
parser.add_argument("certificate")
parser.add_argument("key")
parser.add_argument("--implicit", action="store_true")
parser.add_argument("--no-starttls", action="store_true")
parser.add_argument("--no-auth", action="store_true")
parser.add_argument("--utf8", action="store_true")
parser.add_argument("--greeting", default="ready")
options = parser.parse_args()

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(options.certificate, options.key)
connections = 0


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"countersign", b"s3cret-mail")
    return AuthResult(success=right, handled=False)


def part(message, kind):
    found = message.get_body((kind,))
    return found.get_content() if found else None


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local = address.rsplit("@", 1)[0]
        if local.startswith("code-"):
            return f"{local[5:8]} told to refuse {local[5:8]}"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.rcpt_tos[0].rsplit("@", 1)[0]
        if local.startswith("data-"):
            return f"{local[5:8]} told to refuse {local[5:8]}"
        if local == "silent":
            await asyncio.sleep(3600)
        if local == "closing":
            server.transport.abort()
            return "250 never seen"
        content = envelope.content
        message = email.message_from_bytes(content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "tls": session.ssl is not None or options.implicit,
            "user": session.authenticated,
            "connection": server.number,
            "headers": [[name, str(value)] for name, value in message.items()],
            "kind": message.get_content_type(),
            "parts": [part.get_content_type() for part in message.iter_parts()],
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "defects": [repr(defect) for defect in message.defects],
            "raw": content.decode("utf-8", "replace"),
        }), flush=True)
        return "250 OK"


def build():
    global connections
    connections += 1
    clear = options.no_starttls
    server = SMTP(
        Handler(),
        hostname="mail.example.com",
        ident=options.greeting,
        tls_context=None if clear or options.implicit else tls,
        require_starttls=not clear and not options.implicit,
        auth_required=not options.no_auth,
        auth_require_tls=not clear and not options.implicit,
        authenticator=authenticate,
        enable_SMTPUTF8=options.utf8,
    )
    server.number = connections
    return server


async def main():
    context = tls if options.implicit else None
    server = await asyncio.get_running_loop().create_server(build, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
