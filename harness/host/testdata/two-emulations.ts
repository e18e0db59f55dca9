// Emulates two architectures at once, ends one before the other, and prints what the kernel's registry holds each time.
import { readdirSync } from "node:fs";
import type { ToolsPlace } from "../../model/context.ts";
import { withEmulation } from "../emulation.ts";

const [, , root = ""] = process.argv;
const tools: ToolsPlace = { kind: "toolbox", root, digest: "x" };
const say = (when: string) => {
  const names = readdirSync("/proc/sys/fs/binfmt_misc");
  const ours = names.filter((name) => name.startsWith("osbench-")).toSorted();
  console.log(`${when}: ${names.includes("register") ? ours.join(" ") : "not mounted"}`);
};
const begun = { aarch64: Promise.withResolvers<void>(), riscv64: Promise.withResolvers<void>() };
const end = { aarch64: Promise.withResolvers<void>(), riscv64: Promise.withResolvers<void>() };
const works = (["aarch64", "riscv64"] as const).map((arch) =>
  withEmulation(tools, arch, {}, async () => {
    begun[arch].resolve();
    await end[arch].promise;
  }),
);
await Promise.race([Promise.all(works), Promise.all([begun.aarch64.promise, begun.riscv64.promise])]);
say("both at work");
end.aarch64.resolve();
await works[0];
say("aarch64 has ended");
end.riscv64.resolve();
await works[1];
say("both have ended");
