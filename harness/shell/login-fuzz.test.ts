import { PassThrough, Duplex } from "node:stream";
import { expect, test } from "vitest";
// The real console reads what is thrown at it.
// oxlint-disable-next-line typescript/no-restricted-imports
import { Console } from "../console/console.ts";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { login } from "./login.ts";

const password = "correct-horse";
const folder = temporaryFolderOfFile();

/** What real gettys, logins and shells said, keys of control included. */
const transcripts = [
  "\r\nDebian GNU/Linux 13 vm ttyS0\r\n\r\nvm login: ",
  "root\r\r\nPassword: ",
  "\r\n\r\nLogin incorrect\r\nvm login: ",
  "\r\nLinux vm 6.12.0-amd64 #1 SMP\r\n\r\nLast login: Sun Nov 22 05:00:00 UTC 2026 on ttyS0\r\n\u001b[?2004h\u001b]0;root@vm: ~\u0007root@vm:~# ",
  "\u001b]3008;start=0f;type=shell\u001b\\\u001b[1;32mroot@vm\u001b[0m:\u001b[1;34m~\u001b[0m$ ",
  "You are required to change your password immediately (password expired).\r\nCurrent password: ",
  "\r\nGive root password for maintenance\r\n(or press Control-D to continue): ",
  "\r\nPress Enter for maintenance\r\n(or press Control-D to continue): ",
  "\r\nPlease press Enter to activate this console. ",
  "\u001b[6n\u001b[18t\u001b[c",
  "[   12.345678] usb 1-1: new high-speed USB device number 2 using xhci_hcd\r\n",
  "[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mserial-getty@ttyS0.service\u001b[0m.\r\n",
  "\r\nLogin timed out after 60 seconds.\r\n",
  "This account is currently not available.\r\n",
  "vm Anmeldung: ",
  "Passwort: ",
  "Login fehlerhaft\r\n",
  "sh: printf: not found\r\n> ",
];

/** Numbers from 0 to 1 that depend on nothing but the seed (xorshift). */
function chance(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function mutated(bytes: Buffer, random: () => number): Buffer {
  const result = [...bytes];
  for (let times = Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * result.length);
    const kinds = [
      () => result.splice(at, 1 + Math.floor(random() * 4)),
      () => result.splice(at, 0, ...Array.from({ length: 6 }, () => Math.floor(random() * 256))),
      () => result.splice(at, 1, Math.floor(random() * 256)),
      () => result.splice(at, 0, ...result.slice(0, 8)),
    ];
    kinds[Math.floor(random() * kinds.length)]?.();
  }
  return Buffer.from(result);
}

/** A line at whose other end is no shell: it says pieces of transcripts, more or less as they were, at once and whenever something is typed. */
function nonsense(seed: number): Console {
  const random = chance(seed);
  const fromGuest = new PassThrough();
  const toGuest = new PassThrough();
  let course = 0;
  const say = () => {
    // Often what a getty would say next, so that the nonsense meets a login at every stage.
    const next = random() < 0.7 ? course++ % 5 : Math.floor(random() * transcripts.length);
    const text = transcripts[next] ?? "";
    const bytes = random() < 0.1 ? Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256))) : Buffer.from(text);
    fromGuest.write(random() < 0.6 ? bytes : mutated(bytes, random));
  };
  toGuest.on("data", (keys: Buffer) => {
    if (random() < 0.6) fromGuest.write(random() < 0.7 ? keys : mutated(keys, random));
    for (let times = random() < 0.8 ? 1 : Math.floor(random() * 3); times > 0; times--) say();
  });
  const line = new Console(`${folder}/${seed}`, "nonsense");
  line.attach(Duplex.from({ readable: fromGuest, writable: toGuest }));
  say();
  return line;
}

const stretchMs = 6000;
/** So many ways to end, beside the time limit, show that the noise reaches more than the first prompt. */
const telling = 4;

/** Aborts as a time limit does, after some seconds: on a slow host once the nonsense got beyond the first prompts, which is seen by how logins end. */
function limit(ends: ReadonlyMap<string, number>): AbortSignal {
  const over = new AbortController();
  const look = (leftMs: number) => {
    if (ends.size >= telling || leftMs <= 0) over.abort(new DOMException("the time is over", "TimeoutError"));
    else setTimeout(look, stretchMs, leftMs - stretchMs);
  };
  setTimeout(look, stretchMs, 60_000);
  return over.signal;
}

test("nonsense never logs in, never hangs and is never blamed on something unexpected", async () => {
  const codes = new Map<string, number>();
  const surprises: string[] = [];
  const deadline = limit(codes);
  await Promise.all(
    Array.from({ length: 150 }, async (_, seed) => {
      const line = nonsense(seed);
      const error: unknown = await login(line, { user: "root", password }, deadline).then(
        () => "logged in",
        (error: unknown) => error,
      );
      line.close();
      const { code, message, evidence } = error as ClaimFailed;
      const expected = error instanceof ClaimFailed ? /^OSB_LOGIN_/ : error instanceof HarnessError ? /^OSB_TIMEOUT$/ : /^$/;
      const shown = `${message}${Object.values(evidence ?? {}).join("")}`;
      if (!expected.test(code) || shown.includes(password)) surprises.push(`seed ${seed}: ${String(error)}\n${shown}`);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }),
  );
  expect(surprises).toEqual([]);
  expect(codes.size).toBeGreaterThan(telling);
});
