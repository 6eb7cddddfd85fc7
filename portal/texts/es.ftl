language-name = Español

nav-help = Ayuda
nav-language = Idioma
nav-change-language = Cambiar
nav-sign-out = Cerrar sesión
nav-contact = Contacto: { $contact }
nav-logo = Logotipo
nav-ends = Sin un clic, se cerrará su sesión: { $time }.
nav-soon = Su sesión se cerrará pronto.
nav-stay = Seguir conectado
nav-over = Se cerró su sesión o no se puede acceder al servicio. Copie lo que ha escrito aquí antes de salir de esta página y vuelva a iniciar sesión.
nav-close = Cerrar

sign-in-title = Iniciar sesión
sign-in-name = Nombre de usuario
sign-in-password = Contraseña
sign-in-button = Iniciar sesión
sign-in-ended = Se cerró su sesión. Inicie sesión de nuevo para continuar.
form-typed-before = Se había cerrado su sesión. Lo que escribió sigue aquí, salvo un PIN: revíselo y envíelo de nuevo.
sign-in-signed-out = Ha cerrado la sesión.
sign-in-wrong = El nombre de usuario o la contraseña no son correctos. Revise ambos e inténtelo de nuevo.
sign-in-wait = Demasiados intentos. Inténtelo de nuevo en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
sign-in-stopped = Su cuenta se suspendió, como usted pidió. El servicio de asistencia puede abrirla de nuevo.
sign-in-expired = Su contraseña ha caducado. Cámbiela donde inicia sesión en el trabajo y vuelva después.
sign-in-closed = El plazo para configurar su cuenta ha terminado. Pida a su administrador que la abra de nuevo.
sign-in-elsewhere = Su cuenta solo se puede configurar desde la red de la empresa.
sign-in-off = El inicio de sesión está desactivado en este momento.
sign-in-not-set-up = Su cuenta aún no está configurada para esto. Consulte a su administrador.

verify-title = Comprobemos que es usted
verify-title-verified = Era usted
verify-title-ended = No se ha conseguido
verify-look-again = Mirar de nuevo
verify-calling-text = Hemos enviado un SMS al número que termina en { $ending }.
verify-calling = Llamando al número que termina en { $ending } …
verify-ringing = El teléfono cuyo número termina en { $ending } está sonando.
verify-put-through = Contestaron la llamada al número que termina en { $ending } y la están pasando a la extensión.
verify-answered = Contestaron la llamada al número que termina en { $ending }.
verify-backup = Su primer teléfono no contestó, así que llamamos a su teléfono de respaldo.
verify-do-reply = Respóndalo con el código que contiene.
verify-do-reply-pin = Respóndalo con el código que contiene, seguido de su PIN.
verify-do-pound = Conteste, escuche y pulse la tecla almohadilla (#).
verify-do-pin = Conteste, escuche, marque su PIN y pulse después la tecla almohadilla (#).
verify-left = { $minutes ->
    [0] Queda menos de un minuto.
    [one] Queda un minuto.
   *[other] Quedan { $minutes } minutos.
}
verify-check = Comprobar el resultado
verify-again = Intentar de nuevo
verify-start = Continuar
verify-resend = Enviar de nuevo
verify-resend-in = Podrá pedir que se envíe de nuevo en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
verify-cancel = Cancelar
verify-done = Su identidad está comprobada.
verify-continue = Continuar
verify-another-method = Elegir otro método
verify-other = Otra forma
verify-use-code = Usar un código
verify-use-questions = Responder preguntas
verify-undo = Yo no cambié mi teléfono
verify-drop = Abandonar el cambio
verify-why = ¿Por qué?
verify-changed-elsewhere = Esto se cambió en otra ventana. Así está ahora.
verify-pause = Lo ha intentado varias veces. Espere un poco e inténtelo de nuevo.
verify-another-number = Cambiar el número
verify-elsewhere = Esto se pidió en otro navegador. Para seguir aquí, escriba su número de nuevo.

code-title = Escriba su código
code-text = Hemos enviado un SMS al número que termina en { $ending }. Escriba el código que contiene.
code-text-pin = Hemos enviado un SMS al número que termina en { $ending }. Escriba el código que contiene, seguido de su PIN.
code-oath = Escriba el código que su token o su aplicación de autenticación muestra ahora.
code-label = Código de verificación
code-button = Verificar
code-wrong = El código no es correcto. { $left ->
    [one] Queda un intento.
   *[other] Quedan { $left } intentos.
}
code-not-a-code = Un código solo tiene cifras.
code-wait = Demasiados códigos incorrectos. Inténtelo de nuevo en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.

reason-no-answer = No llegó ninguna respuesta a tiempo.
reason-not-sent = No se pudo enviar el SMS. Revise el número o inténtelo más tarde.
reason-call-no-answer = Nadie contestó la llamada.
reason-call-busy = El número estaba ocupado.
reason-call-hung-up = La llamada terminó antes de que se confirmara nada.
reason-call-no-pound = Se pulsaron teclas, pero faltó la almohadilla (#) al final.
reason-call-no-key = Se contestó la llamada, pero no se pulsó ninguna tecla.
reason-call-voicemail = Un contestador automático tomó la llamada.
reason-call-cut = La llamada se cortó.
reason-call-keys = Se pulsaron teclas incorrectas demasiadas veces.
reason-call-not-placed = No se pudo hacer la llamada. Revise el número o inténtelo más tarde.
reason-call-number = No se puede llamar a este número.
reason-call-rate = Se le ha llamado demasiadas veces. Espere un rato e inténtelo de nuevo.
reason-extension = Aquí no se llama a números con extensión. Use otro número.
reason-number = Este número no puede recibir SMS.
reason-country = Los números de este país no están permitidos aquí.
reason-quiet-hours = A esta hora no se llama a este país. Use otra forma o inténtelo por la mañana.
reason-rate = Se enviaron demasiados SMS. Espere un rato e inténtelo de nuevo.
reason-wrong = El código o el PIN fueron incorrectos demasiadas veces.
reason-replayed = Este código ya se usó. Espere al siguiente.
reason-locked-until = Su cuenta está bloqueada tras demasiadas respuestas incorrectas, hasta { $time }.
reason-locked = Su cuenta está bloqueada tras demasiadas respuestas incorrectas. Inténtelo más tarde.
reason-blocked = Su cuenta está bloqueada. Pida ayuda.
reason-fraud = Usted avisó de que no era usted. Si es así, cambie su contraseña.
reason-method = Su método no se puede usar en este momento. Pida ayuda.
reason-pin = Debe cambiar su PIN. Pida ayuda.
reason-cancelled = Se canceló.
reason-other = No funcionó. Inténtelo de nuevo.

setup-title = Configure su cuenta
setup-lead = A partir de ahora, una segunda comprobación protege su cuenta. Tarda unos dos minutos; puede parar y continuar después.
setup-step-method = Elegir cómo comprobamos que es usted
setup-step-text = Escribir su número de móvil
setup-step-phone = Escribir su número de teléfono
setup-step-app = Conectar su aplicación de autenticación o su token
setup-step-proof = Mostrar que esta cuenta es suya
setup-step-token = Añadir un token
setup-step-questions = Responder preguntas de seguridad
setup-step-check = Probar que funciona
setup-state-open = pendiente
setup-state-draft = empezado
setup-state-waiting = a la espera de su respuesta
setup-state-done = hecho
setup-state-skipped = omitido
setup-continue = Continuar
setup-later = Cerrar sesión, terminar después
setup-back = Atrás
setup-skip = Omitir por ahora

method-title = ¿Cómo debemos comprobar que es usted?
method-legend = Método
method-sms = Mensaje de texto
method-sms-about = Recibe un SMS con un código. Funciona con cualquier teléfono móvil.
method-oath = Aplicación de autenticación o token
method-oath-about = Una aplicación de su teléfono o un token muestra un código, también sin red.
method-voice = Llamada telefónica
method-voice-about = Le llamamos y usted pulsa una tecla. Funciona con cualquier teléfono, también fijo.
method-app = Aplicación móvil
method-button = Continuar
method-fault = Elija uno de los métodos.

text-title = Su número de móvil
text-country = País
text-phone = Teléfono móvil
text-phone-hint = Con o sin el prefijo del país, como prefiera escribirlo.
text-pin = PIN
pin-rule-length = Al menos { $least } cifras.
pin-rule-repeat = Ninguna cifra tres veces seguidas.
pin-rule-run = Ni tres cifras que cuenten hacia arriba o hacia abajo.
pin-rule-phone = Ninguna parte de su número de teléfono.
text-phone-kept = Ya hay un número guardado que se escribió en otro navegador. Deje este campo vacío para conservarlo.
text-pin-kept = Ya hay un PIN guardado. Deje este campo vacío para conservarlo.
text-confirm = Confirmar PIN
text-button = Enviarme un SMS para verificar
call-title = Su número de teléfono
call-phone = Teléfono
call-extension = Extensión (opcional)
call-button = Llamarme ahora para verificar

app-title = Conecte su aplicación de autenticación
app-install = Abra la aplicación de autenticación en su teléfono y escanee esta imagen.
app-picture = Imagen con la clave, para escanear con una aplicación. La misma clave está abajo como texto.
app-same-device = En este mismo dispositivo: abrir en la aplicación
app-key = O escriba esta clave en la aplicación:
app-code = Código que muestra la aplicación
app-button = Verificar
app-wrong = El código no corresponde a esta clave. Compruebe que la hora de su teléfono es correcta y escriba el código que muestra ahora.

token-title = Su token
token-beside-title = Añada un token
token-beside-lead = Con un token o una aplicación de autenticación puede entrar cuando su teléfono no tiene red.
token-take-title = Un token con número de serie
token-serial = Número de serie
token-serial-hint = Está impreso en el token.
token-code = Código actual
token-next = Código siguiente
token-next-hint = Espere a que el token muestre otro código y escríbalo aquí.
token-check = Comprobar el token
token-resync = Sincronizar de nuevo
token-remove = Quitar
token-which = Qué token
token-own-app = Aplicación de autenticación
token-serial-is = Token { $serial }
token-wrong = El número de serie o el código no es correcto.
token-too-many = Tiene tantos tokens como puede haber. Quite uno primero.
token-out-of-date = El código es de otro momento. Escriba el código actual y el siguiente.
token-right = El código es correcto.
token-added = Añadido.
token-removed = Quitado.
token-last = Así comprobamos que es usted. Elija antes otro método.
tokens-title = Tokens y aplicaciones de autenticación

proof-title = ¿Es suya esta cuenta?
proof-mail = Hemos enviado un código a { $mailbox }. Escríbalo aquí.
proof-later = El último código ya no vale. El siguiente puede enviarse a partir de { $time }.
proof-administrator = Escriba el código que le dio su administrador.
proof-no-mailbox = No tenemos ninguna dirección de correo suya a la que enviar un código. Pida ayuda.
proof-code = Código
proof-wrong = El código no es correcto o es demasiado antiguo.

done-title = Su cuenta está configurada
done-sms = A partir de ahora, un SMS al número que termina en { $ending } comprueba que es usted.
done-voice = A partir de ahora, una llamada al número que termina en { $ending } comprueba que es usted.
done-oath = A partir de ahora, los códigos de su aplicación o token comprueban que es usted.
done-second = Aconsejamos una segunda vía de acceso, por si pierde su teléfono.
advice-token = Conectar una aplicación de autenticación o añadir un token
advice-backup = Indicar un teléfono de reserva
done-button = Ir a mi cuenta

account-title = Mi cuenta
account-hello = Hola, { $name }
account-method = Cómo comprobamos que es usted
account-phone = Número de móvil
account-phone-ending = termina en { $ending }
account-call-phone = Número de teléfono
account-backup-unverified = termina en { $ending }, aún sin verificar
account-tokens = Tokens y aplicaciones de autenticación
account-backup = Teléfono de respaldo
account-bypass = Excepción única
account-saved = Guardado.
account-save = Guardar
account-back = Volver a mi cuenta
account-menu = Qué puede cambiar
account-left = Qué más puede hacer
account-waits = Un cambio espera a ser comprobado.
account-last = Últimos inicios de sesión
account-needs-strong = Para esto, inicie sesión con una comprobación de que es usted.
account-change-method = Cambiar el método
account-change-phone = Cambiar el teléfono
account-change-backup = Cambiar el teléfono de respaldo
account-change-pin = Cambiar el PIN
account-change-tokens = Tokens y aplicaciones de autenticación
account-change-questions = Cambiar las preguntas de seguridad
account-change-language = Cambiar el idioma
account-change-bypass = Excepción única
account-change-sessions = Dónde tiene la sesión abierta
account-change-history = Historial
account-strong = Inició sesión con una comprobación de que era usted.
account-weak = Inició sesión sin comprobación, por una regla de su empresa. Algunos cambios la requieren.

phone-title = Cambie su teléfono
phone-now = Le contactamos en el número que termina en { $ending }.
phone-how = El número nuevo cuenta cuando haya respondido a un SMS. Hasta entonces cuenta el anterior.
call-how = El número nuevo cuenta cuando una llamada a él haya funcionado. Hasta entonces cuenta el anterior.
phone-undo = Recuperar el teléfono anterior
phone-undo-about = Puede recuperar el número que termina en { $ending }. Desde ese número hay que responder a un SMS.
call-undo-about = Puede recuperar el número que termina en { $ending }. Desde él hay que contestar una llamada.

backup-title = Teléfono de respaldo
backup-country = País del teléfono de respaldo
backup-phone = Número del teléfono de respaldo
backup-hint = Se le llama cuando el otro teléfono no responde. Deje este campo vacío si no quiere ninguno.
backup-extension = Extensión del teléfono de respaldo
backup-extension-hint = Cifras, * y #. Una coma espera un segundo.
backup-none = No tiene teléfono de respaldo.
backup-now = Su teléfono de respaldo es el número que termina en { $ending }.
backup-unverified = Aún no está verificado: lo estará cuando haya contestado una llamada.
backup-verified = Está verificado: ha contestado una llamada.
backup-button = Guardar teléfono de respaldo
backup-test = Probar el teléfono de respaldo
backup-remove = Quitar teléfono de respaldo
trial-backup-title = Prueba de su teléfono de respaldo
trial-backup-ok = Su teléfono de respaldo ha contestado. Está verificado.
trial-back-backup = Volver al teléfono de respaldo
trial-sample-title = Cómo suenan nuestras llamadas
trial-sample-do = Conteste y escuche. Puede colgar cuando quiera.
trial-sample-ok = Esa era la muestra.
trial-back-language = Volver a los idiomas

pin-title = Cambie su PIN
pin-due = Debe cambiar su PIN antes de continuar.
pin-current = PIN actual
pin-wrong = Este no es su PIN actual.
pin-not-allowed = No puede cambiar su PIN. Pida ayuda.

language-title = Idiomas
language-pages = Páginas y correos
language-texts = Mensajes de texto
language-calls = Llamadas telefónicas
language-hear = Escuchar una muestra
language-hear-about = «Escuchar una muestra» le llama y habla en este idioma. «Guardar» conserva el idioma.

bypass-title = Excepción única
bypass-about = Su próximo inicio de sesión, sea donde sea, pasa una vez solo con su contraseña. Use la excepción cuando no lleve su teléfono.
bypass-seconds = Segundos
bypass-seconds-fault = Elija de 30 a 3600 segundos.
bypass-for = Se puede usar durante { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
bypass-left = Todavía se puede usar durante { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
bypass-reason = Motivo
bypass-start = Activar la excepción
bypass-cancel = Cancelar la excepción
bypass-too-many = Hoy ha activado tres. Pida ayuda.

sessions-title = Dónde tiene la sesión abierta
sessions-this = este
sessions-unknown = Navegador desconocido
sessions-since = inicio de sesión
sessions-seen = último uso
sessions-others = Cerrar las demás sesiones
sessions-all = Cerrar sesión en todas partes
sessions-done = Las demás sesiones están cerradas.

history-title = Historial
history-lead = Sus inicios de sesión de los últimos 30 días.
history-none = No hay ninguno.
history-why = ¿Por qué?
history-verified = era usted
history-pending = en curso
history-reported = Gracias. Hemos avisado a quienes se ocupan del sistema y hemos cerrado las demás sesiones.
past-title = Un inicio de sesión
past-not-me = ¿No fue usted?
past-not-me-about = Puede que alguien conozca su contraseña. Avise de ello y cambie su contraseña. También puede suspender su cuenta: nadie podrá iniciar sesión hasta que el servicio de asistencia la abra de nuevo.
past-report = No fui yo
past-stop = No fui yo, suspender mi cuenta

story-started = Empezó.
story-waits = Esperó hasta que terminó una comprobación anterior.
story-sent = El SMS se entregó a la red.
story-uncertain = Puede que el SMS se enviara; la red no lo dijo.
story-not-sent = La red no aceptó el SMS.
story-delivered = El SMS llegó al teléfono.
story-undelivered = La red no pudo entregar el SMS.
story-called = La llamada se entregó a la red.
story-ringing = El teléfono sonó.
story-answered = Se contestó la llamada.
story-put-through = Se pasó la llamada.
story-no-key = No se pulsó ninguna tecla.
story-no-pound = Se pulsaron teclas sin la almohadilla (#).
story-keys = Se pulsaron teclas incorrectas.
story-pin-due = Había que cambiar el PIN.
story-pin-changed = El PIN se cambió en la llamada.
story-call-ended = La llamada terminó.
story-not-called = La red no hizo la llamada.
story-call-uncertain = Puede que se hiciera la llamada; la red no lo dijo.
story-cut = La llamada se cortó.
story-no-answer = No llegó ninguna respuesta a tiempo.
story-wrong = Llegó una respuesta incorrecta.
story-right = Llegó la respuesta correcta.
story-next = No llegó ninguna respuesta, así que se probó otra forma.
story-late = Llegó una respuesta después del final.
story-fraud = Se avisó de un fraude.
story-decided = Lo decidió una regla.
story-ended = Terminó.
story-bypass = Se usó una excepción única.
story-limited = Se retuvo porque se enviaron demasiados.

questions-title = Preguntas de seguridad
questions-lead = Elija cuatro preguntas y respóndalas. Con ellas puede entrar aquí cuando no se pueda contactar con su teléfono.
questions-retired = Una de sus preguntas ya no se usa. Elija otra.
questions-save = Guardar respuestas
question-number = Pregunta { $number }
question-answer = Respuesta { $number }
question-choose = Elegir una pregunta
question-kept = Hay una respuesta guardada. Deje este campo vacío para conservarla.
question-hide = Ocultar las respuestas
question-unhide = Mostrar las respuestas
question-none = Elija una pregunta.
question-twice = Esta pregunta está elegida dos veces.
question-short = La respuesta necesita al menos tres letras.
question-long = La respuesta tiene más de 200 caracteres.
question-answer-twice = Esta respuesta está dada dos veces.
question-in-question = La respuesta es una palabra de la pregunta.
asked-title = Responda sus preguntas
asked-lead = Los espacios, las mayúsculas y los acentos no importan.
asked-button = Enviar respuestas
asked-wrong = No todas las respuestas son correctas.
asked-back = Atrás

password-title = Cambie su contraseña
password-lead = Su contraseña ha caducado. Elija una nueva.
password-old = Contraseña anterior
password-new = Contraseña nueva
password-again = Contraseña nueva otra vez
password-button = Cambiar la contraseña
password-differ = Las dos contraseñas nuevas son distintas o están vacías.
password-refused = Las reglas de la empresa rechazan esta contraseña. Elija una más larga que no haya usado antes.
password-not-here = Las contraseñas no se pueden cambiar aquí.

mail-hello = Hola, { $name }:
mail-when = Cuándo: { $time }
mail-where = Desde: { $place }
mail-not-you = Si no fue usted, cambie su contraseña de inmediato y pida ayuda.
mail-portal = Gestione su cuenta: { $url }
mail-sign-in = Iniciar sesión: { $url }
mail-automatic = Este mensaje se envió automáticamente.
notice-signed-in = Nuevo inicio de sesión en su cuenta
notice-signed-in-text = Alguien inició sesión en su cuenta desde un navegador que no habíamos visto antes.
notice-set-up = Su cuenta está configurada
notice-set-up-text = Su cuenta está ahora protegida por una segunda comprobación.
notice-phone-changed = Se cambió su teléfono
notice-phone-changed-text = El teléfono para las comprobaciones de su cuenta es ahora el número que termina en { $ending }. Durante siete días, quien tenga el teléfono anterior puede deshacer el cambio.
notice-phone-changed-by-text = Se ha cambiado su teléfono de acceso. Si no fue usted, acceda antes de una semana y recupere este teléfono:
notice-method-changed-by-text = Este teléfono ya no sirve para su acceso. Si no fue usted, acceda antes de una semana y recupere este teléfono:
notice-phone-restored = Su teléfono anterior ha vuelto
notice-phone-restored-text = Se deshizo el cambio de su teléfono. Se cerraron las demás sesiones.
notice-backup-changed = Se cambió su teléfono de respaldo
notice-backup-changed-text = El teléfono de respaldo de su cuenta se cambió o se quitó.
notice-method-changed = Se cambió su método
notice-method-changed-text = A partir de ahora, otro método comprueba que es usted.
notice-pin-changed = Se cambió su PIN
notice-pin-changed-text = El PIN de su cuenta ahora es otro.
notice-password-changed = Se cambió su contraseña
notice-password-changed-text = Su contraseña se cambió en la página de inicio de sesión, porque la anterior había caducado.
notice-token-added = Se añadió un token
notice-token-added-text = Se añadió un token o una aplicación de autenticación a su cuenta.
notice-token-removed = Se quitó un token
notice-token-removed-text = Se quitó un token o una aplicación de autenticación de su cuenta.
notice-questions-changed = Se cambiaron sus preguntas de seguridad
notice-questions-changed-text = Para su cuenta cuentan otras preguntas de seguridad o respuestas.
notice-questions-used = Se usaron sus preguntas de seguridad
notice-questions-used-text = Alguien inició sesión en su cuenta respondiendo sus preguntas de seguridad.
notice-bypass-started = Se activó una excepción única
notice-bypass-started-text = El próximo inicio de sesión en su cuenta pasa solo con la contraseña, durante { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
notice-fraud-reported = Se avisó de un fraude
notice-fraud-reported-text = Se avisó de que un inicio de sesión era un fraude. La cuenta no se bloqueó.
notice-fraud-blocked-text = Se avisó de que un inicio de sesión era un fraude. La cuenta está bloqueada hasta que el servicio de asistencia la abra.
notice-code = Su código
notice-code-text = Escriba este código para configurar su cuenta: { $code }
notice-set-up-link = Configure su cuenta
notice-set-up-link-text = A partir de ahora, una segunda comprobación protegerá su cuenta. Inicie sesión con su contraseña y configúrela; tarda unos dos minutos.
notice-set-up-reminder = Su cuenta aún no está configurada
notice-set-up-reminder-text = Empezó a configurar la segunda comprobación de su cuenta y no ha terminado. Lo que introdujo está guardado: inicie sesión y siga donde lo dejó.

fault-extension = Una extensión puede tener cifras, *, # y comas.
fault-extension-refused = Aquí no se llama a números con extensión. Escriba uno directo.
fault-backup-refused = No llamamos a este tipo de número. Escriba otro.
fault-backup-same = El teléfono de respaldo debe ser distinto de su teléfono.
fault-summary = Algunas entradas necesitan su atención
fault-phone-missing = Escriba su número de móvil.
fault-phone-format = Esto no es un número de teléfono. Puede usar cifras, espacios, paréntesis y un + al principio.
fault-phone-country = Ningún país tiene este prefijo.
fault-phone-length = El número tiene muy pocas o demasiadas cifras para este país.
fault-phone-country-refused = No enviamos SMS a este país. Use otro número.
fault-phone-refused = No enviamos SMS a este tipo de número. Escriba un número de móvil.
fault-call-missing = Escriba su número de teléfono.
fault-call-country = No llamamos a este país. Use otro número.
fault-phone-often = El número se cambió demasiadas veces hoy. Inténtelo mañana o pida ayuda.
fault-returns = Se está recuperando un teléfono anterior. Inténtelo de nuevo en diez minutos.
fault-pin-missing = Elija un PIN.
fault-pin-length = El PIN necesita al menos { $least } cifras.
fault-pin-too-long = El PIN tiene más de 16 cifras.
fault-pin-not-digits = El PIN solo puede tener las cifras del 0 al 9.
fault-pin-repeating = El PIN repite una cifra tres veces seguidas.
fault-pin-sequential = El PIN tiene tres cifras que cuentan hacia arriba o hacia abajo.
fault-pin-phone = El PIN contiene una parte de su número de teléfono.
fault-pin-history = El PIN ya se usó antes.
fault-pin-mismatch = Los dos PIN son distintos.

help-title = Ayuda
help-sign-in = Inicie sesión con el nombre de usuario y la contraseña que usa en el trabajo. Después comprobamos con su teléfono que es usted.
help-verify = Nos hemos puesto en contacto con su teléfono. Responda allí y esta página continuará. Si no llega nada, espere un momento y pida que se envíe de nuevo.
help-setup = Elija cómo debemos comprobar que es usted y pruébelo una vez. Puede irse en cualquier momento y continuar después.
help-password = Su contraseña ha caducado. Escriba la antigua una vez y la nueva dos veces; después continúa el inicio de sesión.
help-code = El SMS de su teléfono, su token o su aplicación muestra un código. Escríbalo aquí; los espacios no importan. Si tiene un PIN, va detrás del código de un SMS.
help-answers = Responda como cuando eligió las preguntas. No importan mayúsculas, acentos ni espacios. Sirve cuando no se puede contactar con su teléfono.
help-proof = Nadie más que usted debe configurar su cuenta. Escriba el código del correo o el que le dio su administrador.
help-done = A partir de ahora cada inicio de sesión se comprueba así. Una segunda vía le ayuda si pierde su teléfono.
help-method = Una llamada funciona con cualquier teléfono y un SMS con cualquier móvil. Una aplicación de autenticación o un token muestra códigos sin red. Lo que elija vale en cuanto haya funcionado.
help-phone = Escriba el número como quiera y elija su país. Vale en cuanto haya respondido a nuestro SMS o a nuestra llamada; hasta entonces no cambia nada.
help-call = Escriba el número como quiera y elija su país. Llamamos a ese número y vale en cuanto haya pulsado las teclas que pide la llamada. La extensión se marca después de que se conteste.
help-trial = Esta llamada solo prueba algo. Conteste, haga lo que pide y vea aquí el resultado. No inicia ninguna sesión.
help-token = Escanee la imagen con una aplicación de autenticación, o escriba su clave, e introduzca el código que muestra. Un token se toma por el número de serie impreso.
help-questions = Elija cuatro preguntas cuyas respuestas recordará y nadie pueda averiguar. «Ocultar respuestas» las tapa si otros miran.
help-account = Aquí ve cómo está protegida su cuenta, cambia lo que la protege y encuentra sus últimos inicios de sesión.
help-backup = Se llama al teléfono de respaldo cuando el otro no responde. La extensión se marca después de que se conteste. «Probar el teléfono de respaldo» le llama ahora, para que sepa que funciona.
help-pin = El PIN es un número secreto que añade a su respuesta. La lista marca cada regla mientras escribe.
help-language = Las páginas y los correos, los SMS y las llamadas tienen cada uno su idioma. «Escuchar una muestra» le llama para que oiga cómo suena un idioma.
help-bypass = Con una excepción, su próximo inicio de sesión pasa una vez solo con la contraseña, dentro del tiempo indicado. Cancélela si no la necesita.
help-sessions = Cada navegador en el que tiene la sesión abierta. Cierre las demás si no reconoce una, y cambie su contraseña.
help-history = Cada inicio de sesión de los últimos 30 días y lo que ocurrió. Si alguno no fue usted, ábralo y denúncielo.
help-back = Atrás

error-title = No funcionó
error-form = Esta página estuvo abierta demasiado tiempo o se envió dos veces. No se cambió nada. Vuelva atrás e inténtelo de nuevo.
error-not-found = Esta página no existe.
error-many = Demasiadas solicitudes. Espere un momento.
error-reference = Referencia para el servicio de ayuda: { $reference }
error-back = Al inicio
