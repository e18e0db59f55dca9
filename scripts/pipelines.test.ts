import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { register } from "../harness/cli/support/commands.ts";

const root = join(import.meta.dirname, "..");
const text = (file: string) => readFileSync(join(root, file), "utf8");

/** Every `osbench COMMAND …` of a text, with the flags it is given. */
function commandsIn(page: string): { command: string; flags: string[] }[] {
  const whole = page.replace(/\\?\n\s+(?=--)/g, " ");
  return [...whole.matchAll(/osbench (run|plan|merge|matrix|gate)\b([^\n`&|]*)/g)].map(([, command = "", rest = ""]) => ({
    command,
    flags: rest.match(/--[a-z-]+/g) ?? [],
  }));
}

test.each(["docs/pipelines.md", ".gitlab-ci.yml", "scripts/shards.sh"])("%s uses only flags there are", async (file) => {
  const program = new Command("osbench");
  await register(program, ["run", "plan", "merge", "matrix", "gate"]);
  const known = new Map(program.commands.map((command) => [command.name(), command.options.map(({ long }) => long)]));
  const used = commandsIn(text(file).replaceAll('"$osbench"', "osbench"));
  expect(used.length).toBeGreaterThan(0);
  for (const { command, flags } of used) for (const flag of flags) expect(known.get(command), `${command} ${flag}`).toContain(flag);
});

test("every pipeline in the documentation is YAML", () => {
  const blocks = [...text("docs/pipelines.md").matchAll(/```yaml\n([^]*?)```/g)].map(([, block = ""]) => parse(block) as unknown);
  expect(blocks).toHaveLength(3);
  for (const block of blocks) expect(block).toBeTypeOf("object");
});

test("osbench's own pipeline shows the matrix and decides, whatever became of the shards", () => {
  const pipeline = parse(text(".gitlab-ci.yml")) as Record<string, { rules: { when?: string }[]; extends?: string; retry?: unknown }>;
  expect(pipeline["machines"]?.retry).toEqual({ max: 1, exit_codes: [3] });
  for (const job of ["pages", "gate"]) expect(pipeline[job]?.extends).toBe(".in-any-case");
  for (const { when } of pipeline[".in-any-case"]?.rules ?? [{}]) expect(when).toBe("always");
});
