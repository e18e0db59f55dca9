import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { login } from "./login.ts";
import { beside, entered, gettys, isRoot, soon, type Box, type Getty } from "./testdata/login-getty.ts";

const open = gettys();
const root = { user: "root", password: "osbench" };
const agetty = "exec agetty -8 - linux";
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

describe.runIf(isRoot).concurrent("languages", () => {
  test.for(Object.entries(languages))("logs in and is refused in %s", async ([, saying]) => {
    expect(await entered(await open({ getty: speaking(saying) }), root)).toBe("a shell");
    const refused = login(await open({ getty: speaking(saying) }), { ...root, password: "wr0ng" }, soon());
    await expect(refused).rejects.toMatchObject({ code: saying.refused === "luj" ? "OSB_LOGIN_ENDED" : "OSB_LOGIN_REFUSED" });
  });
});

/** What the kernel throws in, for ever. */
const kernel = beside(`while :; do printf "[%5d.%06d] usb 1-1: new high-speed device\\r\\n" $((n += 1)) 7 >"$0"; sleep 0.05; done`);

/** Runs beside the getty what prints something, once it is told to by the test. */
const whenTold = (print: string) => `mkfifo /tmp/told; ${beside(`read x </tmp/told; ${print} >"$0"`)}`;
const tell = async ({ tree }: Box) => await writeFile(join(tree, "tmp/told"), "now\n");

describe.runIf(isRoot).concurrent("others on the line", () => {
  test("the kernel speaks in the middle of prompts", async () => {
    const said = {
      name: "vm lo[   12.345678] usb 1-1: new device\\ngin: ",
      password: "Pass[   13.000001][    T7] random: crng\\nword: ",
      refused: "no",
    };
    expect(await entered(await open({ getty: speaking(said) }), root)).toBe("a shell");
  });

  test("the kernel speaks all the time", async () => {
    const line = await open({ getty: `${kernel}${agetty}` });
    expect(await entered(line, root)).toBe("a shell");
    expect(line.text()).toMatch(/Password: [^]*usb 1-1/);
  });

  test("systemd announces its jobs behind the prompt", async () => {
    const told = '"\\n[  OK  ] Started \\033[0;1;39mnothing.service\\033[0m.\\n         Starting other.service...\\n"';
    const line = await open({ getty: `${whenTold(`printf ${told}`)}${agetty}` });
    await line.expect(/login: $/, soon(), 0);
    await tell(line);
    await line.expect(/Starting other/, soon(), 0);
    expect(await entered(line, root)).toBe("a shell");
  });

  test.for<[string, string, RegExp?]>([
    ["a prompt that stands already", ""],
    ["one behind which keys of the firmware were typed", "\u001b[B\u001b[Bx"],
    ["the password prompt of a name the firmware typed", "F2\r", /Password: $/],
    ["a login that was refused before", "root\rnonsense\r", /Login incorrect[^]*login: $/],
    ["a login half-way", "root\r", /Password: $/],
  ])("%s", async ([, keys, until]) => {
    const line = await open({ getty: agetty });
    await line.expect(/login: $/, soon(), 0);
    for (const key of keys.split(/(?<=\r)/)) {
      const from = line.length;
      await line.write(key);
      if (key === "root\r") await line.expect(/Password: $/, soon(), from);
    }
    if (until) await line.expect(until, soon(), 0);
    expect(await entered(line, root)).toBe("a shell");
  });

  test.for<[string, string]>([
    ["a half-typed command", "rm -rf "],
    ["an open quote", "echo '\r"],
    ["a shell that neither prompts nor echoes", "PS1= exec sh\rstty -echo\r"],
    ["another shell with an arrow for a prompt", "PS1='❯ ' exec dash\r"],
  ])("a shell stands there with %s", async ([, keys]) => {
    const line = await open({ getty: "stty sane; exec bash --norc" });
    await line.expect(/\$ $|# $/, soon(), 0);
    const from = line.length;
    await line.write(keys);
    await line.expect(/\S/, soon(), from);
    expect(await entered(line, root)).toBe("a shell");
  });

  test("one login after another, the shell of the first still ending", async () => {
    const line = await open({ getty: agetty });
    expect(await entered(line, root)).toBe("a shell");
    await line.write("sleep 1; exit\r");
    expect(await entered(line, root)).toBe("a shell");
    const from = line.length;
    await line.write("\u0015echo $((6*7))-here\r");
    await expect(line.expect(/42-here/, soon(), from)).resolves.toBeTruthy();
  });

  test("the answer to a question about the screen lands behind the prompt", async () => {
    const line = await open({ getty: `${whenTold('printf "\\033[6n"')}${agetty}` });
    await line.expect(/login: $/, soon(), 0);
    await tell(line);
    await line.expect(/login: \S/, soon(), 0);
    expect(await entered(line, root)).toBe("a shell");
  });
});

describe.runIf(isRoot).concurrent("gettys of ill will", () => {
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
    expect(await entered(await open(options), root)).toBe("a shell");
  });

  test("one that is slow, and asks once more before it reads the name it was given", async () => {
    const asks = "stty -echo; printf 'vm login: '; sleep 0.6; printf '\\nA box\\n\\nvm login: '; sleep 0.8; ";
    const reads = "read -r user; printf '%s\\nPassword: ' \"$user\"; read -r secret; stty echo; ";
    const decides = `[ "$user:$secret" = root:osbench ] && exec bash -l; printf '\\nLogin incorrect\\n'`;
    const line = await open({ getty: `${asks}${reads}${decides}` });
    await line.expect(/login: $/, soon(), 0);
    expect(await entered(line, root)).toBe("a shell");
    expect(line.text()).not.toContain("incorrect");
  });

  test("one that takes its time over a refusal is not told anything meanwhile", async () => {
    const asks =
      "printf 'vm login: '; sleep 0.6; read -r user; stty -echo; printf 'Password: '; read -r secret; echo; sleep 1.5; stty echo; ";
    const decides = `[ "$user:$secret" = root:osbench ] && exec bash -l; printf '\\nLogin incorrect\\n\\n'; `;
    const line = await open({ getty: `stty echo; while :; do ${asks}${decides}done` });
    await line.expect(/login: $/, soon(), 0);
    await line.write("F2\r");
    await line.expect(/Password: $/, soon(), 0);
    expect(await entered(line, root)).toBe("a shell");
    expect(line.text().match(/incorrect/g)).toHaveLength(1);
  });

  test("one that speaks in pieces is not interrupted", async () => {
    const pieces = "stty echo; printf 'Password: '; sleep 0.05; printf 'see below\\nlogin: '; sleep 0.05; printf 'root\\n'; ";
    const line = await open({ getty: `${pieces}${agetty}` });
    expect(await entered(line, root)).toBe("a shell");
    expect(line.text()).not.toContain("osbench");
  });

  test("one that gives up waiting every time is said", async () => {
    const flush = "bash -c 'while read -t 0.01 -n 1000; do :; done'";
    const getty = `stty echo; printf 'vm login: '; read x; printf 'Password: '; sleep 1; ${flush}; printf '\\nLogin timed out after 60 seconds.\\n'`;
    const line = await open({ getty });
    await line.expect(/login: $/, soon(), 0);
    const error: unknown = await login(line, root, soon()).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: "OSB_LOGIN_ENDED",
      message: expect.stringMatching(/given up by the getty itself.*timed out after 60/),
    });
  });

  test("one that echoes the password does not put it into the evidence", async () => {
    const getty =
      "printf 'vm login: '; read x; printf 'Password: '; read x; printf \"\\nYou said osb[   12.345678] usb\\nench\\nLogin incorrect\\n\"";
    const error: unknown = await login(await open({ getty }), root, soon()).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "OSB_LOGIN_REFUSED" });
    const { said } = (error as { evidence: { said: string } }).evidence;
    expect(said).toContain("(password)");
    expect(said).not.toMatch(/osbench|osb\[/);
  });

  test("one that says nothing is waited for until the deadline, which says for what", async () => {
    const line = await open({ getty: "echo good morning; sleep 1000" });
    await line.expect(/good morning/, soon(), 0);
    await expect(login(line, root, AbortSignal.timeout(1500))).rejects.toMatchObject({
      code: "OSB_TIMEOUT",
      fault: "harness",
      message: expect.stringMatching(/a login prompt or a shell did not come; given up after \d+\.\d s/),
      evidence: { said: expect.stringContaining("good morning") },
    });
  });

  test("a wait that somebody ends, ends with their reason", async () => {
    const reason = new Error("the machine is off");
    await expect(login(await open({ getty: "sleep 1000" }), root, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
