# What British English says otherwise than en.ftl; everything else is as there.
language-name = English (UK)
    .voice = en-gb
    .pace = 160

hash = hash key
key-hash = hash
