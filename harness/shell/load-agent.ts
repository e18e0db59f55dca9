import { HarnessError } from "../model/errors.ts";
import { agentProgram, makeFolder } from "./agent.ts";
import type { AgentLine } from "./agent-line.ts";
import { findBody } from "./frames.ts";
import { quote } from "./quote.ts";
import { escapedPieces, secret } from "./wire.ts";

/** What stands on the line: `login`, an interactive shell of any kind after a login; `sh`, a POSIX sh that waits for commands. */
export type Standing = "login" | "sh";

const pieceLength = 900;
const attempts = 8;
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const say = `osb_y() { printf '\\n@%s %s@%s %s@%s %s@%s!\\n' "$1" "$2" "$1" "$2" "$1" "$2" "$1"; }`;

/**
 * Brings the agent into a guest through a shell: first a plain sh without prompts, echo and line editing, then the agent piece
 * by piece, each looked at, and the whole compared before any of it runs.
 */
export async function loadAgent(agent: AgentLine, standing: Standing, signal: AbortSignal): Promise<void> {
  const start = secret();
  const environment = standing === "login" ? `env -i TERM=dumb HOME=/root PATH=${path} ` : "";
  const settings = "stty -echo -icrnl -inlcr -igncr; stty icanon -isig -iexten -ixon -opost";
  // No exclamation mark: a login shell may have a history. An echo of this line holds no frame.
  const begin = `exec ${environment}sh -c '${settings}; printf "\\n@%s up@%s up@%s up@%s\\041\\n" ${start} ${start} ${start} ${start}; exec sh' 2>/dev/null`;
  const before = standing === "login" ? "" : "\n: osbench leave\n";
  const ending = standing === "login" ? "\r" : "\n";
  await typed(agent, `${before}${begin}${ending}`, start, (body) => body === "up", signal);
  const program = `${await agentProgram()}${say}\n${makeFolder(`osbench-${secret(6)}`)}\nosb_x=${agent.secret}\n`;
  await bring(agent, escapedPieces(program, pieceLength), signal);
  const run = secret();
  const ready = await typed(
    agent,
    `eval "$(printf %b "$osb_p")"; osb_start ${run} ${standing === "login" ? "exit" : ":"}\n`,
    run,
    () => true,
    signal,
  );
  const [folder = "", codec = ""] = ready.split(" ");
  if (!folder)
    throw new HarnessError("OSB_SHELL_FOLDER", "the guest has no folder the shell may write to: tried /dev/shm, /run, /tmp, /var/tmp");
  agent.folder = folder;
  agent.base64 = codec === "base64";
  await agent.ask("t", "", signal);
}

/** Sets `osb_p` to the program, escaped. */
async function bring(agent: AgentLine, pieces: readonly string[], signal: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    // A quote that got lost would swallow what follows.
    if (attempt > 1) agent.write(attempt % 2 === 0 ? "'\n" : "\n");
    if (await brought(agent, pieces, signal)) return;
    agent.resent++;
  }
  throw new HarnessError("OSB_SERIAL_NOISE", `the line damaged the shell's program ${attempts} times in a row`);
}

async function brought(agent: AgentLine, pieces: readonly string[], signal: AbortSignal): Promise<boolean> {
  let length = 0;
  for (const [index, piece] of pieces.entries()) {
    const nonce = secret();
    const first = index === 0 ? `${say}; osb_p=` : "osb_p=$osb_p";
    length += piece.length;
    agent.write(`${first}${quote(piece)}\nosb_y ${nonce} \${#osb_p}\n`);
    const said = await agent.reader.wait((all) => findBody(all, nonce, (body) => body), 5000, signal);
    if (said !== String(length)) return false;
  }
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const nonce = secret();
    agent.write(`osb_y ${nonce} "$osb_p"\n`);
    const said = await agent.reader.wait((all) => findBody(all, nonce, (body) => body), 5000, signal);
    if (said !== undefined) return said === pieces.join("");
  }
  return false;
}

/** Writes a line until its frame comes back. */
async function typed(agent: AgentLine, line: string, nonce: string, is: (body: string) => boolean, signal: AbortSignal): Promise<string> {
  return await agent.exchange(line, (all) => findBody(all, nonce, (body) => (is(body) ? body : undefined)), signal);
}
