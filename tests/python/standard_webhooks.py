"""Lets the official library of Standard Webhooks judge one of our webhooks, as it was received.

Arguments: secret, webhook-id, webhook-timestamp, webhook-signature; the body comes on standard input.
"""

import sys

from standardwebhooks import Webhook, WebhookVerificationError

secret, identifier, timestamp, signature = sys.argv[1:5]
body = sys.stdin.read()
headers = {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": signature}

Webhook(secret).verify(body, headers)
for tampered, changed in [(body + " ", {}), (body, {"webhook-id": "evt_other"}), (body, {"webhook-timestamp": str(int(timestamp) + 1)})]:
    try:
        Webhook(secret).verify(tampered, {**headers, **changed})
        raise AssertionError("accepted a tampered webhook")
    except WebhookVerificationError:
        pass
print("all agreed")
