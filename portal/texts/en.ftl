language-name = English

nav-help = Help
nav-language = Language
nav-change-language = Change
nav-sign-out = Sign Out
nav-contact = Contact: { $contact }
nav-logo = Logo
nav-ends = Without a click you are signed out at { $time }.
nav-soon = You will be signed out soon.
nav-stay = Stay Signed In
nav-over = You are signed out, or the service cannot be reached. Copy what you have typed here before you leave this page, then sign in again.
nav-close = Close

sign-in-title = Sign In
sign-in-name = User name
sign-in-password = Password
sign-in-button = Sign In
sign-in-ended = You were signed out. Sign in again to go on.
form-typed-before = You had been signed out. What you typed is still here, but for a PIN: look at it and send it again.
sign-in-signed-out = You are signed out.
sign-in-wrong = User name or password is wrong. Check both and try again.
sign-in-wait = Too many attempts. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
sign-in-stopped = Your account was stopped, as you asked. The help desk can open it again.
sign-in-expired = Your password has expired. Change it where you sign in at work, then come back.
sign-in-closed = The time to set up your account is over. Ask your administrator to open it again.
sign-in-elsewhere = Your account can be set up from inside the company's network only.
sign-in-off = Signing in is switched off at the moment.
sign-in-not-set-up = Your account is not set up for this yet. Ask your administrator.

verify-title = Check that it is you
verify-title-verified = It was you
verify-title-ended = That did not succeed
verify-look-again = Look Again
verify-calling-text = We have sent a text to the number ending in { $ending }.
verify-calling = Calling the number ending in { $ending } …
verify-ringing = The phone with the number ending in { $ending } is ringing.
verify-put-through = The call to the number ending in { $ending } was answered and is being put through.
verify-answered = The call to the number ending in { $ending } was answered.
verify-backup = Your first phone did not answer, so we call your backup phone.
verify-do-reply = Reply to it with the code that it holds.
verify-do-reply-pin = Reply to it with the code that it holds, followed by your PIN.
verify-do-pound = Answer it, listen, and press the pound or hash key (#).
verify-do-pin = Answer it, listen, key in your PIN, then press the pound or hash key (#).
verify-left = { $minutes ->
    [0] Less than a minute left.
    [one] One minute left.
   *[other] { $minutes } minutes left.
}
verify-check = Check the Result
verify-again = Try Again
verify-start = Continue
verify-resend = Send Again
verify-resend-in = You can have it sent again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
verify-cancel = Cancel
verify-done = You are verified.
verify-continue = Continue
verify-another-method = Choose Another Method
verify-other = Another way
verify-use-code = Use a Code
verify-use-questions = Answer Questions
verify-undo = I Did Not Change My Phone
verify-drop = Give Up the Change
verify-why = Why?
verify-changed-elsewhere = This was changed in another window. Here is how it stands now.
verify-pause = You have tried several times. Wait a little while, then try again.
verify-another-number = Change the Number
verify-elsewhere = This was asked for in another browser. To go on here, enter your number again.

code-title = Enter your code
code-text = We have sent a text to the number ending in { $ending }. Type the code that it holds.
code-text-pin = We have sent a text to the number ending in { $ending }. Type the code that it holds, followed by your PIN.
code-oath = Type the code that your token or authenticator app shows now.
code-label = Verification code
code-button = Verify
code-wrong = The code is wrong. { $left ->
    [one] One attempt is left.
   *[other] { $left } attempts are left.
}
code-not-a-code = A code has digits only.
code-wait = Too many wrong codes. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.

reason-no-answer = No answer came in time.
reason-not-sent = The text could not be sent. Check the number, or try again later.
reason-call-no-answer = No one answered the call.
reason-call-busy = The number was busy.
reason-call-hung-up = The call ended before anything was confirmed.
reason-call-no-pound = Keys were pressed, but the pound or hash key (#) at the end was missing.
reason-call-no-key = The call was answered, but no key was pressed.
reason-call-voicemail = An answering machine took the call.
reason-call-cut = The call was cut off.
reason-call-keys = The wrong keys were pressed too often.
reason-call-not-placed = The call could not be placed. Check the number, or try again later.
reason-call-number = This number cannot be reached by a call.
reason-call-rate = You were called too often. Wait a while, then try again.
reason-extension = Numbers with an extension are not called here. Use another number.
reason-number = This number cannot be reached by text.
reason-country = Numbers of this country are not allowed here.
reason-quiet-hours = Calls to this country are not made at this hour. Use another way, or try again in the morning.
reason-rate = Too many texts were sent. Wait a while, then try again.
reason-wrong = The code or the PIN was wrong too often.
reason-replayed = This code was used before. Wait for the next one.
reason-locked-until = Your account is locked after too many wrong answers, until { $time }.
reason-locked = Your account is locked after too many wrong answers. Try again later.
reason-blocked = Your account is blocked. Ask for help.
reason-fraud = You reported that this was not you. If it was not, change your password.
reason-method = Your method cannot be used at the moment. Ask for help.
reason-pin = Your PIN must be changed. Ask for help.
reason-cancelled = It was cancelled.
reason-other = It did not work. Try again.

setup-title = Set up your account
setup-lead = From now on a second check protects your account. It takes about two minutes, and you can stop and go on later.
setup-step-method = Choose how we check that it is you
setup-step-text = Enter your mobile number
setup-step-phone = Enter your phone number
setup-step-app = Connect your authenticator app or token
setup-step-proof = Show that this account is yours
setup-step-token = Add a token
setup-step-questions = Answer security questions
setup-step-check = Check that it works
setup-state-open = to do
setup-state-draft = begun
setup-state-waiting = waiting for your answer
setup-state-done = done
setup-state-skipped = skipped
setup-continue = Continue
setup-later = Sign Out, Finish Later
setup-back = Back
setup-skip = Skip for Now

method-title = How shall we check that it is you?
method-legend = Method
method-sms = Text message
method-sms-about = You get a text with a code. It works with every mobile phone.
method-oath = Authenticator app or token
method-oath-about = An app on your phone, or a token, shows a code, also without a network.
method-voice = Phone call
method-voice-about = We call you, and you press a key. It works with every phone, a landline too.
method-app = Mobile app
method-button = Continue
method-fault = Choose one of the methods.

text-title = Your mobile number
text-country = Country
text-phone = Mobile Phone
text-phone-hint = With or without the country code, as you like to write it.
text-pin = PIN
pin-rule-length = At least { $least } digits.
pin-rule-repeat = No digit three times in a row.
pin-rule-run = No three digits that count up or down.
pin-rule-phone = No part of your phone number.
text-phone-kept = A number is stored already that was typed in another browser. Leave this empty to keep it.
text-pin-kept = A PIN is already stored. Leave this empty to keep it.
text-confirm = Confirm PIN
text-button = Text Me Now to Authenticate
call-title = Your phone number
call-phone = Phone
call-extension = Extension (optional)
call-button = Call Me Now to Authenticate

app-title = Connect your authenticator app
app-install = Open the authenticator app on your phone and scan this picture.
app-picture = Picture with the key, to be scanned by an app. The same key stands below as text.
app-same-device = On this same device: open in the app
app-key = Or type this key into the app:
app-code = Code that the app shows
app-button = Verify
app-wrong = The code is not one of this key. Check that the clock of your phone is right, and type the code that the app shows now.

token-title = Your token
token-beside-title = Add a token
token-beside-lead = A token or an authenticator app lets you in when your phone has no network.
token-take-title = A token with a serial number
token-serial = Serial number
token-serial-hint = It is printed on the token.
token-code = Current code
token-next = Next code
token-next-hint = Wait until the token shows another code, then type that one here.
token-check = Check Token
token-resync = Resynchronise
token-remove = Remove
token-which = Which token
token-own-app = Authenticator app
token-serial-is = Token { $serial }
token-wrong = The serial number or the code is wrong.
token-too-many = You have as many tokens as there may be. Remove one first.
token-out-of-date = The code is of another time. Type the current code and the next one.
token-right = The code is right.
token-added = It was added.
token-removed = It was removed.
token-last = This is how you are checked. Choose another method first.
tokens-title = Tokens and authenticator apps

proof-title = Is this account yours?
proof-mail = We have sent a code to { $mailbox }. Type it here.
proof-later = The last code counts no more. The next one can be sent at { $time }.
proof-administrator = Type the code that your administrator gave you.
proof-no-mailbox = We have no mail address of yours to send a code to. Ask for help.
proof-code = Code
proof-wrong = The code is wrong or too old.

done-title = You are set up
done-sms = Text messages to the number ending in { $ending } check from now on that it is you.
done-voice = Calls to the number ending in { $ending } check from now on that it is you.
done-oath = The codes of your authenticator app or token check from now on that it is you.
done-second = We advise a second way in, in case you lose your phone.
advice-token = Connect an authenticator app, or add a token
advice-backup = Name a backup phone
done-button = Go to My Account

account-title = My account
account-hello = Hello { $name }
account-method = How we check that it is you
account-phone = Mobile number
account-phone-ending = ending in { $ending }
account-call-phone = Phone number
account-backup-unverified = ending in { $ending }, not verified yet
account-tokens = Tokens and authenticator apps
account-backup = Backup phone
account-bypass = One-time bypass
account-saved = Saved.
account-save = Save
account-back = Back to My Account
account-menu = What you can change
account-left = What else you can do
account-waits = A change waits until it is verified.
account-last = Last sign-ins
account-needs-strong = For this, sign in with a check that it is you.
account-change-method = Change Method
account-change-phone = Change Phone
account-change-backup = Change Backup Phone
account-change-pin = Change PIN
account-change-tokens = Tokens and Authenticator Apps
account-change-questions = Change Security Questions
account-change-language = Change Language
account-change-bypass = One-Time Bypass
account-change-sessions = Signed-in Places
account-change-history = History
account-strong = You signed in with a check that it was you.
account-weak = You signed in without a check that it was you, by a rule of your company. Some changes need one.

phone-title = Change your phone
phone-now = We reach you at the number ending in { $ending }.
phone-how = The new number counts once it has answered a text. Until then the old one does.
call-how = The new number counts once a call to it has succeeded. Until then the old one does.
phone-undo = Bring the Old Phone Back
phone-undo-about = You can bring back the number ending in { $ending }. It has to answer a text.
call-undo-about = You can bring back the number ending in { $ending }. It has to answer a call.

backup-title = Backup phone
backup-country = Country of the backup phone
backup-phone = Backup phone number
backup-hint = It is called when the other phone does not answer. Leave it empty for none.
backup-extension = Extension of the backup phone
backup-extension-hint = Digits, * and #. A comma waits for a second.
backup-none = You have no backup phone.
backup-now = Your backup phone is the number ending in { $ending }.
backup-unverified = It is not verified yet: it is once it has answered a call.
backup-verified = It is verified: it has answered a call.
backup-button = Save Backup Phone
backup-test = Test Backup Phone
backup-remove = Remove Backup Phone
trial-backup-title = Test of your backup phone
trial-backup-ok = Your backup phone has answered. It is verified.
trial-back-backup = Back to the Backup Phone
trial-sample-title = How our calls sound
trial-sample-do = Answer it and listen. You may hang up at any time.
trial-sample-ok = That was the sample.
trial-back-language = Back to the Languages

pin-title = Change your PIN
pin-due = Your PIN must be changed before you go on.
pin-current = Current PIN
pin-wrong = This is not your current PIN.
pin-not-allowed = You cannot change your PIN. Ask for help.

language-title = Languages
language-pages = Pages and mails
language-texts = Text messages
language-calls = Phone calls
language-hear = Hear a Sample
language-hear-about = Hear a Sample calls you and speaks in this language. Save keeps the language.

bypass-title = One-time bypass
bypass-about = Your next sign-in, wherever it is, passes with your password alone, once. Use it when your phone is not with you.
bypass-seconds = Seconds
bypass-seconds-fault = Choose 30 to 3600 seconds.
bypass-for = It can be used for { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
bypass-left = It can still be used for { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
bypass-reason = Reason
bypass-start = Start Bypass
bypass-cancel = Cancel Bypass
bypass-too-many = You have started three today. Ask for help.

sessions-title = Where you are signed in
sessions-this = this one
sessions-unknown = Unknown browser
sessions-since = signed in
sessions-seen = last used
sessions-others = Sign Out Others
sessions-all = Sign Out Everywhere
sessions-done = All other places are signed out.

history-title = History
history-lead = Your sign-ins of the last 30 days.
history-none = There is none.
history-why = Why?
history-verified = it was you
history-pending = it is under way
history-reported = Thank you. We have told those who look after the system, and signed out all other places.
past-title = A sign-in
past-not-me = This was not you?
past-not-me-about = Somebody may know your password. Report it, and change your password. You can also stop your account: nobody can sign in until the help desk opens it again.
past-report = This Was Not Me
past-stop = This Was Not Me, Stop My Account

story-started = It began.
story-waits = It waited until an earlier check had ended.
story-sent = The text was handed to the network.
story-uncertain = The text may have been sent; the network did not say.
story-not-sent = The network did not take the text.
story-delivered = The text was delivered to the phone.
story-undelivered = The network could not deliver the text.
story-called = The call was handed to the network.
story-ringing = The phone rang.
story-answered = The call was answered.
story-put-through = The call was put through.
story-no-key = No key was pressed.
story-no-pound = Keys were pressed without the pound or hash key (#).
story-keys = Wrong keys were pressed.
story-pin-due = The PIN had to be changed.
story-pin-changed = The PIN was changed in the call.
story-call-ended = The call ended.
story-not-called = The network did not place the call.
story-call-uncertain = The call may have been placed; the network did not say.
story-cut = The call was cut off.
story-no-answer = No answer came in time.
story-wrong = A wrong answer came.
story-right = The right answer came.
story-next = No answer came, so another way was tried.
story-late = An answer came after the end.
story-fraud = It was reported as fraud.
story-decided = It was decided by a rule.
story-ended = It ended.
story-bypass = A one-time bypass was used.
story-limited = It was held back because too many were sent.

questions-title = Security questions
questions-lead = Choose four questions and answer them. They let you in here when your phone cannot be reached.
questions-retired = One of your questions is not used any more. Choose another.
questions-save = Save Answers
question-number = Question { $number }
question-answer = Answer { $number }
question-choose = Choose a question
question-kept = An answer is stored. Leave this empty to keep it.
question-hide = Hide Answers
question-unhide = Show Answers
question-none = Choose a question.
question-twice = This question is chosen twice.
question-short = The answer needs three letters at least.
question-long = The answer has more than 200 characters.
question-answer-twice = This answer is given twice.
question-in-question = The answer is a word of the question.
asked-title = Answer your questions
asked-lead = Spaces, capitals and accents do not matter.
asked-button = Submit Answers
asked-wrong = Not all answers are right.
asked-back = Back

password-title = Change your password
password-lead = Your password has expired. Choose a new one.
password-old = Old password
password-new = New password
password-again = New password again
password-button = Change Password
password-differ = The two new passwords differ, or are empty.
password-refused = The company's rules refuse this password. Choose a longer one that you did not use before.
password-not-here = Passwords cannot be changed here.

mail-hello = Hello { $name },
mail-when = When: { $time }
mail-where = From: { $place }
mail-not-you = If this was not you, change your password at once and ask for help.
mail-portal = Look after your account: { $url }
mail-sign-in = Sign in: { $url }
mail-automatic = This message was sent automatically.
notice-signed-in = New sign-in to your account
notice-signed-in-text = Somebody signed in to your account from a browser that we had not seen before.
notice-set-up = Your account is set up
notice-set-up-text = Your account is now protected by a second check.
notice-phone-changed = Your phone was changed
notice-phone-changed-text = The phone for checks on your account is now the number ending in { $ending }. For seven days it can be taken back by whoever has the old phone.
notice-phone-changed-by-text = Your sign-in phone was changed. If that was not you, sign in within 7 days and bring this phone back:
notice-method-changed-by-text = Your sign-in no longer uses this phone. If that was not you, sign in within 7 days and bring this phone back:
notice-phone-restored = Your old phone is back
notice-phone-restored-text = The change of your phone was taken back. All other places were signed out.
notice-backup-changed = Your backup phone was changed
notice-backup-changed-text = The backup phone of your account was changed or removed.
notice-method-changed = Your method was changed
notice-method-changed-text = From now on another method checks that it is you.
notice-pin-changed = Your PIN was changed
notice-pin-changed-text = The PIN of your account is another one now.
notice-password-changed = Your password was changed
notice-password-changed-text = Your password was changed on the sign-in page, because the old one had expired.
notice-token-added = A token was added
notice-token-added-text = A token or authenticator app was added to your account.
notice-token-removed = A token was removed
notice-token-removed-text = A token or authenticator app was removed from your account.
notice-questions-changed = Your security questions were changed
notice-questions-changed-text = Other security questions or answers count for your account.
notice-questions-used = Your security questions were used
notice-questions-used-text = Somebody signed in to your account by answering your security questions.
notice-bypass-started = A one-time bypass was started
notice-bypass-started-text = The next sign-in to your account passes with the password alone, for { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
notice-fraud-reported = Fraud was reported
notice-fraud-reported-text = A sign-in was reported as fraud. The account was not blocked.
notice-fraud-blocked-text = A sign-in was reported as fraud. The account is blocked until the help desk opens it.
notice-code = Your code
notice-code-text = Type this code to set up your account: { $code }
notice-set-up-link = Please set up your account
notice-set-up-link-text = From now on a second check is to protect your account. Sign in with your password and set it up; it takes about two minutes.
notice-set-up-reminder = Your account is not set up yet
notice-set-up-reminder-text = You began to set up the second check of your account and have not finished. What you entered is saved: sign in and go on where you stopped.

fault-extension = An extension may hold digits, *, # and commas.
fault-extension-refused = Numbers with an extension are not called here. Enter one that reaches you directly.
fault-backup-refused = We do not call this kind of number. Enter another one.
fault-backup-same = The backup phone must be another one than your phone.
fault-summary = Some entries need your attention
fault-phone-missing = Enter your mobile number.
fault-phone-format = This is not a phone number. Digits, spaces, brackets and a leading + are fine.
fault-phone-country = No country has this country code.
fault-phone-length = The number has too few or too many digits for this country.
fault-phone-country-refused = We do not send texts to this country. Use another number.
fault-phone-refused = We do not send texts to this kind of number. Enter a mobile number.
fault-call-missing = Enter your phone number.
fault-call-country = We do not call this country. Use another number.
fault-phone-often = The number was changed too often today. Try again tomorrow, or ask for help.
fault-returns = An earlier phone is being brought back. Try again in ten minutes.
fault-pin-missing = Choose a PIN.
fault-pin-length = The PIN needs at least { $least } digits.
fault-pin-too-long = The PIN has more than 16 digits.
fault-pin-not-digits = The PIN may hold the digits 0 to 9 only.
fault-pin-repeating = The PIN repeats a digit three times in a row.
fault-pin-sequential = The PIN counts up or down over three digits.
fault-pin-phone = The PIN holds a part of your phone number.
fault-pin-history = The PIN was used before.
fault-pin-mismatch = The two PINs differ.

help-title = Help
help-sign-in = Sign in with the user name and password that you use at work. After that we check by your phone that it is you.
help-verify = We have reached out to your phone. Answer there, and this page goes on. If nothing comes, wait a moment, then let us send it again.
help-setup = Choose how we shall check that it is you, then try it once. You can leave at any time and go on later where you stopped.
help-password = Your password has expired. Type the old one once and the new one twice; after that you go on signing in.
help-code = The text on your phone, your token or your app shows a code. Type it here; spaces do not matter. Where you have a PIN, it follows the code of a text.
help-answers = Answer as you did when you chose the questions. Capitals, accents and spaces do not matter. This is for when your phone cannot be reached.
help-proof = Nobody but you shall set up your account. Type the code from the mail, or the one that your administrator gave you.
help-done = From now on every sign-in is checked like this. A second way in helps you when your phone is lost.
help-method = A call works with every phone, a text with every mobile phone. An authenticator app or a token shows codes and needs no network. What you choose counts once it has worked.
help-phone = Write the number as you like and choose its country. It counts once it has answered our text or call; until then nothing changes.
help-call = Write the number as you like and choose its country. We call it, and it counts once you have pressed the keys that the call asks for. An extension is dialled after somebody or something has answered.
help-trial = This call only tries something. Answer it, do what it asks, and see here what came of it. It signs nobody in.
help-token = Scan the picture with an authenticator app, or type its key, and enter the code that the app shows. A token is taken by the serial number that is printed on it.
help-questions = Choose four questions whose answers you will remember and nobody can look up. Hide Answers covers them while others look on.
help-account = Here you see how your account is protected, change what protects it, and find your last sign-ins.
help-backup = The backup phone is called when the other one does not answer. An extension is dialled after the call is answered. Test Backup Phone calls it now, so that you know that it works.
help-pin = The PIN is a secret number that you add to your answer. The list marks each rule while you type.
help-language = Pages and mails, texts and calls each have their own language. Hear a Sample calls you, so that you hear how a language sounds.
help-bypass = With a bypass your next sign-in passes with your password alone, once, within the time that is shown. Cancel it if you do not need it.
help-sessions = Every browser in which you are signed in. Sign out the others if you do not know one, and change your password.
help-history = Every sign-in of the last 30 days with what happened to it. If one was not you, open it and report it.
help-back = Back

error-title = That did not work
error-form = This page had been open too long, or was sent twice. Nothing was changed. Go back and try again.
error-not-found = There is no such page.
error-many = Too many requests. Wait a moment.
error-reference = Reference for the help desk: { $reference }
error-back = To the start
