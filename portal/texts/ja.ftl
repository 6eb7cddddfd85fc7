language-name = 日本語

nav-help = ヘルプ
nav-language = 言語
nav-change-language = 変更
nav-sign-out = サインアウト
nav-contact = お問い合わせ: { $contact }

sign-in-title = サインイン
sign-in-name = ユーザー名
sign-in-password = パスワード
sign-in-button = サインイン
sign-in-ended = サインアウトされました。続けるには、もう一度サインインしてください。
sign-in-signed-out = サインアウトしました。
sign-in-wrong = ユーザー名またはパスワードが正しくありません。両方を確認して、もう一度お試しください。
sign-in-wait = 試行回数が多すぎます。{ $seconds } 秒後にもう一度お試しください。
sign-in-off = 現在、サインインは停止しています。
sign-in-not-set-up = お使いのアカウントはまだ設定されていません。管理者にお問い合わせください。

verify-title = ご本人の確認
verify-calling-text = 末尾が { $ending } の番号に SMS を送信しました。
verify-do-reply = SMS に記載されたコードを返信してください。
verify-do-reply-pin = SMS に記載されたコードに続けて PIN を返信してください。
verify-left = { $minutes ->
    [0] 残り 1 分未満です。
   *[other] 残り { $minutes } 分です。
}
verify-check = 結果を確認
verify-again = もう一度試す
verify-start = 続ける
verify-resend = 再送信
verify-resend-in = { $seconds } 秒後に再送信できます。
verify-cancel = キャンセル
verify-done = 確認できました。
verify-continue = 続ける
verify-another-method = 別の方法を選ぶ
verify-another-number = 番号を変更

code-title = コードの入力
code-text = 末尾が { $ending } の番号に SMS を送信しました。記載されたコードを入力してください。
code-text-pin = 末尾が { $ending } の番号に SMS を送信しました。記載されたコードに続けて PIN を入力してください。
code-oath = トークンまたは認証アプリに現在表示されているコードを入力してください。
code-label = 確認コード
code-button = 確認
code-wrong = コードが正しくありません。残り { $left } 回です。
code-not-a-code = コードは数字だけです。
code-wait = 誤ったコードが多すぎます。{ $seconds } 秒後にもう一度お試しください。

reason-no-answer = 時間内に返信がありませんでした。
reason-not-sent = SMS を送信できませんでした。番号を確認するか、後でもう一度お試しください。
reason-number = この番号には SMS を送信できません。
reason-country = この国の番号は許可されていません。
reason-rate = SMS の送信回数が多すぎます。しばらく待ってからもう一度お試しください。
reason-wrong = コードまたは PIN の誤りが多すぎました。
reason-replayed = このコードは使用済みです。次のコードをお待ちください。
reason-locked = 誤った回答が多すぎたため、アカウントがロックされています。後でもう一度お試しください。
reason-blocked = アカウントがブロックされています。お問い合わせください。
reason-fraud = 身に覚えがないと報告されました。そのとおりであれば、パスワードを変更してください。
reason-method = 現在、この方法は使用できません。お問い合わせください。
reason-pin = PIN の変更が必要です。お問い合わせください。
reason-cancelled = キャンセルされました。
reason-other = うまくいきませんでした。もう一度お試しください。

setup-title = アカウントの設定
setup-lead = これからは二つ目の確認がアカウントを守ります。所要時間は約 2 分です。途中でやめて、後で続けることもできます。
setup-step-method = 本人確認の方法を選ぶ
setup-step-text = 携帯電話番号を入力
setup-step-app = 認証アプリを接続
setup-step-check = 動作を確認
setup-state-open = 未着手
setup-state-draft = 入力中
setup-state-waiting = 返信待ち
setup-state-done = 完了
setup-continue = 続ける
setup-later = サインアウトして後で続ける
setup-back = 戻る

method-title = どの方法で本人確認をしますか？
method-sms = SMS
method-sms-about = コードが記載された SMS が届きます。どの携帯電話でも使えます。
method-oath = 認証アプリ
method-oath-about = 電話のアプリがコードを表示します。通信がなくても使えます。
method-voice = 電話
method-app = モバイルアプリ
method-button = 続ける
method-fault = いずれかの方法を選んでください。

text-title = 携帯電話番号
text-country = 国
text-phone = 携帯電話
text-phone-hint = 国番号はあってもなくてもかまいません。
text-pin = PIN
text-pin-hint = { $least } 桁以上。同じ数字を 3 回続けたり、3 つ続きの数字や電話番号の一部を使ったりすることはできません。
text-pin-kept = PIN は保存済みです。変更しない場合は空のままにしてください。
text-confirm = PIN の確認
text-button = SMS を送信して確認
text-country-code = +{ $code }

app-title = 認証アプリの接続
app-install = 電話で認証アプリを開き、この画像を読み取ってください。
app-picture = アプリで読み取るキーの画像。同じキーが下に文字で表示されています。
app-same-device = この端末の場合: アプリで開く
app-key = または、このキーをアプリに入力してください:
app-code = アプリに表示されたコード
app-button = 確認
app-wrong = コードがこのキーと一致しません。電話の時刻が正しいか確認し、現在表示されているコードを入力してください。

done-title = 設定が完了しました
done-sms = これからは、末尾が { $ending } の番号への SMS で本人確認をします。
done-oath = これからは、認証アプリのコードで本人確認をします。
done-second = 電話をなくしたときのために、もう一つの方法を用意することをお勧めします。
done-button = マイアカウントへ

account-title = マイアカウント
account-hello = こんにちは、{ $name } さん
account-method = 本人確認の方法
account-phone = 携帯電話番号
account-phone-ending = 末尾 { $ending }
account-tokens = トークンと認証アプリ
account-strong = 本人確認をしてサインインしました。
account-weak = 会社の規則により、本人確認なしでサインインしました。変更によっては確認が必要です。

fault-summary = 入力内容をご確認ください
fault-phone-missing = 携帯電話番号を入力してください。
fault-phone-format = 電話番号ではありません。数字、空白、かっこ、先頭の + が使えます。
fault-phone-country = この国番号の国はありません。
fault-phone-length = この国の番号としては桁数が正しくありません。
fault-phone-country-refused = この国には SMS を送信しません。別の番号を使ってください。
fault-phone-refused = この種類の番号には SMS を送信しません。携帯電話番号を入力してください。
fault-phone-often = 本日の番号の変更回数が多すぎます。明日もう一度試すか、お問い合わせください。
fault-pin-missing = PIN を選んでください。
fault-pin-length = PIN は { $least } 桁以上必要です。
fault-pin-too-long = PIN は 16 桁までです。
fault-pin-not-digits = PIN に使えるのは 0 から 9 の数字だけです。
fault-pin-repeating = PIN に同じ数字が 3 回続いています。
fault-pin-sequential = PIN に 3 つ続きの数字があります。
fault-pin-phone = PIN に電話番号の一部が含まれています。
fault-pin-history = この PIN は以前に使用されています。
fault-pin-mismatch = 二つの PIN が一致しません。

help-title = ヘルプ
help-sign-in = 職場で使っているユーザー名とパスワードでサインインしてください。その後、電話でご本人であることを確認します。
help-verify = お使いの電話に連絡しました。電話で応答すると、このページが先に進みます。何も届かない場合は、少し待ってから再送信してください。
help-setup = 本人確認の方法を選び、一度試してください。いつでも中断して、後で続けられます。
help-account = アカウントがどのように守られているかを確認できます。
help-back = 戻る

error-title = うまくいきませんでした
error-form = このページは長時間開かれていたか、二重に送信されました。何も変更されていません。戻ってもう一度お試しください。
error-not-found = このページはありません。
error-many = リクエストが多すぎます。少しお待ちください。
error-back = 最初に戻る
