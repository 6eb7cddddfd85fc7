language-name = Français

nav-help = Aide
nav-language = Langue
nav-change-language = Changer
nav-sign-out = Se déconnecter
nav-contact = Contact : { $contact }

sign-in-title = Connexion
sign-in-name = Nom d’utilisateur
sign-in-password = Mot de passe
sign-in-button = Se connecter
sign-in-ended = Vous avez été déconnecté. Reconnectez-vous pour continuer.
sign-in-signed-out = Vous êtes déconnecté.
sign-in-wrong = Le nom d’utilisateur ou le mot de passe est incorrect. Vérifiez les deux et réessayez.
sign-in-wait = Trop de tentatives. Réessayez dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}.
sign-in-off = La connexion est désactivée pour le moment.
sign-in-not-set-up = Votre compte n’est pas encore configuré pour cela. Adressez-vous à votre administrateur.

verify-title = Vérifions que c’est bien vous
verify-calling-text = Nous avons envoyé un SMS au numéro qui se termine par { $ending }.
verify-do-reply = Répondez-y avec le code qu’il contient.
verify-do-reply-pin = Répondez-y avec le code qu’il contient, suivi de votre code PIN.
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
verify-another-number = Changer le numéro

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
reason-number = Ce numéro ne peut pas recevoir de SMS.
reason-country = Les numéros de ce pays ne sont pas autorisés ici.
reason-rate = Trop de SMS ont été envoyés. Attendez un moment, puis réessayez.
reason-wrong = Le code ou le code PIN a été incorrect trop souvent.
reason-replayed = Ce code a déjà été utilisé. Attendez le suivant.
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
setup-step-app = Connecter votre application d’authentification
setup-step-check = Essayer une fois
setup-state-open = à faire
setup-state-draft = commencé
setup-state-waiting = en attente de votre réponse
setup-state-done = terminé
setup-continue = Continuer
setup-later = Se déconnecter, terminer plus tard
setup-back = Retour

method-title = Comment devons-nous vérifier que c’est vous ?
method-sms = SMS
method-sms-about = Vous recevez un SMS avec un code. Cela fonctionne avec tous les téléphones mobiles.
method-oath = Application d’authentification
method-oath-about = Une application sur votre téléphone affiche un code, même sans réseau.
method-voice = Appel téléphonique
method-app = Application mobile
method-button = Continuer
method-fault = Choisissez l’une des méthodes.

text-title = Votre numéro de mobile
text-country = Pays
text-phone = Téléphone mobile
text-phone-hint = Avec ou sans l’indicatif du pays, comme vous avez l’habitude de l’écrire.
text-pin = Code PIN
text-pin-hint = Au moins { $least } chiffres. Aucun chiffre trois fois de suite, pas trois chiffres qui se suivent, aucune partie de votre numéro de téléphone.
text-pin-kept = Un code PIN est déjà enregistré. Laissez ce champ vide pour le conserver.
text-confirm = Confirmer le code PIN
text-button = M’envoyer un SMS pour vérifier
text-country-code = +{ $code }

app-title = Connectez votre application d’authentification
app-install = Ouvrez l’application d’authentification sur votre téléphone et scannez cette image.
app-picture = Image avec la clé, à scanner avec une application. La même clé figure ci-dessous sous forme de texte.
app-same-device = Sur ce même appareil : ouvrir dans l’application
app-key = Ou saisissez cette clé dans l’application :
app-code = Code affiché par l’application
app-button = Vérifier
app-wrong = Le code ne correspond pas à cette clé. Vérifiez que l’heure de votre téléphone est juste et saisissez le code affiché maintenant.

done-title = Votre compte est configuré
done-sms = Désormais, un SMS au numéro qui se termine par { $ending } vérifie que c’est bien vous.
done-oath = Désormais, les codes de votre application d’authentification vérifient que c’est bien vous.
done-second = Nous conseillons un deuxième moyen d’accès, au cas où vous perdriez votre téléphone.
done-button = Aller à mon compte

account-title = Mon compte
account-hello = Bonjour { $name }
account-method = Comment nous vérifions que c’est vous
account-phone = Numéro de mobile
account-phone-ending = se termine par { $ending }
account-tokens = Jetons et applications d’authentification
account-strong = Vous vous êtes connecté avec une vérification.
account-weak = Vous vous êtes connecté sans vérification, selon une règle de votre entreprise. Certains changements en demandent une.

fault-summary = Certaines saisies demandent votre attention
fault-phone-missing = Saisissez votre numéro de mobile.
fault-phone-format = Ce n’est pas un numéro de téléphone. Les chiffres, les espaces, les parenthèses et un + au début sont acceptés.
fault-phone-country = Aucun pays n’a cet indicatif.
fault-phone-length = Le numéro a trop peu ou trop de chiffres pour ce pays.
fault-phone-country-refused = Nous n’envoyons pas de SMS vers ce pays. Utilisez un autre numéro.
fault-phone-refused = Nous n’envoyons pas de SMS à ce type de numéro. Saisissez un numéro de mobile.
fault-phone-often = Le numéro a été changé trop souvent aujourd’hui. Réessayez demain ou demandez de l’aide.
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
help-account = Vous voyez ici comment votre compte est protégé.
help-back = Retour

error-title = Cela n’a pas fonctionné
error-form = Cette page était ouverte depuis trop longtemps ou a été envoyée deux fois. Rien n’a été modifié. Revenez en arrière et réessayez.
error-not-found = Cette page n’existe pas.
error-many = Trop de demandes. Attendez un moment.
error-back = Retour au début
