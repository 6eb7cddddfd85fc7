"""Places calls with the provider's own library, says what it makes, and has its validator judge every webhook.

Arguments: simulator URL, account sid, auth token, our number, a phone that presses 1234# and then #, a phone that rings.
"""

import queue
import sys
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

simulator, sid, token, ours, phone, ringing = sys.argv[1:7]
client = Client(sid, token)
client.api.base_url = simulator
validator = RequestValidator(token)
wrong, statuses = queue.Queue(), queue.Queue()


def document(path, form):
    response = VoiceResponse()
    if path == "/answer":
        gather = Gather(input="dtmf", finish_on_key="#", num_digits=16, timeout=5, action="/keys", method="POST")
        gather.say("Your PIN & the pound key, please", language="en-US", voice="Polly.Joanna")
        response.append(gather)
    elif path == "/keys":
        if (form["Digits"], form["FinishedOnKey"]) != ("1234", "#"):
            wrong.put(form)
        gather = Gather(finish_on_key="", num_digits=1, action="/pound", action_on_empty_result=True)
        gather.say("Now only the pound key")
        response.append(gather)
    elif path == "/pound":
        if form["Digits"] != "#":
            wrong.put(form)
        response.say("Goodbye")
        response.hangup()
    return str(response)


class Customer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        url = f"http://{self.headers['Host']}{self.path}"
        if not validator.validate(url, form, self.headers["X-Twilio-Signature"]):
            wrong.put(("signature", url))
        if self.path == "/status":
            statuses.put(form)
        answer = document(self.path, form).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Customer)
threading.Thread(target=server.serve_forever, daemon=True).start()
customer = f"http://127.0.0.1:{server.server_port}"
events = ["initiated", "ringing", "answered", "completed"]


def last_status():
    words = []
    while not words or words[-1] in ("initiated", "ringing", "in-progress"):
        words.append(statuses.get(timeout=10)["CallStatus"])
    return words


call = client.calls.create(
    to=phone, from_=ours, url=customer + "/answer", status_callback=customer + "/status", status_callback_event=events
)
assert call.sid.startswith("CA") and call.status == "queued", call.status
assert last_status() == ["initiated", "ringing", "in-progress", "completed"]
fetched = client.calls(call.sid).fetch()
assert fetched.status == "completed" and int(fetched.duration) >= 1 and fetched.to == phone, fetched.status
assert fetched.start_time <= fetched.end_time

other = client.calls.create(to=ringing, from_=ours, url=customer + "/answer", status_callback=customer + "/status")
assert client.calls(other.sid).update(status="canceled").sid == other.sid
assert last_status() == ["canceled"]
since = datetime.now(timezone.utc) - timedelta(days=1)
assert [found.sid for found in client.calls.list(to=phone, start_time_after=since)] == [call.sid]
assert [found.sid for found in client.calls.list(page_size=1)] == [other.sid, call.sid]

for change, error in [
    (lambda: client.calls.create(to="nonsense", from_=ours, url=customer), 21211),
    (lambda: client.calls(other.sid).update(status="completed"), 21220),
]:
    try:
        change()
        raise AssertionError(f"{error} was taken")
    except TwilioRestException as refused:
        assert (refused.status, refused.code) == (400, error), refused

assert wrong.empty(), wrong.get()
print("all agreed")
