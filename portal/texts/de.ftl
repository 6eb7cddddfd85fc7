language-name = Deutsch

nav-help = Hilfe
nav-language = Sprache
nav-change-language = Ändern
nav-sign-out = Abmelden
nav-contact = Ansprechstelle: { $contact }
nav-logo = Logo
nav-ends = Ohne einen Klick werden Sie abgemeldet: { $time }.
nav-soon = Sie werden bald abgemeldet.
nav-stay = Angemeldet bleiben
nav-over = Sie sind abgemeldet, oder der Dienst ist nicht erreichbar. Kopieren Sie, was Sie hier eingegeben haben, bevor Sie diese Seite verlassen, und melden Sie sich dann wieder an.
nav-close = Schließen

sign-in-title = Anmelden
sign-in-name = Benutzername
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-ended = Sie wurden abgemeldet. Melden Sie sich wieder an, um weiterzumachen.
form-typed-before = Sie waren abgemeldet. Was Sie eingegeben haben, steht noch hier, außer einer PIN: Sehen Sie es durch und senden Sie es noch einmal.
sign-in-signed-out = Sie sind abgemeldet.
sign-in-wrong = Benutzername oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.
sign-in-wait = Zu viele Versuche. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.
sign-in-stopped = Ihr Konto wurde stillgelegt, wie Sie es wollten. Der Helpdesk kann es wieder öffnen.
sign-in-expired = Ihr Passwort ist abgelaufen. Ändern Sie es dort, wo Sie sich bei der Arbeit anmelden, und kommen Sie dann wieder.
sign-in-closed = Die Zeit zum Einrichten Ihres Kontos ist vorbei. Bitten Sie Ihre Administration, es wieder zu öffnen.
sign-in-elsewhere = Ihr Konto kann nur aus dem Netz der Firma eingerichtet werden.
sign-in-off = Die Anmeldung ist zurzeit ausgeschaltet.
sign-in-not-set-up = Ihr Konto ist dafür noch nicht eingerichtet. Wenden Sie sich an Ihre Administration.

verify-title = Prüfen, ob Sie es sind
verify-title-verified = Sie waren es
verify-title-ended = Das hat nicht geklappt
verify-look-again = Noch einmal nachsehen
verify-calling-text = Wir haben eine SMS an die Nummer gesendet, die auf { $ending } endet.
verify-calling = Wir rufen die Nummer an, die auf { $ending } endet …
verify-ringing = Das Telefon mit der Nummer, die auf { $ending } endet, klingelt.
verify-put-through = Der Anruf bei der Nummer, die auf { $ending } endet, wurde angenommen und wird durchgestellt.
verify-answered = Der Anruf bei der Nummer, die auf { $ending } endet, wurde angenommen.
verify-backup = Ihr erstes Telefon hat sich nicht gemeldet, darum rufen wir Ihr Ersatztelefon an.
verify-do-reply = Antworten Sie darauf mit dem Code, der darin steht.
verify-do-reply-pin = Antworten Sie darauf mit dem Code, der darin steht, und dahinter Ihrer PIN.
verify-do-pound = Nehmen Sie ab, hören Sie zu und drücken Sie die Rautetaste (#).
verify-do-pin = Nehmen Sie ab, hören Sie zu, tippen Sie Ihre PIN ein und drücken Sie dann die Rautetaste (#).
verify-left = { $minutes ->
    [0] Weniger als eine Minute übrig.
    [one] Eine Minute übrig.
   *[other] { $minutes } Minuten übrig.
}
verify-check = Ergebnis prüfen
verify-again = Noch einmal versuchen
verify-start = Weiter
verify-resend = Noch einmal senden
verify-resend-in = Sie können sie in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal senden lassen.
verify-cancel = Abbrechen
verify-done = Sie sind bestätigt.
verify-continue = Weiter
verify-another-method = Andere Methode wählen
verify-other = Ein anderer Weg
verify-use-code = Code benutzen
verify-use-questions = Fragen beantworten
verify-undo = Ich habe mein Telefon nicht geändert
verify-drop = Änderung aufgeben
verify-why = Warum?
verify-changed-elsewhere = Das wurde in einem anderen Fenster geändert. So ist jetzt der Stand.
verify-pause = Sie haben es mehrmals versucht. Warten Sie ein wenig und versuchen Sie es dann noch einmal.
verify-another-number = Nummer ändern
verify-elsewhere = Das wurde in einem anderen Browser verlangt. Um hier weiterzumachen, geben Sie Ihre Nummer noch einmal ein.

code-title = Code eingeben
code-text = Wir haben eine SMS an die Nummer gesendet, die auf { $ending } endet. Tippen Sie den Code ein, der darin steht.
code-text-pin = Wir haben eine SMS an die Nummer gesendet, die auf { $ending } endet. Tippen Sie den Code ein, der darin steht, und dahinter Ihre PIN.
code-oath = Tippen Sie den Code ein, den Ihr Token oder Ihre Authenticator-App gerade zeigt.
code-label = Bestätigungscode
code-button = Bestätigen
code-wrong = Der Code ist falsch. { $left ->
    [one] Ein Versuch ist übrig.
   *[other] { $left } Versuche sind übrig.
}
code-not-a-code = Ein Code besteht nur aus Ziffern.
code-wait = Zu viele falsche Codes. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.

reason-no-answer = Es kam rechtzeitig keine Antwort.
reason-not-sent = Die SMS konnte nicht gesendet werden. Prüfen Sie die Nummer oder versuchen Sie es später noch einmal.
reason-call-no-answer = Niemand hat den Anruf angenommen.
reason-call-busy = Die Nummer war besetzt.
reason-call-hung-up = Der Anruf endete, bevor etwas bestätigt war.
reason-call-no-pound = Es wurden Tasten gedrückt, aber die Rautetaste (#) am Ende fehlte.
reason-call-no-key = Der Anruf wurde angenommen, aber keine Taste gedrückt.
reason-call-voicemail = Ein Anrufbeantworter hat den Anruf angenommen.
reason-call-cut = Der Anruf wurde unterbrochen.
reason-call-keys = Es wurden zu oft falsche Tasten gedrückt.
reason-call-not-placed = Der Anruf kam nicht zustande. Prüfen Sie die Nummer oder versuchen Sie es später noch einmal.
reason-call-number = Diese Nummer ist durch einen Anruf nicht zu erreichen.
reason-call-rate = Sie wurden zu oft angerufen. Warten Sie eine Weile und versuchen Sie es dann noch einmal.
reason-extension = Nummern mit Durchwahl werden hier nicht angerufen. Nehmen Sie eine andere Nummer.
reason-number = Diese Nummer ist per SMS nicht erreichbar.
reason-country = Nummern dieses Landes sind hier nicht erlaubt.
reason-quiet-hours = Um diese Zeit wird in dieses Land nicht angerufen. Nehmen Sie einen anderen Weg oder versuchen Sie es am Morgen noch einmal.
reason-rate = Es wurden zu viele SMS gesendet. Warten Sie eine Weile und versuchen Sie es dann noch einmal.
reason-wrong = Code oder PIN waren zu oft falsch.
reason-replayed = Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.
reason-locked-until = Ihr Konto ist nach zu vielen falschen Antworten gesperrt, bis { $time }.
reason-locked = Ihr Konto ist nach zu vielen falschen Antworten gesperrt. Versuchen Sie es später noch einmal.
reason-blocked = Ihr Konto ist blockiert. Lassen Sie sich helfen.
reason-fraud = Sie haben gemeldet, dass Sie es nicht waren. Wenn das so ist, ändern Sie Ihr Passwort.
reason-method = Ihre Methode kann zurzeit nicht benutzt werden. Lassen Sie sich helfen.
reason-pin = Ihre PIN muss geändert werden. Lassen Sie sich helfen.
reason-cancelled = Der Vorgang wurde abgebrochen.
reason-other = Das hat nicht geklappt. Versuchen Sie es noch einmal.

setup-title = Richten Sie Ihr Konto ein
setup-lead = Von jetzt an schützt eine zweite Prüfung Ihr Konto. Das dauert etwa zwei Minuten; Sie können aufhören und später weitermachen.
setup-step-method = Wählen, wie wir prüfen, ob Sie es sind
setup-step-text = Mobilnummer eingeben
setup-step-phone = Telefonnummer eingeben
setup-step-app = Authenticator-App oder Token verbinden
setup-step-proof = Zeigen, dass dieses Konto Ihnen gehört
setup-step-token = Token hinzufügen
setup-step-questions = Sicherheitsfragen beantworten
setup-step-check = Ausprobieren, ob es geht
setup-state-open = offen
setup-state-draft = begonnen
setup-state-waiting = wartet auf Ihre Antwort
setup-state-done = erledigt
setup-state-skipped = übersprungen
setup-continue = Weiter
setup-later = Abmelden, später fertigstellen
setup-back = Zurück
setup-skip = Jetzt überspringen

method-title = Wie sollen wir prüfen, ob Sie es sind?
method-legend = Methode
method-sms = SMS
method-sms-about = Sie bekommen eine SMS mit einem Code. Das geht mit jedem Mobiltelefon.
method-oath = Authenticator-App oder Token
method-oath-about = Eine App auf Ihrem Telefon oder ein Token zeigt einen Code, auch ohne Netz.
method-voice = Anruf
method-voice-about = Wir rufen Sie an, und Sie drücken eine Taste. Das geht mit jedem Telefon, auch im Festnetz.
method-app = Mobile App
method-button = Weiter
method-fault = Wählen Sie eine der Methoden.

text-title = Ihre Mobilnummer
text-country = Land
text-phone = Mobilnummer
text-phone-hint = Mit oder ohne Landesvorwahl, so wie Sie sie gern schreiben.
text-pin = PIN
pin-rule-length = Mindestens { $least } Ziffern.
pin-rule-repeat = Keine Ziffer dreimal nacheinander.
pin-rule-run = Keine drei Ziffern, die auf- oder abwärts zählen.
pin-rule-phone = Kein Teil Ihrer Telefonnummer.
text-phone-kept = Eine Nummer, die in einem anderen Browser eingegeben wurde, ist schon gespeichert. Lassen Sie das Feld leer, um sie zu behalten.
text-pin-kept = Eine PIN ist schon gespeichert. Lassen Sie das Feld leer, um sie zu behalten.
text-confirm = PIN wiederholen
text-button = SMS senden und bestätigen
call-title = Ihre Telefonnummer
call-phone = Telefonnummer
call-extension = Durchwahl (freiwillig)
call-button = Jetzt anrufen und bestätigen

app-title = Verbinden Sie Ihre Authenticator-App
app-install = Öffnen Sie die Authenticator-App auf Ihrem Telefon und scannen Sie dieses Bild.
app-picture = Bild mit dem Schlüssel, das eine App scannen kann. Derselbe Schlüssel steht darunter als Text.
app-same-device = Auf diesem Gerät: in der App öffnen
app-key = Oder tippen Sie diesen Schlüssel in die App:
app-code = Code, den die App zeigt
app-button = Bestätigen
app-wrong = Der Code gehört nicht zu diesem Schlüssel. Prüfen Sie, ob die Uhr Ihres Telefons stimmt, und tippen Sie den Code ein, den die App gerade zeigt.

token-title = Ihr Token
token-beside-title = Token hinzufügen
token-beside-lead = Mit einem Token oder einer Authenticator-App kommen Sie hinein, wenn Ihr Telefon kein Netz hat.
token-take-title = Ein Token mit Seriennummer
token-serial = Seriennummer
token-serial-hint = Sie ist auf das Token gedruckt.
token-code = Jetziger Code
token-next = Nächster Code
token-next-hint = Warten Sie, bis das Token einen anderen Code zeigt. Tippen Sie diesen dann hier ein.
token-check = Token prüfen
token-resync = Neu abgleichen
token-remove = Entfernen
token-which = Welches Token
token-own-app = Authenticator-App
token-serial-is = Token { $serial }
token-wrong = Seriennummer oder Code ist falsch.
token-too-many = Sie haben so viele Token, wie es geben darf. Entfernen Sie erst eines.
token-out-of-date = Der Code ist von einer anderen Zeit. Tippen Sie den jetzigen und den nächsten Code ein.
token-right = Der Code stimmt.
token-added = Hinzugefügt.
token-removed = Entfernt.
token-last = Damit werden Sie geprüft. Wählen Sie zuerst eine andere Methode.
tokens-title = Token und Authenticator-Apps

proof-title = Gehört dieses Konto Ihnen?
proof-mail = Wir haben einen Code an { $mailbox } gesendet. Tippen Sie ihn hier ein.
proof-later = Der letzte Code gilt nicht mehr. Der nächste kann ab { $time } gesendet werden.
proof-administrator = Tippen Sie den Code ein, den Sie von Ihrer Administration bekommen haben.
proof-no-mailbox = Wir haben keine Mailadresse von Ihnen, an die wir einen Code senden können. Lassen Sie sich helfen.
proof-code = Code
proof-wrong = Der Code ist falsch oder zu alt.

done-title = Fertig eingerichtet
done-sms = SMS an die Nummer, die auf { $ending } endet, prüfen von jetzt an, ob Sie es sind.
done-voice = Anrufe bei der Nummer, die auf { $ending } endet, prüfen von jetzt an, ob Sie es sind.
done-oath = Die Codes Ihrer Authenticator-App oder Ihres Tokens prüfen von jetzt an, ob Sie es sind.
done-second = Wir raten zu einem zweiten Weg, falls Sie Ihr Telefon verlieren.
advice-token = Eine Authenticator-App verbinden oder einen Token hinzufügen
advice-backup = Ein Ersatztelefon angeben
done-button = Zu meinem Konto

account-title = Mein Konto
account-hello = Hallo { $name }
account-method = Wie wir prüfen, ob Sie es sind
account-phone = Mobilnummer
account-phone-ending = endet auf { $ending }
account-call-phone = Telefonnummer
account-backup-unverified = endet auf { $ending }, noch nicht bestätigt
account-tokens = Token und Authenticator-Apps
account-backup = Ersatztelefon
account-bypass = Einmalige Ausnahme
account-saved = Gespeichert.
account-save = Speichern
account-back = Zurück zu meinem Konto
account-menu = Was Sie ändern können
account-left = Was Sie noch tun können
account-waits = Eine Änderung wartet, bis sie bestätigt ist.
account-last = Letzte Anmeldungen
account-needs-strong = Melden Sie sich dafür mit einer Prüfung an, dass Sie es sind.
account-change-method = Methode ändern
account-change-phone = Telefon ändern
account-change-backup = Ersatztelefon ändern
account-change-pin = PIN ändern
account-change-tokens = Token und Authenticator-Apps
account-change-questions = Sicherheitsfragen ändern
account-change-language = Sprache ändern
account-change-bypass = Einmalige Ausnahme
account-change-sessions = Wo Sie angemeldet sind
account-change-history = Verlauf
account-strong = Sie haben sich mit einer Prüfung angemeldet, dass Sie es sind.
account-weak = Sie haben sich ohne Prüfung angemeldet, nach einer Regel Ihrer Firma. Manche Änderungen brauchen eine.

phone-title = Telefon ändern
phone-now = Wir erreichen Sie unter der Nummer, die auf { $ending } endet.
phone-how = Die neue Nummer gilt, sobald sie auf eine SMS geantwortet hat. Bis dahin gilt die alte.
call-how = Die neue Nummer gilt, sobald ein Anruf dort geklappt hat. Bis dahin gilt die alte.
phone-undo = Altes Telefon zurückholen
phone-undo-about = Sie können die Nummer zurückholen, die auf { $ending } endet. Sie muss auf eine SMS antworten.
call-undo-about = Sie können die Nummer zurückholen, die auf { $ending } endet. Dort muss ein Anruf angenommen werden.

backup-title = Ersatztelefon
backup-country = Land des Ersatztelefons
backup-phone = Nummer des Ersatztelefons
backup-hint = Es wird angerufen, wenn sich das andere Telefon nicht meldet. Lassen Sie das Feld leer, wenn Sie keines wollen.
backup-extension = Durchwahl des Ersatztelefons
backup-extension-hint = Ziffern, * und #. Ein Komma wartet eine Sekunde.
backup-none = Sie haben kein Ersatztelefon.
backup-now = Ihr Ersatztelefon ist die Nummer, die auf { $ending } endet.
backup-unverified = Es ist noch nicht bestätigt: Das ist es, sobald dort ein Anruf beantwortet wurde.
backup-verified = Es ist bestätigt: Dort wurde ein Anruf beantwortet.
backup-button = Ersatztelefon speichern
backup-test = Ersatztelefon ausprobieren
backup-remove = Ersatztelefon entfernen
trial-backup-title = Ihr Ersatztelefon wird ausprobiert
trial-backup-ok = Ihr Ersatztelefon hat sich gemeldet. Es ist bestätigt.
trial-back-backup = Zurück zum Ersatztelefon
trial-sample-title = So klingen unsere Anrufe
trial-sample-do = Nehmen Sie ab und hören Sie zu. Sie können jederzeit auflegen.
trial-sample-ok = Das war die Hörprobe.
trial-back-language = Zurück zu den Sprachen

pin-title = PIN ändern
pin-due = Ihre PIN muss geändert werden, bevor Sie weitermachen.
pin-current = Jetzige PIN
pin-wrong = Das ist nicht Ihre jetzige PIN.
pin-not-allowed = Sie können Ihre PIN nicht ändern. Lassen Sie sich helfen.

language-title = Sprachen
language-pages = Seiten und Mails
language-texts = SMS
language-calls = Anrufe
language-hear = Hörprobe
language-hear-about = Hörprobe ruft Sie an und spricht in dieser Sprache. Speichern behält die Sprache.

bypass-title = Einmalige Ausnahme
bypass-about = Ihre nächste Anmeldung, wo auch immer, geht einmal mit Ihrem Passwort allein. Nutzen Sie das, wenn Sie Ihr Telefon nicht dabeihaben.
bypass-seconds = Sekunden
bypass-seconds-fault = Wählen Sie 30 bis 3600 Sekunden.
bypass-for = Sie können sie { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
} lang nutzen.
bypass-left = Sie können sie noch { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
} lang nutzen.
bypass-reason = Grund
bypass-start = Ausnahme starten
bypass-cancel = Ausnahme aufheben
bypass-too-many = Sie haben heute schon drei gestartet. Lassen Sie sich helfen.

sessions-title = Wo Sie angemeldet sind
sessions-this = dieser hier
sessions-unknown = Unbekannter Browser
sessions-since = angemeldet
sessions-seen = zuletzt benutzt
sessions-others = Andere abmelden
sessions-all = Überall abmelden
sessions-done = Überall sonst sind Sie abgemeldet.

history-title = Verlauf
history-lead = Ihre Anmeldungen der letzten 30 Tage.
history-none = Es gibt keine.
history-why = Warum?
history-verified = Sie waren es
history-pending = läuft noch
history-reported = Danke. Wir haben denen Bescheid gegeben, die sich um das System kümmern, und Sie überall sonst abgemeldet.
past-title = Eine Anmeldung
past-not-me = Das waren nicht Sie?
past-not-me-about = Vielleicht kennt jemand Ihr Passwort. Melden Sie es und ändern Sie Ihr Passwort. Sie können auch Ihr Konto stilllegen: Dann kann sich niemand anmelden, bis der Helpdesk es wieder öffnet.
past-report = Das war ich nicht
past-stop = Das war ich nicht, Konto stilllegen

story-started = Der Vorgang begann.
story-waits = Es wurde gewartet, bis eine frühere Prüfung zu Ende war.
story-sent = Die SMS wurde dem Netz übergeben.
story-uncertain = Die SMS wurde vielleicht gesendet; das Netz hat nichts dazu gesagt.
story-not-sent = Das Netz hat die SMS nicht angenommen.
story-delivered = Die SMS wurde auf das Telefon zugestellt.
story-undelivered = Das Netz konnte die SMS nicht zustellen.
story-called = Der Anruf wurde dem Netz übergeben.
story-ringing = Das Telefon klingelte.
story-answered = Der Anruf wurde angenommen.
story-put-through = Der Anruf wurde durchgestellt.
story-no-key = Es wurde keine Taste gedrückt.
story-no-pound = Es wurden Tasten ohne die Rautetaste (#) gedrückt.
story-keys = Es wurden falsche Tasten gedrückt.
story-pin-due = Die PIN musste geändert werden.
story-pin-changed = Die PIN wurde im Anruf geändert.
story-call-ended = Der Anruf endete.
story-not-called = Das Netz hat den Anruf nicht ausgeführt.
story-call-uncertain = Der Anruf kam vielleicht zustande; das Netz hat nichts dazu gesagt.
story-cut = Der Anruf wurde unterbrochen.
story-no-answer = Es kam keine Antwort in der Zeit.
story-wrong = Es kam eine falsche Antwort.
story-right = Es kam die richtige Antwort.
story-next = Es kam keine Antwort, darum wurde ein anderer Weg versucht.
story-late = Eine Antwort kam erst nach dem Ende.
story-fraud = Der Vorgang wurde als Betrug gemeldet.
story-decided = Eine Regel hat entschieden.
story-ended = Der Vorgang endete.
story-bypass = Eine einmalige Ausnahme wurde benutzt.
story-limited = Es wurde zurückgehalten, weil zu viele gesendet wurden.

questions-title = Sicherheitsfragen
questions-lead = Wählen Sie vier Fragen und beantworten Sie sie. Damit kommen Sie hier hinein, wenn Ihr Telefon nicht erreichbar ist.
questions-retired = Eine Ihrer Fragen wird nicht mehr benutzt. Wählen Sie eine andere.
questions-save = Antworten speichern
question-number = Frage { $number }
question-answer = Antwort { $number }
question-choose = Frage wählen
question-kept = Eine Antwort ist gespeichert. Lassen Sie das Feld leer, um sie zu behalten.
question-hide = Antworten verbergen
question-unhide = Antworten zeigen
question-none = Wählen Sie eine Frage.
question-twice = Diese Frage ist zweimal gewählt.
question-short = Die Antwort braucht mindestens drei Buchstaben.
question-long = Die Antwort hat mehr als 200 Zeichen.
question-answer-twice = Diese Antwort ist zweimal gegeben.
question-in-question = Die Antwort ist ein Wort aus der Frage.
asked-title = Fragen beantworten
asked-lead = Leerzeichen, Groß- und Kleinschreibung und Akzente spielen keine Rolle.
asked-button = Antworten absenden
asked-wrong = Nicht alle Antworten sind richtig.
asked-back = Zurück

password-title = Passwort ändern
password-lead = Ihr Passwort ist abgelaufen. Wählen Sie ein neues.
password-old = Altes Passwort
password-new = Neues Passwort
password-again = Neues Passwort wiederholen
password-button = Passwort ändern
password-differ = Die beiden neuen Passwörter sind verschieden oder leer.
password-refused = Die Regeln der Firma lehnen dieses Passwort ab. Wählen Sie ein längeres, das Sie noch nicht benutzt haben.
password-not-here = Passwörter können hier nicht geändert werden.

mail-hello = Hallo { $name },
mail-when = Wann: { $time }
mail-where = Von wo: { $place }
mail-not-you = Wenn Sie das nicht waren, ändern Sie sofort Ihr Passwort und lassen Sie sich helfen.
mail-portal = Ihr Konto verwalten: { $url }
mail-sign-in = Anmelden: { $url }
mail-automatic = Diese Nachricht wurde automatisch gesendet.
notice-signed-in = Neue Anmeldung an Ihrem Konto
notice-signed-in-text = Jemand hat sich an Ihrem Konto mit einem Browser angemeldet, den wir noch nicht kannten.
notice-set-up = Ihr Konto ist eingerichtet
notice-set-up-text = Ihr Konto ist jetzt durch eine zweite Prüfung geschützt.
notice-phone-changed = Ihr Telefon wurde geändert
notice-phone-changed-text = Das Telefon für Prüfungen Ihres Kontos ist jetzt die Nummer, die auf { $ending } endet. Sieben Tage lang kann das zurücknehmen, wer das alte Telefon hat.
notice-phone-changed-by-text = Ihr Telefon zum Anmelden wurde geändert. Nicht von Ihnen? Binnen 7 Tagen anmelden und dieses zurückholen:
notice-method-changed-by-text = Ihre Anmeldung nutzt dieses Telefon nicht mehr. Nicht von Ihnen? Binnen 7 Tagen anmelden und dieses zurückholen:
notice-phone-restored = Ihr altes Telefon ist zurück
notice-phone-restored-text = Die Änderung Ihres Telefons wurde zurückgenommen. Überall sonst wurden Sie abgemeldet.
notice-backup-changed = Ihr Ersatztelefon wurde geändert
notice-backup-changed-text = Das Ersatztelefon Ihres Kontos wurde geändert oder entfernt.
notice-method-changed = Ihre Methode wurde geändert
notice-method-changed-text = Von jetzt an prüft eine andere Methode, ob Sie es sind.
notice-pin-changed = Ihre PIN wurde geändert
notice-pin-changed-text = Die PIN Ihres Kontos ist jetzt eine andere.
notice-password-changed = Ihr Passwort wurde geändert
notice-password-changed-text = Ihr Passwort wurde auf der Anmeldeseite geändert, weil das alte abgelaufen war.
notice-token-added = Ein Token wurde hinzugefügt
notice-token-added-text = Ihrem Konto wurde ein Token oder eine Authenticator-App hinzugefügt.
notice-token-removed = Ein Token wurde entfernt
notice-token-removed-text = Ein Token oder eine Authenticator-App wurde aus Ihrem Konto entfernt.
notice-questions-changed = Ihre Sicherheitsfragen wurden geändert
notice-questions-changed-text = Für Ihr Konto gelten andere Sicherheitsfragen oder Antworten.
notice-questions-used = Ihre Sicherheitsfragen wurden benutzt
notice-questions-used-text = Jemand hat sich an Ihrem Konto angemeldet und dafür Ihre Sicherheitsfragen beantwortet.
notice-bypass-started = Eine einmalige Ausnahme wurde gestartet
notice-bypass-started-text = Die nächste Anmeldung an Ihrem Konto geht mit dem Passwort allein, { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
} lang.
notice-fraud-reported = Betrug wurde gemeldet
notice-fraud-reported-text = Eine Anmeldung wurde als Betrug gemeldet. Das Konto wurde nicht blockiert.
notice-fraud-blocked-text = Eine Anmeldung wurde als Betrug gemeldet. Das Konto ist blockiert, bis der Helpdesk es öffnet.
notice-code = Ihr Code
notice-code-text = Tippen Sie diesen Code ein, um Ihr Konto einzurichten: { $code }
notice-set-up-link = Bitte richten Sie Ihr Konto ein
notice-set-up-link-text = Künftig schützt eine zweite Prüfung Ihr Konto. Melden Sie sich mit Ihrem Passwort an und richten Sie sie ein; es dauert etwa zwei Minuten.
notice-set-up-reminder = Ihr Konto ist noch nicht eingerichtet
notice-set-up-reminder-text = Sie haben begonnen, die zweite Prüfung Ihres Kontos einzurichten, und sind noch nicht fertig. Ihre Eingaben sind gespeichert: Melden Sie sich an und machen Sie dort weiter, wo Sie aufgehört haben.

fault-extension = Eine Durchwahl darf Ziffern, *, # und Kommas enthalten.
fault-extension-refused = Nummern mit Durchwahl werden hier nicht angerufen. Geben Sie eine ein, unter der man Sie direkt erreicht.
fault-backup-refused = Diese Art von Nummer rufen wir nicht an. Geben Sie eine andere ein.
fault-backup-same = Das Ersatztelefon muss ein anderes sein als Ihr Telefon.
fault-summary = Einige Eingaben brauchen Ihre Aufmerksamkeit
fault-phone-missing = Geben Sie Ihre Mobilnummer ein.
fault-phone-format = Das ist keine Telefonnummer. Ziffern, Leerzeichen, Klammern und ein + am Anfang sind in Ordnung.
fault-phone-country = Kein Land hat diese Landesvorwahl.
fault-phone-length = Die Nummer hat für dieses Land zu wenige oder zu viele Ziffern.
fault-phone-country-refused = In dieses Land senden wir keine SMS. Nehmen Sie eine andere Nummer.
fault-phone-refused = An diese Art von Nummer senden wir keine SMS. Geben Sie eine Mobilnummer ein.
fault-call-missing = Geben Sie Ihre Telefonnummer ein.
fault-call-country = In dieses Land rufen wir nicht an. Nehmen Sie eine andere Nummer.
fault-phone-often = Die Nummer wurde heute zu oft geändert. Versuchen Sie es morgen noch einmal oder lassen Sie sich helfen.
fault-returns = Ein früheres Telefon wird gerade zurückgeholt. Versuchen Sie es in zehn Minuten noch einmal.
fault-pin-missing = Wählen Sie eine PIN.
fault-pin-length = Die PIN braucht mindestens { $least } Ziffern.
fault-pin-too-long = Die PIN hat mehr als 16 Ziffern.
fault-pin-not-digits = Die PIN darf nur die Ziffern 0 bis 9 enthalten.
fault-pin-repeating = Die PIN wiederholt eine Ziffer dreimal nacheinander.
fault-pin-sequential = Die PIN zählt über drei Ziffern auf- oder abwärts.
fault-pin-phone = Die PIN enthält einen Teil Ihrer Telefonnummer.
fault-pin-history = Die PIN wurde schon einmal benutzt.
fault-pin-mismatch = Die beiden PINs sind verschieden.

help-title = Hilfe
help-sign-in = Melden Sie sich mit dem Benutzernamen und Passwort an, die Sie bei der Arbeit benutzen. Danach prüfen wir über Ihr Telefon, ob Sie es sind.
help-verify = Wir haben uns auf Ihrem Telefon gemeldet. Antworten Sie dort, dann geht es hier weiter. Wenn nichts kommt, warten Sie einen Augenblick und lassen Sie es noch einmal senden.
help-setup = Wählen Sie, wie wir prüfen sollen, ob Sie es sind, und probieren Sie es einmal aus. Sie können jederzeit gehen und später dort weitermachen.
help-password = Ihr Passwort ist abgelaufen. Tippen Sie das alte einmal und das neue zweimal ein; danach geht die Anmeldung weiter.
help-code = Die SMS auf Ihrem Telefon, Ihr Token oder Ihre App zeigt einen Code. Tippen Sie ihn hier ein; Leerzeichen spielen keine Rolle. Haben Sie eine PIN, folgt sie auf den Code einer SMS.
help-answers = Antworten Sie so wie damals, als Sie die Fragen gewählt haben. Großschreibung, Akzente und Leerzeichen spielen keine Rolle. Das hilft, wenn Ihr Telefon nicht erreichbar ist.
help-proof = Niemand außer Ihnen soll Ihr Konto einrichten. Tippen Sie den Code aus der E-Mail ein oder den, den Ihre Verwaltung Ihnen gegeben hat.
help-done = Von jetzt an wird jede Anmeldung so geprüft. Ein zweiter Weg hilft Ihnen, wenn Sie Ihr Telefon verlieren.
help-method = Ein Anruf geht mit jedem Telefon, eine SMS mit jedem Mobiltelefon. Eine Authenticator-App oder ein Token zeigt Codes und braucht kein Netz. Was Sie wählen, zählt, sobald es einmal geklappt hat.
help-phone = Schreiben Sie die Nummer, wie Sie möchten, und wählen Sie ihr Land. Sie zählt, sobald unsere SMS oder unser Anruf dort beantwortet wurde; bis dahin ändert sich nichts.
help-call = Schreiben Sie die Nummer, wie Sie möchten, und wählen Sie ihr Land. Wir rufen dort an, und sie zählt, sobald Sie die Tasten gedrückt haben, um die der Anruf bittet. Eine Durchwahl wird gewählt, nachdem sich jemand oder etwas gemeldet hat.
help-trial = Dieser Anruf probiert nur etwas aus. Nehmen Sie ab, tun Sie, worum er bittet, und sehen Sie hier, was daraus wurde. Er meldet niemanden an.
help-token = Scannen Sie das Bild mit einer Authenticator-App, oder tippen Sie den Schlüssel ein, und geben Sie den Code ein, den die App zeigt. Einen Token erkennen wir an der aufgedruckten Seriennummer.
help-questions = Wählen Sie vier Fragen, deren Antworten Sie behalten und niemand nachschlagen kann. „Antworten verbergen“ verdeckt sie, wenn andere zusehen.
help-account = Hier sehen Sie, wie Ihr Konto geschützt ist, ändern, was es schützt, und finden Ihre letzten Anmeldungen.
help-backup = Das Ersatztelefon wird angerufen, wenn das andere nicht antwortet. Eine Durchwahl wird gewählt, nachdem der Anruf angenommen wurde. „Ersatztelefon ausprobieren“ ruft dort gleich an, damit Sie wissen, dass es geht.
help-pin = Die PIN ist eine geheime Zahl, die Sie Ihrer Antwort anfügen. Die Liste zeigt beim Tippen, welche Regel erfüllt ist.
help-language = Seiten und E-Mails, SMS und Anrufe haben jeweils ihre eigene Sprache. „Hörprobe“ ruft Sie an, damit Sie hören, wie eine Sprache klingt.
help-bypass = Mit einer Ausnahme genügt für Ihre nächste Anmeldung einmal Ihr Passwort, in der angezeigten Zeit. Brechen Sie sie ab, wenn Sie sie nicht brauchen.
help-sessions = Jeder Browser, in dem Sie angemeldet sind. Melden Sie die anderen ab, wenn Sie einen nicht kennen, und ändern Sie Ihr Passwort.
help-history = Jede Anmeldung der letzten 30 Tage und was mit ihr geschah. Waren Sie es einmal nicht, öffnen Sie sie und melden Sie es.
help-back = Zurück

error-title = Das hat nicht geklappt
error-form = Diese Seite war zu lange offen oder wurde zweimal gesendet. Es wurde nichts geändert. Gehen Sie zurück und versuchen Sie es noch einmal.
error-not-found = Diese Seite gibt es nicht.
error-many = Zu viele Anfragen. Warten Sie einen Augenblick.
error-reference = Kennzeichen für die Hilfe: { $reference }
error-back = Zum Anfang
