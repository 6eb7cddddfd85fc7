language-name = Français

nav-help = Aide
nav-language = Langue
nav-change-language = Changer
nav-sign-out = Se déconnecter
nav-contact = Contact : { $contact }
nav-logo = Logo
nav-ends = Sans un clic, vous serez déconnecté : { $time }.
nav-soon = Vous serez bientôt déconnecté.
nav-stay = Rester connecté
nav-over = Vous êtes déconnecté, ou le service est injoignable. Copiez ce que vous avez saisi ici avant de quitter cette page, puis reconnectez-vous.
nav-close = Fermer

sign-in-title = Connexion
sign-in-name = Nom d’utilisateur
sign-in-password = Mot de passe
sign-in-button = Se connecter
sign-in-ended = Vous avez été déconnecté. Reconnectez-vous pour continuer.
form-typed-before = Vous aviez été déconnecté. Votre saisie est toujours là, sauf un code PIN : vérifiez-la et envoyez-la de nouveau.
sign-in-signed-out = Vous êtes déconnecté.
sign-in-wrong = Le nom d’utilisateur ou le mot de passe est incorrect. Vérifiez les deux et réessayez.
sign-in-wait = Trop de tentatives. Réessayez dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}.
sign-in-stopped = Votre compte a été suspendu, comme vous l’avez demandé. Le service d’assistance peut le rouvrir.
sign-in-expired = Votre mot de passe a expiré. Changez-le là où vous vous connectez au travail, puis revenez.
sign-in-closed = Le délai pour configurer votre compte est passé. Demandez à votre administrateur de le rouvrir.
sign-in-elsewhere = Votre compte ne peut être configuré que depuis le réseau de l’entreprise.
sign-in-off = La connexion est désactivée pour le moment.
sign-in-not-set-up = Votre compte n’est pas encore configuré pour cela. Adressez-vous à votre administrateur.

verify-title = Vérifions que c’est bien vous
verify-title-verified = C’était bien vous
verify-title-ended = Cela n’a pas abouti
verify-look-again = Regarder de nouveau
verify-calling-text = Nous avons envoyé un SMS au numéro qui se termine par { $ending }.
verify-calling = Appel du numéro qui se termine par { $ending } …
verify-ringing = Le téléphone dont le numéro se termine par { $ending } sonne.
verify-put-through = L’appel au numéro qui se termine par { $ending } a été pris et va être transféré au poste.
verify-answered = L’appel au numéro qui se termine par { $ending } a été pris.
verify-backup = Votre premier téléphone n’a pas répondu ; nous appelons donc votre téléphone de secours.
verify-do-reply = Répondez-y avec le code qu’il contient.
verify-do-reply-pin = Répondez-y avec le code qu’il contient, suivi de votre code PIN.
verify-do-pound = Répondez, écoutez, puis appuyez sur la touche dièse (#).
verify-do-pin = Répondez, écoutez, saisissez votre code PIN, puis appuyez sur la touche dièse (#).
verify-left = { $minutes ->
    [0] Il reste moins d’une minute.
    [one] Il reste une minute.
   *[other] Il reste { $minutes } minutes.
}
verify-check = Vérifier le résultat
verify-again = Réessayer
verify-start = Continuer
verify-resend = Renvoyer
verify-resend-in = Vous pourrez le faire renvoyer dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}.
verify-cancel = Annuler
verify-done = Votre identité est confirmée.
verify-continue = Continuer
verify-another-method = Choisir une autre méthode
verify-other = Un autre moyen
verify-use-code = Utiliser un code
verify-use-questions = Répondre aux questions
verify-undo = Je n’ai pas changé de téléphone
verify-drop = Abandonner le changement
verify-why = Pourquoi ?
verify-changed-elsewhere = Cela a été modifié dans une autre fenêtre. Voici où cela en est maintenant.
verify-pause = Vous avez essayé plusieurs fois. Attendez un peu, puis réessayez.
verify-another-number = Changer le numéro
verify-elsewhere = Cela a été demandé dans un autre navigateur. Pour continuer ici, saisissez de nouveau votre numéro.

code-title = Saisissez votre code
code-text = Nous avons envoyé un SMS au numéro qui se termine par { $ending }. Saisissez le code qu’il contient.
code-text-pin = Nous avons envoyé un SMS au numéro qui se termine par { $ending }. Saisissez le code qu’il contient, suivi de votre code PIN.
code-oath = Saisissez le code que votre jeton ou votre application d’authentification affiche maintenant.
code-label = Code de vérification
code-button = Vérifier
code-wrong = Le code est incorrect. { $left ->
    [one] Il reste une tentative.
   *[other] Il reste { $left } tentatives.
}
code-not-a-code = Un code ne contient que des chiffres.
code-wait = Trop de codes incorrects. Réessayez dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}.

reason-no-answer = Aucune réponse n’est arrivée à temps.
reason-not-sent = Le SMS n’a pas pu être envoyé. Vérifiez le numéro ou réessayez plus tard.
reason-call-no-answer = Personne n’a répondu à l’appel.
reason-call-busy = Le numéro était occupé.
reason-call-hung-up = L’appel s’est terminé avant toute confirmation.
reason-call-no-pound = Des touches ont été pressées, mais il manquait le dièse (#) à la fin.
reason-call-no-key = L’appel a été pris, mais aucune touche n’a été pressée.
reason-call-voicemail = Un répondeur a pris l’appel.
reason-call-cut = L’appel a été coupé.
reason-call-keys = De mauvaises touches ont été pressées trop souvent.
reason-call-not-placed = L’appel n’a pas pu être passé. Vérifiez le numéro ou réessayez plus tard.
reason-call-number = Ce numéro ne peut pas être joint par un appel.
reason-call-rate = Vous avez été appelé trop souvent. Attendez un peu, puis réessayez.
reason-extension = Les numéros avec un poste ne sont pas appelés ici. Utilisez un autre numéro.
reason-number = Ce numéro ne peut pas recevoir de SMS.
reason-country = Les numéros de ce pays ne sont pas autorisés ici.
reason-quiet-hours = Ce pays n’est pas appelé à cette heure. Choisissez un autre moyen ou réessayez demain matin.
reason-rate = Trop de SMS ont été envoyés. Attendez un moment, puis réessayez.
reason-wrong = Le code ou le code PIN a été incorrect trop souvent.
reason-replayed = Ce code a déjà été utilisé. Attendez le suivant.
reason-locked-until = Votre compte est verrouillé après trop de réponses incorrectes, jusqu’à { $time }.
reason-locked = Votre compte est verrouillé après trop de réponses incorrectes. Réessayez plus tard.
reason-blocked = Votre compte est bloqué. Demandez de l’aide.
reason-fraud = Vous avez signalé que ce n’était pas vous. Si c’est le cas, changez votre mot de passe.
reason-method = Votre méthode ne peut pas être utilisée pour le moment. Demandez de l’aide.
reason-pin = Votre code PIN doit être changé. Demandez de l’aide.
reason-cancelled = L’opération a été annulée.
reason-other = Cela n’a pas fonctionné. Réessayez.

setup-title = Configurez votre compte
setup-lead = Désormais, une deuxième vérification protège votre compte. Cela prend environ deux minutes ; vous pouvez arrêter et continuer plus tard.
setup-step-method = Choisir comment nous vérifions que c’est vous
setup-step-text = Saisir votre numéro de mobile
setup-step-phone = Saisir votre numéro de téléphone
setup-step-app = Connecter votre application d’authentification ou votre jeton
setup-step-proof = Montrer que ce compte est le vôtre
setup-step-token = Ajouter un jeton
setup-step-questions = Répondre à des questions de sécurité
setup-step-check = Essayer une fois
setup-state-open = à faire
setup-state-draft = commencé
setup-state-waiting = en attente de votre réponse
setup-state-done = terminé
setup-state-skipped = ignoré
setup-continue = Continuer
setup-later = Se déconnecter, terminer plus tard
setup-back = Retour
setup-skip = Passer pour le moment

method-title = Comment devons-nous vérifier que c’est vous ?
method-legend = Méthode
method-sms = SMS
method-sms-about = Vous recevez un SMS avec un code. Cela fonctionne avec tous les téléphones mobiles.
method-oath = Application d’authentification ou jeton
method-oath-about = Une application sur votre téléphone ou un jeton affiche un code, même sans réseau.
method-voice = Appel téléphonique
method-voice-about = Nous vous appelons et vous appuyez sur une touche. Cela fonctionne avec tous les téléphones, fixes aussi.
method-app = Application mobile
method-button = Continuer
method-fault = Choisissez l’une des méthodes.

text-title = Votre numéro de mobile
text-country = Pays
text-phone = Téléphone mobile
text-phone-hint = Avec ou sans l’indicatif du pays, comme vous avez l’habitude de l’écrire.
text-pin = Code PIN
pin-rule-length = Au moins { $least } chiffres.
pin-rule-repeat = Aucun chiffre trois fois de suite.
pin-rule-run = Pas trois chiffres qui se suivent.
pin-rule-phone = Aucune partie de votre numéro de téléphone.
text-phone-kept = Un numéro saisi dans un autre navigateur est déjà enregistré. Laissez ce champ vide pour le conserver.
text-pin-kept = Un code PIN est déjà enregistré. Laissez ce champ vide pour le conserver.
text-confirm = Confirmer le code PIN
text-button = M’envoyer un SMS pour vérifier
call-title = Votre numéro de téléphone
call-phone = Téléphone
call-extension = Numéro de poste (facultatif)
call-button = M’appeler maintenant pour vérifier

app-title = Connectez votre application d’authentification
app-install = Ouvrez l’application d’authentification sur votre téléphone et scannez cette image.
app-picture = Image avec la clé, à scanner avec une application. La même clé figure ci-dessous sous forme de texte.
app-same-device = Sur ce même appareil : ouvrir dans l’application
app-key = Ou saisissez cette clé dans l’application :
app-code = Code affiché par l’application
app-button = Vérifier
app-wrong = Le code ne correspond pas à cette clé. Vérifiez que l’heure de votre téléphone est juste et saisissez le code affiché maintenant.

token-title = Votre jeton
token-beside-title = Ajouter un jeton
token-beside-lead = Un jeton ou une application d’authentification vous donne accès quand votre téléphone n’a pas de réseau.
token-take-title = Un jeton avec un numéro de série
token-serial = Numéro de série
token-serial-hint = Il est imprimé sur le jeton.
token-code = Code actuel
token-next = Code suivant
token-next-hint = Attendez que le jeton affiche un autre code, puis saisissez-le ici.
token-check = Vérifier le jeton
token-resync = Resynchroniser
token-remove = Supprimer
token-which = Quel jeton
token-own-app = Application d’authentification
token-serial-is = Jeton { $serial }
token-wrong = Le numéro de série ou le code est incorrect.
token-too-many = Vous avez autant de jetons que possible. Supprimez-en un d’abord.
token-out-of-date = Le code date d’un autre moment. Saisissez le code actuel et le suivant.
token-right = Le code est correct.
token-added = C’est ajouté.
token-removed = C’est supprimé.
token-last = C’est ainsi que nous vérifions que c’est vous. Choisissez d’abord une autre méthode.
tokens-title = Jetons et applications d’authentification

proof-title = Ce compte est-il le vôtre ?
proof-mail = Nous avons envoyé un code à { $mailbox }. Saisissez-le ici.
proof-later = Le dernier code n’est plus valable. Le prochain peut être envoyé à partir de { $time }.
proof-administrator = Saisissez le code que votre administrateur vous a donné.
proof-no-mailbox = Nous n’avons pas d’adresse e-mail de vous où envoyer un code. Demandez de l’aide.
proof-code = Code
proof-wrong = Le code est incorrect ou trop ancien.

done-title = Votre compte est configuré
done-sms = Désormais, un SMS au numéro qui se termine par { $ending } vérifie que c’est bien vous.
done-voice = Désormais, un appel au numéro qui se termine par { $ending } vérifie que c’est bien vous.
done-oath = Désormais, les codes de votre application ou de votre jeton vérifient que c’est bien vous.
done-second = Nous conseillons un deuxième moyen d’accès, au cas où vous perdriez votre téléphone.
advice-token = Connecter une application d’authentification ou ajouter un jeton
advice-backup = Indiquer un téléphone de secours
done-button = Aller à mon compte

account-title = Mon compte
account-hello = Bonjour { $name }
account-method = Comment nous vérifions que c’est vous
account-phone = Numéro de mobile
account-phone-ending = se termine par { $ending }
account-call-phone = Numéro de téléphone
account-backup-unverified = se termine par { $ending }, pas encore vérifié
account-tokens = Jetons et applications d’authentification
account-backup = Téléphone de secours
account-bypass = Dispense unique
account-saved = Enregistré.
account-save = Enregistrer
account-back = Retour à mon compte
account-menu = Ce que vous pouvez changer
account-left = Ce que vous pouvez encore faire
account-waits = Un changement attend d’être vérifié.
account-last = Dernières connexions
account-needs-strong = Pour cela, connectez-vous avec une vérification que c’est vous.
account-change-method = Changer de méthode
account-change-phone = Changer de téléphone
account-change-backup = Changer le téléphone de secours
account-change-pin = Changer le code PIN
account-change-tokens = Jetons et applications d’authentification
account-change-questions = Changer les questions de sécurité
account-change-language = Changer de langue
account-change-bypass = Dispense unique
account-change-sessions = Où vous êtes connecté
account-change-history = Historique
account-strong = Vous vous êtes connecté avec une vérification.
account-weak = Vous vous êtes connecté sans vérification, selon une règle de votre entreprise. Certains changements en demandent une.

phone-title = Changez de téléphone
phone-now = Nous vous joignons au numéro qui se termine par { $ending }.
phone-how = Le nouveau numéro compte dès qu’il a répondu à un SMS. D’ici là, l’ancien compte.
call-how = Le nouveau numéro compte dès qu’un appel y a abouti. D’ici là, l’ancien compte.
phone-undo = Reprendre l’ancien téléphone
phone-undo-about = Vous pouvez reprendre le numéro qui se termine par { $ending }. Il doit répondre à un SMS.
call-undo-about = Vous pouvez reprendre le numéro qui se termine par { $ending }. Il doit répondre à un appel.

backup-title = Téléphone de secours
backup-country = Pays du téléphone de secours
backup-phone = Numéro du téléphone de secours
backup-hint = Il est appelé quand l’autre téléphone ne répond pas. Laissez ce champ vide si vous n’en voulez pas.
backup-extension = Numéro de poste du téléphone de secours
backup-extension-hint = Chiffres, * et #. Une virgule attend une seconde.
backup-none = Vous n’avez pas de téléphone de secours.
backup-now = Votre téléphone de secours est le numéro qui se termine par { $ending }.
backup-unverified = Il n’est pas encore vérifié : il le sera dès qu’il aura répondu à un appel.
backup-verified = Il est vérifié : il a répondu à un appel.
backup-button = Enregistrer le téléphone de secours
backup-test = Essayer le téléphone de secours
backup-remove = Supprimer le téléphone de secours
trial-backup-title = Essai de votre téléphone de secours
trial-backup-ok = Votre téléphone de secours a répondu. Il est vérifié.
trial-back-backup = Retour au téléphone de secours
trial-sample-title = Comment sonnent nos appels
trial-sample-do = Répondez et écoutez. Vous pouvez raccrocher à tout moment.
trial-sample-ok = C’était l’exemple.
trial-back-language = Retour aux langues

pin-title = Changez votre code PIN
pin-due = Votre code PIN doit être changé avant de continuer.
pin-current = Code PIN actuel
pin-wrong = Ce n’est pas votre code PIN actuel.
pin-not-allowed = Vous ne pouvez pas changer votre code PIN. Demandez de l’aide.

language-title = Langues
language-pages = Pages et e-mails
language-texts = SMS
language-calls = Appels téléphoniques
language-hear = Écouter un exemple
language-hear-about = « Écouter un exemple » vous appelle et parle dans cette langue. « Enregistrer » garde la langue.

bypass-title = Dispense unique
bypass-about = Votre prochaine connexion, où que ce soit, passe une fois avec votre mot de passe seul. Utilisez cette dispense quand vous n’avez pas votre téléphone avec vous.
bypass-seconds = Secondes
bypass-seconds-fault = Choisissez de 30 à 3600 secondes.
bypass-for = Elle peut être utilisée pendant { $seconds ->
    [one] { $seconds } seconde
   *[other] { $seconds } secondes
}.
bypass-left = Elle peut encore être utilisée pendant { $seconds ->
    [one] { $seconds } seconde
   *[other] { $seconds } secondes
}.
bypass-reason = Motif
bypass-start = Activer la dispense
bypass-cancel = Annuler la dispense
bypass-too-many = Vous en avez activé trois aujourd’hui. Demandez de l’aide.

sessions-title = Où vous êtes connecté
sessions-this = celui-ci
sessions-unknown = Navigateur inconnu
sessions-since = connexion
sessions-seen = dernière utilisation
sessions-others = Déconnecter les autres
sessions-all = Déconnecter partout
sessions-done = Vous êtes déconnecté partout ailleurs.

history-title = Historique
history-lead = Vos connexions des 30 derniers jours.
history-none = Il n’y en a pas.
history-why = Pourquoi ?
history-verified = c’était vous
history-pending = en cours
history-reported = Merci. Nous avons prévenu les personnes qui s’occupent du système et vous avons déconnecté partout ailleurs.
past-title = Une connexion
past-not-me = Ce n’était pas vous ?
past-not-me-about = Quelqu’un connaît peut-être votre mot de passe. Signalez-le et changez votre mot de passe. Vous pouvez aussi suspendre votre compte : personne ne peut se connecter jusqu’à ce que le service d’assistance le rouvre.
past-report = Ce n’était pas moi
past-stop = Ce n’était pas moi, suspendre mon compte

story-started = L’opération a commencé.
story-waits = Il a fallu attendre la fin d’une vérification précédente.
story-sent = Le SMS a été remis au réseau.
story-uncertain = Le SMS a peut-être été envoyé ; le réseau ne l’a pas dit.
story-not-sent = Le réseau n’a pas accepté le SMS.
story-delivered = Le SMS a été livré au téléphone.
story-undelivered = Le réseau n’a pas pu livrer le SMS.
story-called = L’appel a été remis au réseau.
story-ringing = Le téléphone a sonné.
story-answered = L’appel a été pris.
story-put-through = L’appel a été transféré.
story-no-key = Aucune touche n’a été pressée.
story-no-pound = Des touches ont été pressées sans le dièse (#).
story-keys = De mauvaises touches ont été pressées.
story-pin-due = Le code PIN devait être changé.
story-pin-changed = Le code PIN a été changé pendant l’appel.
story-call-ended = L’appel s’est terminé.
story-not-called = Le réseau n’a pas passé l’appel.
story-call-uncertain = L’appel a peut-être été passé ; le réseau ne l’a pas dit.
story-cut = L’appel a été coupé.
story-no-answer = Aucune réponse n’est arrivée à temps.
story-wrong = Une réponse incorrecte est arrivée.
story-right = La bonne réponse est arrivée.
story-next = Aucune réponse n’est arrivée, alors un autre moyen a été essayé.
story-late = Une réponse est arrivée après la fin.
story-fraud = L’opération a été signalée comme fraude.
story-decided = Une règle a décidé.
story-ended = L’opération s’est terminée.
story-bypass = Une dispense unique a été utilisée.
story-limited = L’envoi a été retenu, car il y en avait trop.

questions-title = Questions de sécurité
questions-lead = Choisissez quatre questions et répondez-y. Elles vous donnent accès ici quand votre téléphone est injoignable.
questions-retired = Une de vos questions n’est plus utilisée. Choisissez-en une autre.
questions-save = Enregistrer les réponses
question-number = Question { $number }
question-answer = Réponse { $number }
question-choose = Choisir une question
question-kept = Une réponse est enregistrée. Laissez ce champ vide pour la conserver.
question-hide = Masquer les réponses
question-unhide = Afficher les réponses
question-none = Choisissez une question.
question-twice = Cette question est choisie deux fois.
question-short = La réponse doit avoir au moins trois lettres.
question-long = La réponse a plus de 200 caractères.
question-answer-twice = Cette réponse est donnée deux fois.
question-in-question = La réponse est un mot de la question.
asked-title = Répondez à vos questions
asked-lead = Les espaces, les majuscules et les accents ne comptent pas.
asked-button = Envoyer les réponses
asked-wrong = Toutes les réponses ne sont pas correctes.
asked-back = Retour

password-title = Changez votre mot de passe
password-lead = Votre mot de passe a expiré. Choisissez-en un nouveau.
password-old = Ancien mot de passe
password-new = Nouveau mot de passe
password-again = Nouveau mot de passe, encore une fois
password-button = Changer le mot de passe
password-differ = Les deux nouveaux mots de passe sont différents ou vides.
password-refused = Les règles de l’entreprise refusent ce mot de passe. Choisissez-en un plus long que vous n’avez pas encore utilisé.
password-not-here = Les mots de passe ne peuvent pas être changés ici.

mail-hello = Bonjour { $name },
mail-when = Quand : { $time }
mail-where = Depuis : { $place }
mail-not-you = Si ce n’était pas vous, changez votre mot de passe tout de suite et demandez de l’aide.
mail-portal = Gérer votre compte : { $url }
mail-sign-in = Se connecter : { $url }
mail-automatic = Ce message a été envoyé automatiquement.
notice-signed-in = Nouvelle connexion à votre compte
notice-signed-in-text = Quelqu’un s’est connecté à votre compte depuis un navigateur que nous n’avions encore jamais vu.
notice-set-up = Votre compte est configuré
notice-set-up-text = Votre compte est maintenant protégé par une deuxième vérification.
notice-phone-changed = Votre téléphone a été changé
notice-phone-changed-text = Le téléphone des vérifications de votre compte est maintenant le numéro qui se termine par { $ending }. Pendant sept jours, la personne qui a l’ancien téléphone peut annuler ce changement.
notice-phone-changed-by-text = Téléphone de connexion changé. Pas par vous ? Connectez-vous sous 7 jours et reprenez ce téléphone :
notice-method-changed-by-text = Ce téléphone ne sert plus à vous connecter. Pas vous ? Connectez-vous sous 7 jours et reprenez ce téléphone :
notice-phone-restored = Votre ancien téléphone est de retour
notice-phone-restored-text = Le changement de votre téléphone a été annulé. Vous avez été déconnecté partout ailleurs.
notice-backup-changed = Votre téléphone de secours a été changé
notice-backup-changed-text = Le téléphone de secours de votre compte a été changé ou supprimé.
notice-method-changed = Votre méthode a été changée
notice-method-changed-text = Désormais, une autre méthode vérifie que c’est bien vous.
notice-pin-changed = Votre code PIN a été changé
notice-pin-changed-text = Le code PIN de votre compte est maintenant un autre.
notice-password-changed = Votre mot de passe a été changé
notice-password-changed-text = Votre mot de passe a été changé sur la page de connexion, car l’ancien avait expiré.
notice-token-added = Un jeton a été ajouté
notice-token-added-text = Un jeton ou une application d’authentification a été ajouté à votre compte.
notice-token-removed = Un jeton a été supprimé
notice-token-removed-text = Un jeton ou une application d’authentification a été supprimé de votre compte.
notice-questions-changed = Vos questions de sécurité ont été changées
notice-questions-changed-text = D’autres questions de sécurité ou réponses comptent pour votre compte.
notice-questions-used = Vos questions de sécurité ont été utilisées
notice-questions-used-text = Quelqu’un s’est connecté à votre compte en répondant à vos questions de sécurité.
notice-bypass-started = Une dispense unique a été activée
notice-bypass-started-text = La prochaine connexion à votre compte passe avec le mot de passe seul, pendant { $seconds ->
    [one] { $seconds } seconde
   *[other] { $seconds } secondes
}.
notice-fraud-reported = Une fraude a été signalée
notice-fraud-reported-text = Une connexion a été signalée comme fraude. Le compte n’a pas été bloqué.
notice-fraud-blocked-text = Une connexion a été signalée comme fraude. Le compte est bloqué jusqu’à ce que le service d’assistance le rouvre.
notice-code = Votre code
notice-code-text = Saisissez ce code pour configurer votre compte : { $code }
notice-set-up-link = Veuillez configurer votre compte
notice-set-up-link-text = Une deuxième vérification protégera désormais votre compte. Connectez-vous avec votre mot de passe et configurez-la ; il faut environ deux minutes.
notice-set-up-reminder = Votre compte n’est pas encore configuré
notice-set-up-reminder-text = Vous avez commencé à configurer la deuxième vérification de votre compte sans terminer. Ce que vous avez saisi est enregistré : connectez-vous et reprenez là où vous vous êtes arrêté.

fault-extension = Un numéro de poste peut contenir des chiffres, *, # et des virgules.
fault-extension-refused = Les numéros avec un poste ne sont pas appelés ici. Saisissez-en un qui vous joint directement.
fault-backup-refused = Nous n’appelons pas ce type de numéro. Saisissez-en un autre.
fault-backup-same = Le téléphone de secours doit être différent de votre téléphone.
fault-summary = Certaines saisies demandent votre attention
fault-phone-missing = Saisissez votre numéro de mobile.
fault-phone-format = Ce n’est pas un numéro de téléphone. Les chiffres, les espaces, les parenthèses et un + au début sont acceptés.
fault-phone-country = Aucun pays n’a cet indicatif.
fault-phone-length = Le numéro a trop peu ou trop de chiffres pour ce pays.
fault-phone-country-refused = Nous n’envoyons pas de SMS vers ce pays. Utilisez un autre numéro.
fault-phone-refused = Nous n’envoyons pas de SMS à ce type de numéro. Saisissez un numéro de mobile.
fault-call-missing = Saisissez votre numéro de téléphone.
fault-call-country = Nous n’appelons pas ce pays. Utilisez un autre numéro.
fault-phone-often = Le numéro a été changé trop souvent aujourd’hui. Réessayez demain ou demandez de l’aide.
fault-returns = Un ancien téléphone est en cours de reprise. Réessayez dans dix minutes.
fault-pin-missing = Choisissez un code PIN.
fault-pin-length = Le code PIN doit avoir au moins { $least } chiffres.
fault-pin-too-long = Le code PIN a plus de 16 chiffres.
fault-pin-not-digits = Le code PIN ne peut contenir que les chiffres de 0 à 9.
fault-pin-repeating = Le code PIN répète un chiffre trois fois de suite.
fault-pin-sequential = Le code PIN contient trois chiffres qui se suivent.
fault-pin-phone = Le code PIN contient une partie de votre numéro de téléphone.
fault-pin-history = Le code PIN a déjà été utilisé.
fault-pin-mismatch = Les deux codes PIN sont différents.

help-title = Aide
help-sign-in = Connectez-vous avec le nom d’utilisateur et le mot de passe que vous utilisez au travail. Ensuite, nous vérifions avec votre téléphone que c’est bien vous.
help-verify = Nous avons contacté votre téléphone. Répondez-y et cette page continue. Si rien n’arrive, attendez un moment, puis faites renvoyer le message.
help-setup = Choisissez comment nous devons vérifier que c’est vous, puis essayez une fois. Vous pouvez partir à tout moment et reprendre plus tard.
help-password = Votre mot de passe a expiré. Saisissez l’ancien une fois et le nouveau deux fois ; la connexion se poursuit ensuite.
help-code = Le SMS sur votre téléphone, votre jeton ou votre application affiche un code. Saisissez-le ici ; les espaces ne comptent pas. Si vous avez un code PIN, il suit le code d’un SMS.
help-answers = Répondez comme lorsque vous avez choisi les questions. Majuscules, accents et espaces ne comptent pas. Cela sert quand votre téléphone est injoignable.
help-proof = Personne d’autre que vous ne doit configurer votre compte. Saisissez le code reçu par courriel ou celui que votre administrateur vous a donné.
help-done = Désormais, chaque connexion est vérifiée ainsi. Un deuxième moyen d’accès vous aide si vous perdez votre téléphone.
help-method = Un appel fonctionne avec tout téléphone, un SMS avec tout téléphone mobile. Une application d’authentification ou un jeton affiche des codes sans réseau. Votre choix compte dès qu’il a fonctionné une fois.
help-phone = Écrivez le numéro comme vous voulez et choisissez son pays. Il compte dès qu’il a répondu à notre SMS ou à notre appel ; d’ici là, rien ne change.
help-call = Écrivez le numéro comme vous voulez et choisissez son pays. Nous l’appelons, et il compte dès que vous avez pressé les touches demandées. Un poste est composé une fois l’appel décroché.
help-trial = Cet appel ne fait qu’un essai. Répondez, faites ce qu’il demande et voyez ici le résultat. Il ne connecte personne.
help-token = Scannez l’image avec une application d’authentification, ou saisissez sa clé, puis entrez le code affiché. Un jeton se reconnaît au numéro de série imprimé dessus.
help-questions = Choisissez quatre questions dont vous retiendrez les réponses et que personne ne peut trouver. « Masquer les réponses » les couvre quand on vous regarde.
help-account = Vous voyez ici comment votre compte est protégé, modifiez ce qui le protège et trouvez vos dernières connexions.
help-backup = Le téléphone de secours est appelé quand l’autre ne répond pas. Un poste est composé une fois l’appel décroché. « Essayer le téléphone de secours » l’appelle maintenant, pour que vous sachiez qu’il fonctionne.
help-pin = Le code PIN est un nombre secret que vous ajoutez à votre réponse. La liste indique chaque règle pendant la saisie.
help-language = Les pages et les courriels, les SMS et les appels ont chacun leur langue. « Écouter un exemple » vous appelle pour vous faire entendre une langue.
help-bypass = Avec une dérogation, votre prochaine connexion passe une fois avec le seul mot de passe, dans le délai affiché. Annulez-la si elle ne sert pas.
help-sessions = Chaque navigateur où vous êtes connecté. Déconnectez les autres si vous n’en reconnaissez pas un, et changez votre mot de passe.
help-history = Chaque connexion des 30 derniers jours et ce qui s’est passé. Si l’une n’était pas vous, ouvrez-la et signalez-la.
help-back = Retour

error-title = Cela n’a pas fonctionné
error-form = Cette page était ouverte depuis trop longtemps ou a été envoyée deux fois. Rien n’a été modifié. Revenez en arrière et réessayez.
error-not-found = Cette page n’existe pas.
error-many = Trop de demandes. Attendez un moment.
error-reference = Référence pour l’assistance : { $reference }
error-back = Retour au début
