import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { toolCommand } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";

const joinScript = join(import.meta.dirname, "join.sh");
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The first process of a running container, as the host numbers it. */
export class Leader {
  readonly pid: number;
  readonly #tools: ToolsPlace;
  /** What a shell may do at most, in words of setpriv(1). */
  readonly #bounds: string;

  /** `capabilities` are those of the container. Its first process, which begins with all, cannot be asked for them. */
  constructor(pid: number, tools: ToolsPlace, capabilities: readonly string[]) {
    this.pid = pid;
    this.#tools = tools;
    this.#bounds = ["-all", ...capabilities.map((name) => `+${name.replace(/^CAP_/, "").toLowerCase()}`)].join(",");
  }

  /** Starts a POSIX sh in the container, with the rights of the container's own programs and nothing of the host's environment. */
  shell(): ContainerShell {
    const argv = ["sh", joinScript, String(this.pid), this.#bounds, "env", "-i", "HOME=/root", "TERM=dumb", `PATH=${path}`, "/bin/sh"];
    const [file, ...rest] = toolCommand(this.#tools, argv) as [string, ...string[]];
    return new ContainerShell(spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"] }));
  }

  /** The command that speaks to a TCP port of the container's loopback on stdin and stdout. */
  knock(port: number): string[] {
    return toolCommand(this.#tools, ["nsenter", "--target", String(this.pid), "--net", "--", "socat", "STDIO", `TCP4:127.0.0.1:${port}`]);
  }
}

/** A shell's lines: commands and stdout on one, stderr on the other. */
export class ContainerShell {
  readonly line: Duplex;
  readonly errors: Duplex;
  /**
   * Resolves at its end: whether the container told it to go, as it tells all its processes when it shuts down, and what was said on stderr within its
   * first moments, which is why it did not start; `shut`: the container could not be entered at all.
   */
  readonly ended: Promise<{ readonly told: boolean; readonly shut?: boolean; readonly first: string }>;
  readonly #child: ChildProcess;

  constructor(
    child: ChildProcess & {
      stdin: NonNullable<ChildProcess["stdin"]>;
      stdout: NonNullable<ChildProcess["stdout"]>;
      stderr: NonNullable<ChildProcess["stderr"]>;
    },
  ) {
    this.#child = child;
    this.line = Duplex.from({ readable: child.stdout, writable: child.stdin });
    this.errors = Duplex.from({ readable: child.stderr });
    for (const stream of [this.line, this.errors, child.stdin]) stream.on("error", () => {});
    let first = "";
    child.stderr.on("data", (chunk: Buffer) => (first = first.length < 2000 ? first + chunk.toString() : first));
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => resolve({ told: code === 143, shut: code === 126, first }));
      child.once("error", (error) => resolve({ told: false, first: error.message }));
    });
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}
