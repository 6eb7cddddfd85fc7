language-name = Español

nav-help = Ayuda
nav-language = Idioma
nav-change-language = Cambiar
nav-sign-out = Cerrar sesión
nav-contact = Contacto: { $contact }

sign-in-title = Iniciar sesión
sign-in-name = Nombre de usuario
sign-in-password = Contraseña
sign-in-button = Iniciar sesión
sign-in-ended = Se cerró su sesión. Inicie sesión de nuevo para continuar.
sign-in-signed-out = Ha cerrado la sesión.
sign-in-wrong = El nombre de usuario o la contraseña no son correctos. Revise ambos e inténtelo de nuevo.
sign-in-wait = Demasiados intentos. Inténtelo de nuevo en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
sign-in-off = El inicio de sesión está desactivado en este momento.
sign-in-not-set-up = Su cuenta aún no está configurada para esto. Consulte a su administrador.

verify-title = Comprobemos que es usted
verify-calling-text = Hemos enviado un SMS al número que termina en { $ending }.
verify-do-reply = Respóndalo con el código que contiene.
verify-do-reply-pin = Respóndalo con el código que contiene, seguido de su PIN.
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
verify-another-number = Cambiar el número

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
reason-number = Este número no puede recibir SMS.
reason-country = Los números de este país no están permitidos aquí.
reason-rate = Se enviaron demasiados SMS. Espere un rato e inténtelo de nuevo.
reason-wrong = El código o el PIN fueron incorrectos demasiadas veces.
reason-replayed = Este código ya se usó. Espere al siguiente.
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
setup-step-app = Conectar su aplicación de autenticación
setup-step-check = Probar que funciona
setup-state-open = pendiente
setup-state-draft = empezado
setup-state-waiting = a la espera de su respuesta
setup-state-done = hecho
setup-continue = Continuar
setup-later = Cerrar sesión, terminar después
setup-back = Atrás

method-title = ¿Cómo debemos comprobar que es usted?
method-sms = Mensaje de texto
method-sms-about = Recibe un SMS con un código. Funciona con cualquier teléfono móvil.
method-oath = Aplicación de autenticación
method-oath-about = Una aplicación de su teléfono muestra un código, también sin red.
method-voice = Llamada telefónica
method-app = Aplicación móvil
method-button = Continuar
method-fault = Elija uno de los métodos.

text-title = Su número de móvil
text-country = País
text-phone = Teléfono móvil
text-phone-hint = Con o sin el prefijo del país, como prefiera escribirlo.
text-pin = PIN
text-pin-hint = Al menos { $least } cifras. Ninguna cifra tres veces seguidas, ni tres que cuenten hacia arriba o hacia abajo, ni una parte de su número de teléfono.
text-pin-kept = Ya hay un PIN guardado. Deje este campo vacío para conservarlo.
text-confirm = Confirmar PIN
text-button = Enviarme un SMS para verificar
text-country-code = +{ $code }

app-title = Conecte su aplicación de autenticación
app-install = Abra la aplicación de autenticación en su teléfono y escanee esta imagen.
app-picture = Imagen con la clave, para escanear con una aplicación. La misma clave está abajo como texto.
app-same-device = En este mismo dispositivo: abrir en la aplicación
app-key = O escriba esta clave en la aplicación:
app-code = Código que muestra la aplicación
app-button = Verificar
app-wrong = El código no corresponde a esta clave. Compruebe que la hora de su teléfono es correcta y escriba el código que muestra ahora.

done-title = Su cuenta está configurada
done-sms = A partir de ahora, un SMS al número que termina en { $ending } comprueba que es usted.
done-oath = A partir de ahora, los códigos de su aplicación de autenticación comprueban que es usted.
done-second = Aconsejamos una segunda vía de acceso, por si pierde su teléfono.
done-button = Ir a mi cuenta

account-title = Mi cuenta
account-hello = Hola, { $name }
account-method = Cómo comprobamos que es usted
account-phone = Número de móvil
account-phone-ending = termina en { $ending }
account-tokens = Tokens y aplicaciones de autenticación
account-strong = Inició sesión con una comprobación de que era usted.
account-weak = Inició sesión sin comprobación, por una regla de su empresa. Algunos cambios la requieren.

fault-summary = Algunas entradas necesitan su atención
fault-phone-missing = Escriba su número de móvil.
fault-phone-format = Esto no es un número de teléfono. Puede usar cifras, espacios, paréntesis y un + al principio.
fault-phone-country = Ningún país tiene este prefijo.
fault-phone-length = El número tiene muy pocas o demasiadas cifras para este país.
fault-phone-country-refused = No enviamos SMS a este país. Use otro número.
fault-phone-refused = No enviamos SMS a este tipo de número. Escriba un número de móvil.
fault-phone-often = El número se cambió demasiadas veces hoy. Inténtelo mañana o pida ayuda.
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
help-account = Aquí ve cómo está protegida su cuenta.
help-back = Atrás

error-title = No funcionó
error-form = Esta página estuvo abierta demasiado tiempo o se envió dos veces. No se cambió nada. Vuelva atrás e inténtelo de nuevo.
error-not-found = Esta página no existe.
error-many = Demasiadas solicitudes. Espere un momento.
error-back = Al inicio
