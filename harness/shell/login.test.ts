import { beforeAll, describe, expect, test, vi } from "vitest";
import { ClaimFailed } from "../model/errors.ts";
import { login } from "./login.ts";
import { entered, gettys, isRoot, shadow, soon, type Getty } from "./testdata/login-getty.ts";

const open = gettys();
const root = { user: "root", password: "osbench" };
const agetty = "exec agetty -8 - linux";
const busyboxGetty = "exec busybox getty -L -l /etc/bblogin 0 - linux";
const busyboxLogin = { "etc/bblogin": '#!/bin/sh\nexec busybox login "$@"\n' };
const profile = (lines: string) => ({ "root/.profile": lines });
// They mostly wait: agetty sleeps a second before it asks.
vi.setConfig({ maxConcurrency: 16 });

let expired: string;
let empty: string;
let locked: string;

beforeAll(async () => {
  expired = await shadow("root", 0);
  empty = await shadow("root", 20_000, "");
  locked = await shadow("root", 20_000, "*");
}, 600_000);

async function enter(options: Getty, account = root): Promise<string> {
  const line = await open(options);
  await entered(line, account);
  const from = line.length;
  // What follows a login is a shell that does as it is told.
  await line.write("echo $((6*7))-$0-here\r");
  await line.expect(/42-\S+-here/, soon(), from);
  return line.text();
}

describe.runIf(isRoot).concurrent("a login succeeds", () => {
  test.for<[string, Getty | (() => Getty), { user: string; password: string }?]>([
    ["agetty, login", { getty: agetty }],
    ["agetty that logs in by itself", { getty: "exec agetty -8 --autologin root - linux" }],
    ["agetty that starts a shell and no login", { getty: "exec agetty -n -l /bin/bash - linux" }],
    ["login -f", { getty: "exec agetty -n -o '-f root' - linux" }],
    ["a password alone", { getty: "exec agetty -n -o '-p -- root' - linux" }],
    [
      "a login of its own name",
      { getty: "exec agetty -8 -l /etc/own - linux", files: { "etc/own": '#!/bin/sh\necho "login for $2"\nexec login "$@"\n' } },
    ],
    ["an empty password", () => ({ getty: agetty, files: { "etc/shadow": empty } }), { user: "root", password: "" }],
    ["sulogin", { getty: "exec sulogin" }],
    ["sulogin without a password", () => ({ getty: "exec sulogin", files: { "etc/shadow": empty } }), { user: "root", password: "" }],
    ["busybox getty, login, ash", { getty: busyboxGetty, files: busyboxLogin, shell: "/bin/sh" }],
    ["busybox sulogin", { getty: "exec busybox sulogin" }],
    ["a console that waits for Enter", { getty: "printf '\\nPlease press Enter to activate this console. '; read x; exec bash -l" }],
    ["dash", { getty: agetty, shell: "/bin/dash" }],
    ["a message of many lines", { getty: agetty, files: { "etc/motd": "All is well, host login: no one\n".repeat(400) } }],
    [
      "a message that looks like prompts",
      {
        getty: agetty,
        files: { "etc/motd": "login: \nPassword: \nLogin incorrect\nYour password has expired\nroot@vm:~# \nlogin: root\n$ " },
      },
    ],
    ["a message that ends like a shell and takes its time", { getty: agetty, files: profile("printf 'Notice $ '; sleep 4; echo") }],
    ["an issue that looks like prompts", { getty: agetty, files: { "etc/issue": "Password:\nlogin: none\n$ \nroot#\n" } }],
    [
      "a prompt with colours, title and context (OSC 0, OSC 3008)",
      {
        getty: agetty,
        files: profile("PS1='\\[\\e]0;vm\\a\\e]3008;start=5f;type=shell\\e\\\\\\e[1;32m\\]\\u@\\h\\[\\e[0m\\]:\\w\\$ '"),
      },
    ],
    ["a prompt of two lines", { getty: agetty, files: profile("PS1='┌ \\u \\w\\n└ '") }],
    ["a prompt that is an arrow", { getty: agetty, files: profile("PS1='\\w\\n❯ '") }],
    ["a prompt that ends its line", { getty: agetty, files: profile("PS1='ready\\n'") }],
    ["a prompt with a colon", { getty: agetty, files: profile("PS1='next: '") }],
    ["no prompt at all", { getty: "PS1= exec sh" }],
    ["two prompts in a row", { getty: `printf 'vm login: '; ${agetty}` }],
    ["a getty that comes late and forgets what was typed before", { getty: `sleep 3; ${agetty}` }],
    [
      "a getty that reads the cursor's position first",
      { getty: `bash -c 'printf "\\e[999;999H\\e[6n"; read -rsd R at; printf "\\e[18t"'; stty sane; ${agetty}` },
    ],
  ])("%s", async ([, options, account]) => {
    expect(await enter(typeof options === "function" ? options() : options, account)).toMatch(/42-\S+-here/);
  });
});

describe.runIf(isRoot).concurrent("a login that cannot succeed is said", () => {
  test.for<[string, Getty | (() => Getty), string, RegExp, { user: string; password: string }?]>([
    ["a wrong password", { getty: agetty }, "OSB_LOGIN_REFUSED", /was refused: Login incorrect/, { user: "root", password: "wr0ng" }],
    [
      "a user who is not there",
      { getty: agetty },
      "OSB_LOGIN_REFUSED",
      /login as nobody .* was refused/,
      { user: "nobody", password: "wr0ng" },
    ],
    ["a wrong password at sulogin", { getty: "exec sulogin" }, "OSB_LOGIN_REFUSED", /was refused/, { user: "root", password: "wr0ng" }],
    [
      "a wrong password at busybox",
      { getty: busyboxGetty, files: busyboxLogin },
      "OSB_LOGIN_REFUSED",
      /was refused/,
      { user: "root", password: "wr0ng" },
    ],
    ["an expired password", () => ({ getty: agetty, files: { "etc/shadow": expired } }), "OSB_LOGIN_EXPIRED", /new password first|expired/],
    [
      "a root account that is closed at sulogin",
      () => ({ getty: "exec sulogin", files: { "etc/shadow": locked } }),
      "OSB_LOGIN_CLOSED",
      /root account is locked/,
    ],
    ["a shell that ends at once", { getty: agetty, shell: "/bin/false" }, "OSB_LOGIN_ENDED", /ended at once/],
    [
      "nologin",
      { getty: agetty, shell: "/usr/sbin/nologin" },
      "OSB_LOGIN_(CLOSED|ENDED)",
      /account is currently not available|ended at once/,
    ],
    [
      "/etc/nologin",
      { getty: agetty, files: { "etc/nologin": "We are closed\n" } },
      "OSB_LOGIN_CLOSED",
      /login as guest .* before a password was asked for/,
      { user: "guest", password: "osbench" },
    ],
    // The terminal's hang-up may take a last word with it that nobody had read yet; that the login ended stays known.
    ["a shell that is not there", { getty: agetty, shell: "/bin/nowhere" }, "OSB_LOGIN_(CLOSED|ENDED)", /no shell|ended at once/],
    [
      "a shell that ends at once after login -f",
      { getty: "exec agetty -8 --autologin root - linux", shell: "/bin/false" },
      "OSB_LOGIN_ENDED",
      /ended at once/,
    ],
    [
      "a PAM module that is not there",
      { getty: agetty, files: { "etc/pam.d/login": "auth required pam_nowhere.so\n" } },
      "OSB_LOGIN_CLOSED",
      /before a password was asked for/,
    ],
    ["somebody else's shell", { getty: "exec agetty -8 --autologin guest - linux" }, "OSB_LOGIN_OTHER", /somebody else: guest/],
    ["a shell that is none", { getty: "while printf 'cli> '; read x; do echo 'Unknown command'; done" }, "OSB_LOGIN_NO_SHELL", /cli>/],
    ["a wizard", { getty: "printf 'Please enter the new root password (empty to skip): '; read x" }, "OSB_LOGIN_QUESTION", /empty to skip/],
    [
      "a disk's passphrase",
      { getty: "printf 'Please enter passphrase for disk root: '; read x" },
      "OSB_LOGIN_QUESTION",
      /passphrase for disk/,
    ],
  ])("%s", async ([, options, code, message, account = root]) => {
    const line = await open(typeof options === "function" ? options() : options);
    const error: unknown = await login(line, account, soon()).then(
      () => "logged in",
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(ClaimFailed);
    expect(error).toMatchObject({ code: expect.stringMatching(code), message: expect.stringMatching(message) });
    expect((error as ClaimFailed).evidence["said"]).not.toContain(account.password);
    expect((error as ClaimFailed).evidence["said"]).toMatch(/\S/);
  });

  // agetty waits ten seconds before it ends, and one such end may be an accident.
  test("a login program that is not there", { tags: ["full"] }, async () => {
    const line = await open({ getty: "exec agetty -8 -l /bin/nowhere - linux" });
    await expect(login(line, root, soon())).rejects.toMatchObject({ code: "OSB_LOGIN_ENDED" });
  });
});
