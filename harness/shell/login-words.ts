/** What gettys and logins say in one language. Plain words, compared without regard to case; a blank stands for any blanks. */
interface Words {
  /** In the prompt for a name, which ends with a colon. */
  readonly name?: readonly string[];
  /** In the prompt for a password. */
  readonly password?: readonly string[];
  /** Beside a password word: another password than that of the account's is asked for, because it must be changed. */
  readonly change?: readonly string[];
  readonly refused?: readonly string[];
  /** The password or the account has come to its end. */
  readonly expired?: readonly string[];
  readonly timedOut?: readonly string[];
  /** Whatever else ends a login: the account is closed, or its shell, its login program or its PAM modules are not there. */
  readonly closed?: readonly string[];
}

/**
 * Source: the message catalogues of Linux-PAM, shadow and util-linux, and what agetty(8), login(1), sulogin(8), nologin(5) and busybox say.
 * A language is added by a line here.
 */
const languages: Readonly<Record<string, Words>> = {
  en: {
    name: ["login", "username", "user name", "user"],
    password: ["password", "passcode"],
    change: ["new", "current", "old", "retype", "re-enter", "again"],
    refused: ["login incorrect", "authentication failure", "permission denied", "incorrect password", "access denied", "login failed"],
    expired: [
      "required to change your password immediately",
      "password has expired",
      "account has expired",
      "login has expired",
      "authentication token expired",
      "credentials expired",
    ],
    timedOut: ["login timed out", "login time exceeded", "timed out after"],
    closed: [
      "this account is currently not available",
      "account is locked",
      "currently locked",
      "not permitted to log in",
      "logins are not allowed",
      "login refused on this terminal",
      "too many logins",
      "maximum number of tries exceeded",
      "cannot execute",
      "can't exec",
      "failed to execute",
      "no shell",
      "module is unknown",
      "critical error",
      "system error",
      "abort requested by pam",
      "pam failure",
      "cannot make/remove an entry",
      "cannot retrieve authentication info",
      "cannot open session",
      "system is going down",
    ],
  },
  ar: { name: ["تسجيل الدخول"], password: ["كلمة السر", "كلمة سر"], change: ["الجديدة"] },
  bg: { name: ["влизане"], password: ["парола"], change: ["нова"] },
  ca: {
    name: ["usuari", "inici de sessió"],
    password: ["contrasenya"],
    change: ["actual", "nova"],
    refused: ["accés incorrecta"],
  },
  cs: {
    name: ["přihlašovací jméno"],
    password: ["heslo"],
    change: ["současné", "nové"],
    refused: ["chybné přihlášení"],
    expired: ["musíte změnit své heslo", "účet vypršel"],
    timedOut: ["časový limit pro přihlášení"],
  },
  da: { name: ["logind"], password: ["adgangskode"], change: ["nuværende", "ny"], refused: ["forkert logind"] },
  de: {
    name: ["anmeldung", "benutzername", "anmeldename", "benutzer"],
    password: ["passwort", "kennwort"],
    change: ["aktuelle", "aktuelles", "neues", "altes", "erneut", "wiederholen"],
    refused: ["login fehlerhaft", "anmeldung fehlgeschlagen", "falsche anmeldung", "authentifizierungsfehler", "anmeldung falsch"],
    expired: ["passwort sofort ändern", "konto ist abgelaufen", "passwort ist abgelaufen"],
    timedOut: ["wegen zeitüberschreitung", "login nach"],
    closed: ["konto ist wegen", "konto ist gesperrt"],
  },
  el: { password: ["συνθηματικό"], change: ["νέο"], refused: ["διαδικασία εισόδου απέτυχε"] },
  es: {
    name: ["nombre de usuario", "usuario", "nombre"],
    password: ["contraseña"],
    change: ["actual", "nueva"],
    refused: ["identificación incorrecta", "login incorrecto"],
    expired: ["cambiar la contraseña inmediatamente", "su cuenta ha caducado"],
    timedOut: ["el acceso caducó"],
    closed: ["la cuenta está bloqueada"],
  },
  et: { password: ["parool"], change: ["uus"] },
  eu: { name: ["izena"], password: ["pasahitza", "pasahitz"], change: ["berria"], refused: ["izen okerra"] },
  fi: {
    name: ["tunnus", "sisäänkirjautuminen"],
    password: ["salasana"],
    change: ["nykyinen", "uusi"],
    refused: ["sisäänkirjautuminen epäonnistui"],
  },
  fr: {
    name: ["identifiant", "nom d'utilisateur", "utilisateur"],
    password: ["mot de passe"],
    change: ["actuel", "nouveau"],
    refused: ["identifiant incorrect", "échec d'authentification"],
    expired: ["changer votre mot de passe immédiatement", "votre compte a expiré"],
    timedOut: ["la connexion a expiré"],
    closed: ["le compte est temporairement verrouillé"],
  },
  gl: { password: ["contrasinal"], refused: ["entrada incorrecta"] },
  he: { name: ["כניסה"], password: ["ססמה", "סיסמה"], change: ["נוכחית", "חדשה"] },
  hu: { name: ["bejelentkezés", "belépő"], password: ["jelszó"], change: ["jelenlegi", "új"], refused: ["hibás bejelentkezés"] },
  id: { name: ["masuk"], password: ["kata sandi", "sandi"], refused: ["login tidak tepat"] },
  it: {
    name: ["nome utente", "utente"],
    change: ["attuale", "nuova"],
    refused: ["login non corretto"],
    expired: ["modifica immediata della password", "account scaduto"],
    closed: ["account bloccato"],
  },
  ja: {
    name: ["ログイン", "ユーザー名", "ユーザ名"],
    password: ["パスワード"],
    change: ["新しい", "現在の"],
    refused: ["ログインが違います"],
    expired: ["パスワードの有効期限が切れ"],
  },
  ka: { name: ["მომხმარებელი", "მომხმარებლის სახელი"], password: ["პაროლი"], change: ["ახალი"] },
  kk: { name: ["пайдаланушы аты", "тіркелгі"], change: ["ағымдағы", "жаңа"], refused: ["жүйеге кіру орындалмады"] },
  ko: {
    name: ["로그인", "사용자 이름"],
    password: ["암호", "비밀번호"],
    change: ["현재", "새"],
    refused: ["로그인이 맞지 않습니다"],
    expired: ["암호를 긴급히 변경", "계정이 만료"],
  },
  nb: {
    name: ["logg inn", "brukernavn", "brukarnamn"],
    password: ["passord"],
    change: ["nåværende", "noverande", "nytt"],
    refused: ["ugyldig innlogging", "feil innlogging"],
  },
  nl: {
    name: ["gebruikersnaam", "aanmelden"],
    password: ["wachtwoord"],
    change: ["huidig", "nieuw"],
    refused: ["gebruikersnaam is onjuist"],
    expired: ["onmiddellijk je wachtwoord wijzigen", "account is verlopen"],
    timedOut: ["aanmelden verliep"],
    closed: ["account is vergrendeld"],
  },
  pl: {
    name: ["nazwa użytkownika", "użytkownik"],
    password: ["hasło"],
    change: ["obecne", "nowe"],
    refused: ["nieprawidłowe logowanie"],
    expired: ["natychmiastowa zmiana hasła", "konto wygasło"],
    closed: ["konto zostało zablokowane"],
  },
  pt: {
    name: ["credencial", "usuário", "utilizador"],
    password: ["palavra-passe", "senha"],
    change: ["atual", "nova"],
    refused: ["login incorrecto", "login incorreto"],
    expired: ["altere de imediato a sua senha", "mude sua senha imediatamente", "sua conta expirou"],
    timedOut: ["login expirou", "tempo de login caducou"],
    closed: ["conta bloqueada"],
  },
  ro: { name: ["autentificare"], password: ["parola", "parolă"], change: ["curentă", "nouă"], refused: ["autentificare incorectă"] },
  ru: {
    name: ["имя пользователя", "учетная запись", "логин"],
    password: ["пароль"],
    change: ["текущий", "новый"],
    refused: ["неверное имя пользователя", "вход неверен"],
    expired: ["необходимо немедленно сменить пароль", "срок действия учетной записи истек"],
    timedOut: ["время выполнения входа в систему истекло"],
    closed: ["учетная запись заблокирована"],
  },
  sk: { name: ["prihlasovacie meno"], change: ["aktuálne", "nové"], refused: ["chybné prihlásenie"] },
  sr: { name: ["пријава", "prijava"], password: ["лозинка", "lozinka"], change: ["nova"] },
  sv: {
    name: ["inloggning", "användarnamn"],
    password: ["lösenord"],
    change: ["nuvarande"],
    refused: ["inloggning misslyckad"],
    expired: ["ändra ditt lösenord omedelbart", "ditt konto har förfallit"],
    timedOut: ["inloggningen översteg tidsgränsen"],
    closed: ["kontot är låst"],
  },
  tr: {
    name: ["giriş", "kullanıcı adı"],
    change: ["mevcut", "yeni"],
    refused: ["giriş geçersiz"],
    expired: ["parolanızı hemen değiştirmeniz", "hesabınızın süresi doldu"],
    closed: ["hesap kilitlendi"],
  },
  uk: {
    name: ["користувач", "запис"],
    change: ["поточний", "новий"],
    refused: ["некоректний запис"],
    expired: ["необхідно негайно змінити пароль"],
    closed: ["обліковий запис заблоковано"],
  },
  vi: { name: ["đăng nhập"], password: ["mật khẩu"], change: ["mới"], refused: ["đăng nhập không đúng"] },
  zh: {
    name: ["用户名", "登录", "登入", "使用者", "使用者名稱"],
    password: ["密码", "密碼"],
    change: ["当前的", "新的", "目前", "新"],
    refused: ["登录错误", "登入錯誤"],
    expired: ["您必须立即更改密码", "帐户已过期"],
    timedOut: ["秒后登录超时"],
    closed: ["此帐户已锁定"],
  },
};

/** The words of a kind in all languages, as the source of a regular expression that must be used with the flags `iu`. */
export function anyOf(kind: keyof Words): string {
  const all = Object.values(languages).flatMap((words) => words[kind] ?? []);
  // The longest first: an alternative must not stop at a word's beginning.
  const sources = all
    .sort((a, b) => b.length - a.length)
    .map((words) => words.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&").replaceAll(" ", "\\s+"));
  return `(?:${sources.join("|")})`;
}
