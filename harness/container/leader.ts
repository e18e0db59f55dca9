import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
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

  constructor(pid: number, tools: ToolsPlace) {
    this.pid = pid;
    this.#tools = tools;
  }

  /** Starts a POSIX sh in the container, with the rights of the container's own programs and nothing of the host's environment. */
  shell(): ContainerShell {
    const argv = ["sh", joinScript, String(this.pid), this.#dropped(), "env", "-i", "HOME=/root", "TERM=dumb", `PATH=${path}`, "/bin/sh"];
    const [file, ...rest] = toolCommand(this.#tools, argv) as [string, ...string[]];
    return new ContainerShell(spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"] }));
  }

  /** The command that speaks to a TCP port of the container's loopback on stdin and stdout. */
  knock(port: number): string[] {
    return toolCommand(this.#tools, ["nsenter", "--target", String(this.pid), "--net", "--", "socat", "STDIO", `TCP4:127.0.0.1:${port}`]);
  }

  /** The capabilities the container's first process does not have, in the words of setpriv(1), which counts from 0. */
  #dropped(): string {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    const bounds = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
    const last = Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"));
    const lacking = Array.from({ length: last + 1 }, (_, index) => index).filter((index) => !(bounds & (1n << BigInt(index))));
    return lacking.map((index) => `-cap_${index}`).join(",") || "+cap_0";
  }
}

/** A shell's lines: commands and stdout on one, stderr on the other. */
export class ContainerShell {
  readonly line: Duplex;
  readonly errors: Duplex;
  /** Resolves at its end: whether the container told it to go, as it tells all its processes when it shuts down. */
  readonly ended: Promise<{ readonly told: boolean }>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess & { stdin: NonNullable<ChildProcess["stdin"]>; stdout: NonNullable<ChildProcess["stdout"]>; stderr: NonNullable<ChildProcess["stderr"]> }) {
    this.#child = child;
    this.line = Duplex.from({ readable: child.stdout, writable: child.stdin });
    this.errors = Duplex.from({ readable: child.stderr });
    for (const stream of [this.line, this.errors, child.stdin]) stream.on("error", () => {});
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => resolve({ told: code === 143 }));
      child.once("error", () => resolve({ told: false }));
    });
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}
