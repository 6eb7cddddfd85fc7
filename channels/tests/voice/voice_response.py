"""Builds each turn with the provider's own library and compares its document with ours, both in canonical form.

Standard input: a list of {"parts", "listen", "next", "ours"}.
"""

import json
import sys
from xml.etree.ElementTree import canonicalize

from twilio.twiml.voice_response import Gather, VoiceResponse


def speak(verb, parts):
    for part in parts:
        if "dial" in part:
            verb.play("", digits=part["dial"].replace(",", "ww"))
        else:
            voice = {"voice": part["voice"]} if part["voice"] else {}
            verb.say(part["say"], language=part["language"], **voice)


def built(case):
    response = VoiceResponse()
    parts, listen, following = case["parts"], case["listen"], case["next"]
    dialled = max((at + 1 for at, part in enumerate(parts) if "dial" in part), default=0)
    speak(response, parts[:dialled])
    if listen is None:
        speak(response, parts[dialled:])
        response.hangup()
        return str(response)
    gather = Gather(
        input="dtmf",
        finish_on_key="" if listen["most"] == 1 else "#",
        num_digits=listen["most"],
        timeout=listen["wait"],
        action=following,
        method="POST",
        action_on_empty_result=True,
    )
    speak(gather, parts[dialled:])
    response.append(gather)
    response.redirect(following, method="POST")
    return str(response)


cases = json.load(sys.stdin)
for case in cases:
    theirs, ours = canonicalize(built(case)), canonicalize(case["ours"])
    assert theirs == ours, f"theirs: {theirs}\nours:   {ours}"
print(len(cases), "documents agreed")
