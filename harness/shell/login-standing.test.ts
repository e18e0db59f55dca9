import { describe, expect, test } from "vitest";
import { isForeign, isHeard, isMisheard, verdictLine } from "./login-echo.ts";
import { withoutNoise } from "./login-noise.ts";
import { lastWords, standing, verdict } from "./login-standing.ts";

// Prompts as Linux-PAM, shadow, util-linux, busybox, systemd and shells print them.
test.each([
  ["name", "vm login: "],
  ["name", "login:"],
  ["name", "Debian GNU/Linux 13 vm hvc0\n\nvm login: vm login: "],
  ["name", "User Name: "],
  ["name", "\nPřihlašovací jméno na vm: "],
  ["name", "vm login\u00a0: "],
  ["name", "vm 用户名："],
  ["name", "nombre de usuario: "],
  ["name", "kirjautuminen vm-tunnus: "],
  ["password", "Password: "],
  ["password", "vm login: root\nPassword:"],
  ["password", "root's Password: "],
  ["password", "Mot de passe\u00a0: "],
  ["password", "パスワード:"],
  ["password", "ពាក្យ Password\u00a0៖"],
  ["password", "[sudo] password for root: "],
  ["password", "Give root password for maintenance\n(or press Control-D to continue): "],
  ["password", "Root-Passwort für Wartungszwecke eingeben\n(oder Strg-D drücken, um fortzufahren): "],
  ["password", "Give root password for system maintenance\n(or type Control-D for normal startup):"],
  ["change", "Current password: "],
  ["change", "(current) UNIX password: "],
  ["change", "Geben Sie ein neues Passwort ein: "],
  ["change", "新的密码： "],
  ["enter", "Press Enter for maintenance\n(or press Control-D to continue): "],
  ["enter", "\nPlease press Enter to activate this console. "],
  ["enter", "See sulogin(8) man page for more details.\n\nPress Enter to continue.\n"],
  ["question", "🔐 Please enter passphrase for disk QEMU (root): (press TAB for no echo) "],
  ["question", "‣ Please enter the new root password (empty to skip): "],
  ["question", "-- Press any key to proceed --"],
  ["shell", "root@vm:~# "],
  ["shell", "[root@vm ~]#"],
  ["shell", "~ ❯ "],
  ["shell", "┌ root\n└─➜ "],
  ["colon", "Verification code: "],
  ["colon", "Last login: "],
  ["other", "vm login: root (automatic login)"],
  ["other", "Starting"],
  ["empty", ""],
  ["empty", "vm login: \n"],
  ["empty", "Press Enter to continue.\n\n\n\n"],
])("%s: %j", (kind, text) => {
  expect(standing(text).kind).toBe(kind);
});

test("says what was typed behind a name prompt", () => {
  expect(standing("vm login: [40;1R").typed).toBe("[40;1R");
  expect(standing("vm login: ").typed).toBe("");
});

test("a flood without line ends is looked at in no time", () => {
  const started = performance.now();
  for (const flood of [" ", ":", "login ", "\n", "[ ", "login: "]) standing(withoutNoise(flood.repeat(1_000_000 / flood.length)));
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe("verdict", () => {
  test.each([
    ["refused", "\nLogin incorrect\n\n"],
    ["refused", "\nLogin fehlerhaft\n"],
    ["expired", "You are required to change your password immediately (password expired).\nCurrent password: "],
    ["expired", "Votre compte a expiré\u202f; veuillez contacter votre administrateur système."],
    ["closed", "This account is currently not available.\n"],
    ["closed", "The account is locked due to 3 failed logins.\nLogin incorrect\n"],
    ["timedOut", "\nLogin timed out after 60 seconds.\n"],
    [undefined, "Warning: your password will expire in 7 days\nLast failed login: Sun Nov 22\n"],
  ])("%s: %j", (kind, text) => {
    expect(verdict(text)).toBe(kind);
  });

  test("stands alone on the last line, or is no last word", () => {
    expect(lastWords("\nLogin incorrect\n\n")).toBe("refused");
    expect(lastWords("Permission denied to everybody who is not a member of the staff\n")).toBeUndefined();
    expect(lastWords("Login incorrect\nWelcome\n")).toBeUndefined();
    expect(verdictLine("A\nLogin incorrect\nvm login: ")).toBe("Login incorrect");
  });
});

test.each([
  ["root\nPassword: ", false],
  ["   root\nPassword: ", false],
  ["\nPassword: ", false],
  ["oot\nPassword: ", true],
  ["x[40;1Rroot\nPassword: ", true],
  ["A box\n\nvm login: root\nPassword: ", false],
  ["A box\n\nvm login: oot\nPassword: ", true],
])("an echo of root: %j is misheard: %s", (text, misheard) => {
  expect(isMisheard(text, "root")).toBe(misheard);
});

test.each([
  ["root\n\nLogin incorrect\nvm login: ", true],
  ["A box\n\nvm login: ", false],
  ["A box\n\nvm login: root\nA box\n\nvm login: ", true],
])("a getty that says %j has heard the name: %s", (text, heard) => {
  expect(isHeard(text, "root")).toBe(heard);
});

test.each([
  ["vm login: F2\nPassword: ", true],
  ["vm login: root\nPassword: ", false],
  ["Password: ", false],
  [" sh -c x\nPassword: ", true],
])("%j answers another's name: %s", (text, foreign) => {
  expect(isForeign(text, "root", [" sh -c x"])).toBe(foreign);
});

test.each([
  ["vm lo[   12.345678] usb 1-1: new device\ngin: ", "vm login: "],
  ["vm login: <6>[    1.000][    T7] x: y", "vm login: "],
  ["vm login: [   1", "vm login: "],
  ["vm login: \n[  OK  ] Started x.\n         Starting y...\n", "vm login: \n"],
  ["[root@vm ~]# ", "[root@vm ~]# "],
])("without noise %j is %j", (text, rest) => {
  expect(withoutNoise(text)).toBe(rest);
});
