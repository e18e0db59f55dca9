import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Duplex } from "node:stream";
import { afterAll } from "vitest";
// The real console and the toolbox: what this room may not know is what its tests stand on.
// oxlint-disable-next-line typescript/no-restricted-imports
import { Console } from "../../console/console.ts";
// oxlint-disable-next-line typescript/no-restricted-imports
import { openTools } from "../../host/toolbox.ts";
// oxlint-disable-next-line typescript/no-restricted-imports
import { runTool, toolTreeCommand } from "../../host/tools.ts";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { login, type Account } from "../login.ts";

const box = join(import.meta.dirname, "login-box.sh");

/** A login gives terminals away and becomes other users: nobody but root can let it. */
export const isRoot = process.getuid?.() === 0;

/** A limit for what comes on any host: that it comes is what is tested, not how fast. */
export const soon = () => AbortSignal.timeout(90_000);

/** Logs in. What a login fails with says all that was said on the line, which is what tells why. */
export async function entered(line: Console, account: Account): Promise<"a shell"> {
  try {
    await login(line, account, soon());
  } catch (error) {
    throw new Error(`${String(error)}\n${JSON.stringify(line.text())}`, { cause: error });
  }
  return "a shell";
}

/**
 * Sh commands, without single quotes, that run beside the getty as kernel and service manager do: no children of a login, which would take the end of
 * any child for that of its shell, and not hung up with its terminal, which they open as "$0" each time they write.
 */
export const beside = (commands: string) => `at=$(tty); (setsid sh -c '(${commands}) & wait' "$at" >/dev/null 2>&1 &); `;

export interface Getty {
  /** What an init starts over and over on the terminal: sh commands. */
  readonly getty: string;
  /** Files below /etc and elsewhere, over the usual ones. */
  readonly files?: Readonly<Record<string, string>>;
  /** Login shell of root; default bash. */
  readonly shell?: string;
}

/** The console, and where the box's root lies on this host. */
export type Box = Console & { readonly tree: string };

const pam = (lines: string) => `auth optional pam_faildelay.so delay=300000\nauth requisite pam_nologin.so\n${lines}`;
const usual = "auth required pam_unix.so nullok nodelay\naccount required pam_unix.so\npassword required pam_unix.so\nsession required pam_unix.so\n";
const pamLogin = pam(`${usual}session optional pam_motd.so\n`);

let hashes: Promise<string> | undefined;

/** The hash of the password `osbench`. */
async function passwordHash(): Promise<string> {
  hashes ??= openTools("toolbox").then(async (tools) => (await runTool(tools, ["openssl", "passwd", "-6", "osbench"])).stdout.trim());
  return await hashes;
}

/** shadow(5): the password `osbench`, or `hash`; `days` since the epoch it was changed; 0 means it must be changed. */
export async function shadow(user = "root", days = 20_000, hash?: string): Promise<string> {
  return `${user}:${hash ?? (await passwordHash())}:${days}:0:99999:7:::\n`;
}

/**
 * To be called at the top of a test file; gives what opens a console on a real terminal, on which the toolbox's own getty and login run in a
 * root of their own. They all end with the file.
 */
export function gettys(): (options: Getty) => Promise<Box> {
  const folder = temporaryFolderOfFile();
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
  });
  return async (options) => {
    const [box, stop] = await open(mkdtempSync(join(folder, "getty-")), options);
    stops.push(stop);
    return box;
  };
}

async function open(folder: string, options: Getty): Promise<[Box, () => Promise<void>]> {
  const tools = await openTools("toolbox");
  const tree = join(folder, "tree");
  const files: Record<string, string> = {
    "etc/passwd": `root:x:0:0:root:/root:${options.shell ?? "/bin/bash"}\nguest:x:1000:1000:guest:/tmp:/bin/bash\n`,
    "etc/group": "root:x:0:\ntty:x:5:\nguest:x:1000:\n",
    "etc/shadow": (await shadow()) + (await shadow("guest")),
    "etc/hostname": "box\n",
    "etc/issue": "A box\n\n",
    "etc/pam.d/login": pamLogin,
    "etc/pam.d/other": "auth required pam_deny.so\n",
    "etc/shells": "/bin/sh\n/bin/bash\n",
    "root/.bash_history": "",
    ...options.files,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content, { mode: path === "etc/shadow" ? 0o600 : 0o755 });
  }
  writeFileSync(join(folder, "getty"), options.getty);
  const [file, ...argv] = toolTreeCommand(tools, ["sh", box, tree, join(folder, "getty")]) as [string, ...string[]];
  const child = spawn(file, argv, { stdio: ["pipe", "pipe", "inherit"] });
  const console_ = new Console(folder, "getty");
  console_.attach(Duplex.from({ readable: child.stdout, writable: child.stdin }));
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    console_.close();
  };
  return [Object.assign(console_, { tree }), stop];
}
