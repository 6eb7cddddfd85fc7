"""Makes the sound of the prompts: `portal/texts/calls/{language}.ftl` becomes `portal/audio/{language}.pack`.

The form of a pack, and how a text falls into pieces, are told in `portal/src/calls/pack.rs` and `pieces.rs`; a test there
holds that both sides agree. Refuses to be needed: packs are committed, and neither a build nor a running engine comes here.
"""

import array
import hashlib
import math
import pathlib
import re
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS, PACKS = ROOT / "portal/texts/calls", ROOT / "portal/audio"
# Raised when the sound of the same text becomes another one; it is part of every name.
RECIPE = "1"
OVERLAYS = {"en-GB": "en"}
RATE = 8000
LOUDNESS, PEAK = 10 ** (-19 / 20), 10 ** (-1.5 / 20)
STOPS = ".?!\u3002\uff1f\uff01"
COMMAS = ",:;\u3001\uff0c"


def messages(language):
    """Each message and attribute (`key` or `key.attribute`) of a file whose values stand on one line each."""
    found, key = {}, ""
    base = OVERLAYS.get(language)
    if base:
        found = messages(base)
    for line in (TEXTS / f"{language}.ftl").read_text(encoding="utf-8").splitlines():
        message = re.fullmatch(r"([a-z][\w-]*) = (.+)", line)
        attribute = re.fullmatch(r"    \.([a-z]+) = (.+)", line)
        if message:
            key = message[1]
            # What replaces a message replaces its attributes too, as Fluent does.
            found = {name: text for name, text in found.items() if not name.startswith(f"{key}.")}
            found[key] = message[2]
        elif attribute:
            found[f"{key}.{attribute[1]}"] = attribute[2]
        elif line and not line.startswith("#"):
            sys.exit(f"{language}.ftl: this line is neither a message nor an attribute of one line: {line}")
    return found


def sound(found, key):
    """What is heard of a message."""
    return found.get(f"{key}.sound") or found.get(f"{key}.nameless") or found[key]


def pieces(text):
    """The words between what is put in and the ends of sentences."""
    for run in re.split(r"\{ \$\w+ \}", text):
        for piece in re.split("(?<=[.?!]) |(?<=[\u3002\uff1f\uff01])", run):
            piece = piece.strip(" " + COMMAS)
            if piece.strip(STOPS):
                yield piece


def wanted(language):
    """Name → what the synthesiser is given, for all that a language says."""
    found = messages(language)
    setting = (found["language-name.voice"], found["language-name.pace"])
    pin, hash_word = found.get("language-name.pin", "pin"), sound(found, "hash")
    names = {}
    for key in found:
        if "." in key or key in ("language-name", "hash"):
            continue
        for piece in pieces(sound(found, key).replace("{ $hash }", hash_word)):
            said = piece.replace("PIN", pin)
            names[hashlib.sha256("\n".join((RECIPE, *setting, said)).encode()).digest()] = said
    return setting, names


def run(*command, given=b""):
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout


def spoken(setting, said):
    """Samples of 16 bits at 8,000 a second, without the silence at both ends."""
    # What goes on after a digit must not sound as if it were over.
    text = said if said[-1] in STOPS else said + ","
    wav = run("espeak-ng", "-v", setting[0], "-s", setting[1], "-b", "1", "--stdin", "--stdout", given=text.encode())
    raw = run("sox", "-D", "--ignore-length", "-t", "wav", "-", "-t", "s16", "-r", str(RATE), "-c", "1", "-",
              "gain", "-6", "highpass", "120", "rate", "-h", str(RATE), given=wav)
    samples = array.array("h")
    samples.frombytes(raw)
    if sys.byteorder == "big":
        samples.byteswap()
    return trimmed(samples)


def loud(samples):
    return math.sqrt(sum(s * s for s in samples) / max(len(samples), 1))


def trimmed(samples, step=80, around=2):
    loudest = max(map(abs, samples))
    heard = [at for at in range(0, len(samples), step) if loud(samples[at:at + step]) > loudest / 150]
    return samples[max(heard[0] - around * step, 0):heard[-1] + (1 + around) * step]


def levelled(samples):
    """The same loudness for all, over what is not a pause; what would clip is pressed down softly."""
    blocks = [samples[at:at + 160] for at in range(0, len(samples), 160)]
    most = max(map(loud, blocks))
    active = [block for block in blocks if loud(block) > most / 30]
    gain = LOUDNESS / (math.sqrt(sum(loud(b) ** 2 * len(b) for b in active) / sum(map(len, active))))
    edge = min(40, len(samples) // 4)
    fade = [min(1.0, at / edge, (len(samples) - 1 - at) / edge) for at in range(len(samples))]
    return [soft(sample * gain) * part for sample, part in zip(samples, fade)]


def soft(value, knee=0.5):
    """Leaves what is below the knee, and bends what is above it so that it nears the peak and never reaches it."""
    size = abs(value)
    if size > knee:
        size = knee + (PEAK - knee) * math.tanh((size - knee) / (PEAK - knee))
    return math.copysign(size, value)


def mu_law(value):
    """G.711 µ-law of a sample between -1 and 1."""
    size = min(int(abs(value) * 32768), 32635) + 132
    exponent = size.bit_length() - 8
    code = (0x80 if value < 0 else 0) | exponent << 4 | size >> (exponent + 3) & 0x0F
    return ~code & 0xFF


def rendered(setting, said):
    return bytes(map(mu_law, levelled(spoken(setting, said))))


def pack(language):
    setting, names = wanted(language)
    with ThreadPoolExecutor(2) as pool:
        sounds = list(pool.map(lambda said: rendered(setting, said), names.values()))
    entries, body = [], b""
    for name, piece in sorted(zip(names, sounds)):
        entries.append(name + struct.pack("<II", len(body), len(piece)))
        body += piece
    PACKS.mkdir(exist_ok=True)
    whole = b"calls\x01\0\0" + struct.pack("<I", len(entries)) + b"".join(entries) + body
    (PACKS / f"{language}.pack").write_bytes(whole)
    print(f"{language}: {len(entries)} pieces, {len(body) / RATE:.0f} s, {len(whole) / 1e6:.2f} MB")
    return len(whole)


def kept(language):
    """The names in a pack."""
    path = PACKS / f"{language}.pack"
    data = path.read_bytes() if path.exists() else b"calls\x01\0\0\0\0\0\0"
    (count,) = struct.unpack_from("<I", data, 8)
    return {data[12 + at * 40:44 + at * 40] for at in range(count)}


def check(language):
    """Says what is not made from the present texts; whether there is nothing to say."""
    (_, names), present = wanted(language), kept(language)
    missing = [said for name, said in names.items() if name not in present]
    for said in missing:
        print(f"{language}: not made yet: {said}")
    stale = len(present - names.keys())
    if stale:
        print(f"{language}: {stale} pieces are of texts that are no more")
    return not missing and not stale


def main():
    languages = sorted(path.stem for path in TEXTS.glob("*.ftl"))
    asked = [argument for argument in sys.argv[1:] if argument != "--check"]
    unknown = set(asked) - set(languages)
    if unknown:
        sys.exit(f"there are no texts for {', '.join(sorted(unknown))}; there are {', '.join(languages)}")
    if "--check" in sys.argv:
        fine = [check(language) for language in asked or languages]
        sys.exit(0 if all(fine) else "make the sound anew: script/prompts")
    print(f"{sum(map(pack, asked or languages)) / 1e6:.1f} MB in all")


main()
