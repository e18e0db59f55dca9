import { describe, expect, test, vi } from "vitest";
import { login } from "./login.ts";
import { gettys, isRoot, type Getty } from "./testdata/login-getty.ts";

const open = gettys();
const root = { user: "root", password: "osbench" };
const agetty = "exec agetty -8 - linux";
const limitMs = 60_000;
vi.setConfig({ maxConcurrency: 16 });

/** What a login program in another language or of another kind says; its shell is a real one. */
interface Saying {
  readonly name: string;
  readonly password: string;
  readonly refused: string;
}

/** A getty that speaks for itself: sh functions `ask`, `refuse` and `enter` around the texts. */
function speaking({ name, password, refused }: Saying): string {
  return [
    `printf '${name}'; read -r user || exit`,
    `stty -echo; printf '${password}'; read -r secret; stty echo; echo`,
    `if [ "$user:$secret" = root:osbench ]; then exec bash -l; fi`,
    `printf '\\n${refused}\\n'; sleep 0.2`,
  ].join("\n");
}

/** Real texts, from the message catalogues of shadow and Linux-PAM. */
const languages: Record<string, Saying> = {
  German: { name: "vm Anmeldung: ", password: "Passwort: ", refused: "Login fehlerhaft" },
  French: { name: "vm login\u00a0: ", password: "Mot de passe\u00a0: ", refused: "Identifiant incorrect" },
  Spanish: { name: "vm nombre: ", password: "Contraseña: ", refused: "Identificación incorrecta" },
  Japanese: { name: "vm ログイン: ", password: "パスワード: ", refused: "ログインが違います" },
  Czech: { name: "Přihlašovací jméno na vm: ", password: "Heslo: ", refused: "Chybné přihlášení" },
  Russian: { name: "Имя пользователя vm: ", password: "Пароль: ", refused: "Неверное имя пользователя" },
  Chinese: { name: "vm 用户名：", password: "密码：", refused: "登录错误" },
  Portuguese: { name: "vm login : ", password: "Senha : ", refused: "Login incorreto" },
  "a language nobody knows": { name: "vm qa'\\''ef: ", password: "ngoq: ", refused: "luj" },
};

describe.runIf(isRoot).concurrent("languages", { timeout: limitMs }, () => {
  test.for(Object.entries(languages))("logs in and is refused in %s", async ([, saying]) => {
    await expect(login(await open({ getty: speaking(saying) }), root, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
    const refused = login(await open({ getty: speaking(saying) }), { ...root, password: "wr0ng" }, AbortSignal.timeout(20_000));
    await expect(refused).rejects.toMatchObject({ code: saying.refused === "luj" ? "OSB_LOGIN_ENDED" : "OSB_LOGIN_REFUSED" });
  });
});

/** What the kernel throws in, for ever. */
const kernel = "(while :; do printf '[%5d.%06d] usb 1-1: new high-speed device\\r\\n' $((n += 1)) 7; sleep 0.05; done) & ";

describe.runIf(isRoot).concurrent("others on the line", { timeout: limitMs }, () => {
  test("the kernel speaks in the middle of prompts", async () => {
    const said = {
      name: "vm lo[   12.345678] usb 1-1: new device\\ngin: ",
      password: "Pass[   13.000001][    T7] random: crng\\nword: ",
      refused: "no",
    };
    await expect(login(await open({ getty: speaking(said) }), root, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
  });

  test("the kernel speaks all the time", async () => {
    await expect(login(await open({ getty: `${kernel}${agetty}` }), root, AbortSignal.timeout(40_000))).resolves.toBeUndefined();
  });

  test("systemd announces its jobs behind the prompt", async () => {
    const job =
      "(sleep 1.5; printf '\\n[  OK  ] Started \\033[0;1;39mnothing.service\\033[0m.\\n         Starting other.service...\\n') & ";
    const line = await open({ getty: `${job}${agetty}` });
    await line.expect(/Starting other/, AbortSignal.timeout(20_000), 0);
    await expect(login(line, root, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
  });

  test.for<[string, string, RegExp?]>([
    ["a prompt that stands already", ""],
    ["one behind which keys of the firmware were typed", "\u001b[B\u001b[Bx"],
    ["the password prompt of a name the firmware typed", "F2\r", /Password: $/],
    ["a login that was refused before", "root\rnonsense\r", /Login incorrect[^]*login: $/],
    ["a login half-way", "root\r", /Password: $/],
  ])("%s", async ([, keys, until]) => {
    const line = await open({ getty: agetty });
    await line.expect(/login: $/, AbortSignal.timeout(20_000), 0);
    for (const key of keys.split(/(?<=\r)/)) {
      const from = line.length;
      await line.write(key);
      if (key === "root\r") await line.expect(/Password: $/, AbortSignal.timeout(20_000), from);
    }
    if (until) await line.expect(until, AbortSignal.timeout(20_000), 0);
    await expect(login(line, root, AbortSignal.timeout(30_000))).resolves.toBeUndefined();
  });

  test.for<[string, string]>([
    ["a half-typed command", "rm -rf "],
    ["an open quote", "echo '\r"],
    ["a shell that neither prompts nor echoes", "PS1= exec sh\rstty -echo\r"],
    ["another shell with an arrow for a prompt", "PS1='❯ ' exec dash\r"],
  ])("a shell stands there with %s", async ([, keys]) => {
    const line = await open({ getty: "stty sane; exec bash --norc" });
    await line.expect(/\$ $|# $/, AbortSignal.timeout(20_000), 0);
    const from = line.length;
    await line.write(keys);
    await line.expect(/\S/, AbortSignal.timeout(20_000), from);
    await expect(login(line, root, AbortSignal.timeout(30_000))).resolves.toBeUndefined();
  });

  test("one login after another, the shell of the first still ending", async () => {
    const line = await open({ getty: agetty });
    await expect(login(line, root, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
    await line.write("sleep 1; exit\r");
    await expect(login(line, root, AbortSignal.timeout(30_000))).resolves.toBeUndefined();
    const from = line.length;
    await line.write("\u0015echo $((6*7))-here\r");
    await expect(line.expect(/42-here/, AbortSignal.timeout(5000), from)).resolves.toBeTruthy();
  });

  test("the answer to a question about the screen lands behind the prompt", async () => {
    const line = await open({ getty: `tty=$(tty); (sleep 1.5; printf '\\033[6n' >"$tty") & ${agetty}` });
    await line.expect(/login: \S/, AbortSignal.timeout(20_000), 0);
    await expect(login(line, root, AbortSignal.timeout(30_000))).resolves.toBeUndefined();
  });
});

describe.runIf(isRoot).concurrent("gettys of ill will", { timeout: limitMs }, () => {
  const german = speaking({ name: "vm login: ", password: "Password: ", refused: "Login incorrect" });
  test.for<[string, Getty]>([
    [
      "loses the first key",
      {
        getty: `[ -e /tmp/once ] || { : >/tmp/once; printf 'vm login: '; stty -echo; read x; printf '%s\\nPassword: ' "\${x#?}"; read x; printf '\\nLogin incorrect\\n'; stty echo; }; ${german}`,
      },
    ],
    ["eats what is typed at its first prompt", { getty: `[ -e /tmp/once ] || { : >/tmp/once; printf 'vm login: '; read x; }; ${agetty}` }],
    [
      "gives up waiting, once",
      {
        getty: `[ -e /tmp/once ] || { : >/tmp/once; printf 'vm login: '; read x; printf 'Password: '; sleep 1; printf '\\nLogin timed out after 60 seconds.\\n'; exit; }; ${agetty}`,
      },
    ],
    [
      "asks for two passwords",
      {
        getty:
          "printf 'vm login: '; read x; stty -echo; printf 'Password: '; read x; echo; printf 'LDAP password: '; read x; stty echo; echo; exec bash -l",
      },
    ],
  ])("one that %s", async ([, options]) => {
    await expect(login(await open(options), root, AbortSignal.timeout(40_000))).resolves.toBeUndefined();
  });

  test("one that speaks in pieces is not interrupted", async () => {
    const pieces = "stty echo; printf 'Password: '; sleep 0.05; printf 'see below\\nlogin: '; sleep 0.05; printf 'root\\n'; ";
    const line = await open({ getty: `${pieces}${agetty}` });
    await expect(login(line, root, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
    expect(line.text()).not.toContain("osbench");
  });

  test("one that gives up waiting every time is said", async () => {
    const flush = "bash -c 'while read -t 0.01 -n 1000; do :; done'";
    const getty = `stty echo; printf 'vm login: '; read x; printf 'Password: '; sleep 1; ${flush}; printf '\\nLogin timed out after 60 seconds.\\n'`;
    const line = await open({ getty });
    await line.expect(/login: $/, AbortSignal.timeout(20_000), 0);
    const error: unknown = await login(line, root, AbortSignal.timeout(40_000)).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: "OSB_LOGIN_ENDED",
      message: expect.stringMatching(/given up by the getty itself.*timed out after 60/),
    });
  });

  test("one that echoes the password does not put it into the evidence", async () => {
    const getty =
      "printf 'vm login: '; read x; printf 'Password: '; read x; printf \"\\nYou said osb[   12.345678] usb\\nench\\nLogin incorrect\\n\"";
    const error: unknown = await login(await open({ getty }), root, AbortSignal.timeout(40_000)).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "OSB_LOGIN_REFUSED" });
    const { said } = (error as { evidence: { said: string } }).evidence;
    expect(said).toContain("(password)");
    expect(said).not.toMatch(/osbench|osb\[/);
  });

  test("one that says nothing is waited for until the deadline, which says for what", async () => {
    const waiting = login(await open({ getty: "echo good morning; sleep 100" }), root, AbortSignal.timeout(3000));
    await expect(waiting).rejects.toMatchObject({
      code: "OSB_TIMEOUT",
      fault: "harness",
      message: expect.stringMatching(/a login prompt or a shell did not come; given up after 3\.\d s/),
      evidence: { said: expect.stringContaining("good morning") },
    });
  });

  test("a wait that somebody ends, ends with their reason", async () => {
    const reason = new Error("the machine is off");
    await expect(login(await open({ getty: "sleep 100" }), root, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
