"""Drives the simulator with the provider's own library, and lets its validator judge our signatures.

Arguments: simulator URL, account sid, auth token, our number, engine URL, the open code of +12025550161.
"""

import sys
import urllib.error
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

simulator, sid, token, ours, engine, code = sys.argv[1:7]
client = Client(sid, token)
client.api.base_url = simulator

sent = client.messages.create(to="+12025550162", from_=ours, body="Grüße 12 – 世界")
assert sent.sid.startswith("SM") and sent.body == "Grüße 12 – 世界", sent
assert client.messages(sent.sid).fetch().to == "+12025550162"
assert any(m.sid == sent.sid for m in client.messages.list(to="+12025550162", limit=5))

for wrong, error in [("nonsense", 21211)]:
    try:
        client.messages.create(to=wrong, from_=ours, body="x")
        raise AssertionError("accepted " + wrong)
    except TwilioRestException as refused:
        assert (refused.status, refused.code) == (400, error), refused

url = engine + "/callbacks/sms/sms"
form = {"MessageSid": "SMlibrary1", "From": "+12025550161", "To": ours, "Body": "no code here", "Extra": "ä &="}
validator = RequestValidator(token)


def post(fields, signature):
    request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode())
    request.add_header("X-Twilio-Signature", signature)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as refused:
        return refused.code


good = validator.compute_signature(url, form)
assert post(form, good) == 200, "the engine refuses the library's own signature"
assert post({**form, "Body": code}, good) == 403, "the engine takes a tampered body"
assert post(form, validator.compute_signature(url + "?x=1", form)) == 403, "the engine takes another URL's signature"
assert post(form, RequestValidator("other").compute_signature(url, form)) == 403, "the engine takes another token"
print("all agreed")
