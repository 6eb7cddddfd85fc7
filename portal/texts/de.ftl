language-name = Deutsch

nav-help = Hilfe
nav-language = Sprache
nav-change-language = Ändern
nav-sign-out = Abmelden
nav-contact = Ansprechstelle: { $contact }

sign-in-title = Anmelden
sign-in-name = Benutzername
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-ended = Sie wurden abgemeldet. Melden Sie sich wieder an, um weiterzumachen.
sign-in-signed-out = Sie sind abgemeldet.
sign-in-wrong = Benutzername oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.
sign-in-wait = Zu viele Versuche. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.
sign-in-off = Die Anmeldung ist zurzeit ausgeschaltet.
sign-in-not-set-up = Ihr Konto ist dafür noch nicht eingerichtet. Wenden Sie sich an Ihre Administration.

verify-title = Prüfen, ob Sie es sind
verify-calling-text = Wir haben eine SMS an die Nummer gesendet, die auf { $ending } endet.
verify-do-reply = Antworten Sie darauf mit dem Code, der darin steht.
verify-do-reply-pin = Antworten Sie darauf mit dem Code, der darin steht, und dahinter Ihrer PIN.
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
verify-another-number = Nummer ändern

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
reason-number = Diese Nummer ist per SMS nicht erreichbar.
reason-country = Nummern dieses Landes sind hier nicht erlaubt.
reason-rate = Es wurden zu viele SMS gesendet. Warten Sie eine Weile und versuchen Sie es dann noch einmal.
reason-wrong = Code oder PIN waren zu oft falsch.
reason-replayed = Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.
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
setup-step-app = Authenticator-App verbinden
setup-step-check = Ausprobieren, ob es geht
setup-state-open = offen
setup-state-draft = begonnen
setup-state-waiting = wartet auf Ihre Antwort
setup-state-done = erledigt
setup-continue = Weiter
setup-later = Abmelden, später fertigstellen
setup-back = Zurück

method-title = Wie sollen wir prüfen, ob Sie es sind?
method-sms = SMS
method-sms-about = Sie bekommen eine SMS mit einem Code. Das geht mit jedem Mobiltelefon.
method-oath = Authenticator-App
method-oath-about = Eine App auf Ihrem Telefon zeigt einen Code, auch ohne Netz.
method-voice = Anruf
method-app = Mobile App
method-button = Weiter
method-fault = Wählen Sie eine der Methoden.

text-title = Ihre Mobilnummer
text-country = Land
text-phone = Mobilnummer
text-phone-hint = Mit oder ohne Landesvorwahl, so wie Sie sie gern schreiben.
text-pin = PIN
text-pin-hint = Mindestens { $least } Ziffern. Keine Ziffer dreimal nacheinander, keine drei, die auf- oder abwärts zählen, kein Teil Ihrer Telefonnummer.
text-pin-kept = Eine PIN ist schon gespeichert. Lassen Sie das Feld leer, um sie zu behalten.
text-confirm = PIN wiederholen
text-button = SMS senden und bestätigen
text-country-code = +{ $code }

app-title = Verbinden Sie Ihre Authenticator-App
app-install = Öffnen Sie die Authenticator-App auf Ihrem Telefon und scannen Sie dieses Bild.
app-picture = Bild mit dem Schlüssel, das eine App scannen kann. Derselbe Schlüssel steht darunter als Text.
app-same-device = Auf diesem Gerät: in der App öffnen
app-key = Oder tippen Sie diesen Schlüssel in die App:
app-code = Code, den die App zeigt
app-button = Bestätigen
app-wrong = Der Code gehört nicht zu diesem Schlüssel. Prüfen Sie, ob die Uhr Ihres Telefons stimmt, und tippen Sie den Code ein, den die App gerade zeigt.

done-title = Fertig eingerichtet
done-sms = SMS an die Nummer, die auf { $ending } endet, prüfen von jetzt an, ob Sie es sind.
done-oath = Die Codes Ihrer Authenticator-App prüfen von jetzt an, ob Sie es sind.
done-second = Wir raten zu einem zweiten Weg, falls Sie Ihr Telefon verlieren.
done-button = Zu meinem Konto

account-title = Mein Konto
account-hello = Hallo { $name }
account-method = Wie wir prüfen, ob Sie es sind
account-phone = Mobilnummer
account-phone-ending = endet auf { $ending }
account-tokens = Token und Authenticator-Apps
account-strong = Sie haben sich mit einer Prüfung angemeldet, dass Sie es sind.
account-weak = Sie haben sich ohne Prüfung angemeldet, nach einer Regel Ihrer Firma. Manche Änderungen brauchen eine.

fault-summary = Einige Eingaben brauchen Ihre Aufmerksamkeit
fault-phone-missing = Geben Sie Ihre Mobilnummer ein.
fault-phone-format = Das ist keine Telefonnummer. Ziffern, Leerzeichen, Klammern und ein + am Anfang sind in Ordnung.
fault-phone-country = Kein Land hat diese Landesvorwahl.
fault-phone-length = Die Nummer hat für dieses Land zu wenige oder zu viele Ziffern.
fault-phone-country-refused = In dieses Land senden wir keine SMS. Nehmen Sie eine andere Nummer.
fault-phone-refused = An diese Art von Nummer senden wir keine SMS. Geben Sie eine Mobilnummer ein.
fault-phone-often = Die Nummer wurde heute zu oft geändert. Versuchen Sie es morgen noch einmal oder lassen Sie sich helfen.
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
help-account = Hier sehen Sie, wie Ihr Konto geschützt ist.
help-back = Zurück

error-title = Das hat nicht geklappt
error-form = Diese Seite war zu lange offen oder wurde zweimal gesendet. Es wurde nichts geändert. Gehen Sie zurück und versuchen Sie es noch einmal.
error-not-found = Diese Seite gibt es nicht.
error-many = Zu viele Anfragen. Warten Sie einen Augenblick.
error-back = Zum Anfang
