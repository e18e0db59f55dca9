import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Duplex, type Readable, type Writable } from "node:stream";
import { toolCommand } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";

const keepScript = join(import.meta.dirname, "keep.sh");
/** Laying the tree takes a tenth of a second; loop devices and a busy host may need more. */
const startDeadlineMs = 30_000;

/** What can be tried where the keeper could not begin, by the first word it says. */
const hints: Readonly<Record<string, string>> = {
  cgroup: "System containers need version 2 of the control groups, writable: `osbench doctor` says what this host lacks",
  users:
    "Its own users need Linux 5.19 and a file system with idmapped mounts below the image and the cache: ext4, xfs, btrfs, tmpfs, no overlay. A target of your own with `container: { users: host }` does without",
  tree: "Is the image whole? `osbench inspect` says what it is made of",
};

/** How one power cycle ended: systemd-nspawn's exit code, if it came so far, and what it said last. */
export interface KeeperEnd {
  readonly code: number | undefined;
  readonly words: string;
}

/** The process that keeps a container from power-on to power-off, outlives this one if need be, and clears away what it made. */
export class Keeper extends EventEmitter<{ up: []; failed: [words: string]; leader: [pid: number]; reset: [] }> {
  readonly console: Duplex;
  readonly ended: Promise<KeeperEnd>;
  /** Whether the container's first process ever ran. */
  led = false;
  readonly #lifeline: Writable;
  #code: number | undefined;
  #failure: string | undefined;

  constructor(command: readonly string[], workspace: string) {
    super();
    const [file, ...rest] = command as [string, ...string[]];
    // A session of its own: what is typed at osbench's terminal to end it must not end what clears away.
    const child = spawn(file, rest, { detached: true, stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"] });
    const [stdin, stdout, stderr, lifeline, events] = child.stdio as [Writable, Readable, Readable, Writable, Readable];
    this.console = Duplex.from({ readable: stdout, writable: stdin });
    this.#lifeline = lifeline;
    for (const stream of [stdin, lifeline, this.console]) stream.on("error", () => {});
    let said = "";
    stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    createInterface({ input: events }).on("line", (line) => this.#hear(line));
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve({ code: undefined, words: error.message }));
      child.once("close", () => resolve({ code: this.#code, words: this.#failure ?? `${said}${nspawnWords(workspace)}`.trim() }));
    });
  }

  /** Resolves once the container is being started. Throws HarnessError with the reason if it cannot be. */
  async up(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (words: string) => {
        done();
        const [about = ""] = words.split(" ", 1);
        const hint = hints[about];
        reject(
          new HarnessError(
            "OSB_CONTAINER_START",
            `the container could not be started: ${hint === undefined ? words : words.slice(about.length + 1)}`,
            hint === undefined ? {} : { hint },
          ),
        );
      };
      const timer = setTimeout(() => refuse(`nothing was heard for ${startDeadlineMs / 1000} s`), startDeadlineMs);
      const abort = () => (done(), reject(signal.reason as Error));
      signal.addEventListener("abort", abort, { once: true });
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
      this.once("up", () => (done(), resolve()));
      this.once("failed", refuse);
      const silent = ({ words }: KeeperEnd) => refuse(words || "its keeper ended without a word");
      void this.ended.then(silent);
    });
  }

  /** Ends everything in the container at once. */
  kill(): void {
    this.#lifeline.write("kill\n");
  }

  #hear(line: string): void {
    const [word, ...rest] = line.split(" ");
    const words = rest.join(" ");
    if (word === "leader") {
      this.led = true;
      this.emit("leader", Number(words));
    } else if (word === "reset") this.emit("reset");
    else if (word === "up") this.emit("up");
    else if (word === "off") this.#code = Number(words);
    else if (word === "failed") {
      this.#failure = words;
      this.emit("failed", words);
    }
  }
}

/** What systemd-nspawn itself complained of; the container's output is on its console. */
function nspawnWords(workspace: string): string {
  try {
    return readFileSync(join(workspace, "nspawn.log"), "utf8").slice(-2000);
  } catch {
    return "";
  }
}

/** Starts the keeper of the container that the workspace describes. */
export function startKeeper(tools: ToolsPlace, workspace: string, group: string): Keeper {
  // It outlives osbench, to clear away; with the host's own tools it needs mounts of its own all the same.
  const argv = ["setpriv", "--pdeathsig", "clear", "--", "unshare", "--mount", "--", "sh", keepScript, workspace, group];
  return new Keeper(toolCommand(tools, argv), workspace);
}
