language-name = English

nav-help = Help
nav-language = Language
nav-change-language = Change
nav-sign-out = Sign Out
nav-contact = Contact: { $contact }

sign-in-title = Sign In
sign-in-name = User name
sign-in-password = Password
sign-in-button = Sign In
sign-in-ended = You were signed out. Sign in again to go on.
sign-in-signed-out = You are signed out.
sign-in-wrong = User name or password is wrong. Check both and try again.
sign-in-wait = Too many attempts. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
sign-in-off = Signing in is switched off at the moment.
sign-in-not-set-up = Your account is not set up for this yet. Ask your administrator.

verify-title = Check that it is you
verify-calling-text = We have sent a text to the number ending in { $ending }.
verify-do-reply = Reply to it with the code that it holds.
verify-do-reply-pin = Reply to it with the code that it holds, followed by your PIN.
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
verify-another-number = Change the Number

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
reason-number = This number cannot be reached by text.
reason-country = Numbers of this country are not allowed here.
reason-rate = Too many texts were sent. Wait a while, then try again.
reason-wrong = The code or the PIN was wrong too often.
reason-replayed = This code was used before. Wait for the next one.
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
setup-step-app = Connect your authenticator app
setup-step-check = Check that it works
setup-state-open = to do
setup-state-draft = begun
setup-state-waiting = waiting for your answer
setup-state-done = done
setup-continue = Continue
setup-later = Sign Out, Finish Later
setup-back = Back

method-title = How shall we check that it is you?
method-sms = Text message
method-sms-about = You get a text with a code. It works with every mobile phone.
method-oath = Authenticator app
method-oath-about = An app on your phone shows a code, also without a network.
method-voice = Phone call
method-app = Mobile app
method-button = Continue
method-fault = Choose one of the methods.

text-title = Your mobile number
text-country = Country
text-phone = Mobile Phone
text-phone-hint = With or without the country code, as you like to write it.
text-pin = PIN
text-pin-hint = At least { $least } digits. No digit three times in a row, no three that count up or down, no part of your phone number.
text-pin-kept = A PIN is already stored. Leave this empty to keep it.
text-confirm = Confirm PIN
text-button = Text Me Now to Authenticate
text-country-code = +{ $code }

app-title = Connect your authenticator app
app-install = Open the authenticator app on your phone and scan this picture.
app-picture = Picture with the key, to be scanned by an app. The same key stands below as text.
app-same-device = On this same device: open in the app
app-key = Or type this key into the app:
app-code = Code that the app shows
app-button = Verify
app-wrong = The code is not one of this key. Check that the clock of your phone is right, and type the code that the app shows now.

done-title = You are set up
done-sms = Text messages to the number ending in { $ending } check from now on that it is you.
done-oath = The codes of your authenticator app check from now on that it is you.
done-second = We advise a second way in, in case you lose your phone.
done-button = Go to My Account

account-title = My account
account-hello = Hello { $name }
account-method = How we check that it is you
account-phone = Mobile number
account-phone-ending = ending in { $ending }
account-tokens = Tokens and authenticator apps
account-strong = You signed in with a check that it was you.
account-weak = You signed in without a check that it was you, by a rule of your company. Some changes need one.

fault-summary = Some entries need your attention
fault-phone-missing = Enter your mobile number.
fault-phone-format = This is not a phone number. Digits, spaces, brackets and a leading + are fine.
fault-phone-country = No country has this country code.
fault-phone-length = The number has too few or too many digits for this country.
fault-phone-country-refused = We do not send texts to this country. Use another number.
fault-phone-refused = We do not send texts to this kind of number. Enter a mobile number.
fault-phone-often = The number was changed too often today. Try again tomorrow, or ask for help.
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
help-account = Here you see how your account is protected.
help-back = Back

error-title = That did not work
error-form = This page had been open too long, or was sent twice. Nothing was changed. Go back and try again.
error-not-found = There is no such page.
error-many = Too many requests. Wait a moment.
error-back = To the start
