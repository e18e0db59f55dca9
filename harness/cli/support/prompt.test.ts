import { spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { prompt, type RunCommand } from "./prompt.ts";

/** As the channel shell runs commands: each in a subshell of its own. */
const run: RunCommand = async (command) => {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `( eval "$0" )`, command]);
  return { code: status ?? 128, stdout, stderr };
};

async function typed(input: string, signal = new AbortController().signal): Promise<{ code: number; shown: string }> {
  const [keys, output] = [new PassThrough(), new PassThrough()];
  const shown = text(output);
  keys.end(input);
  const code = await prompt(run, { label: "tiny", input: keys, output, signal });
  output.end();
  return { code, shown: await shown };
}

test("runs line after line, in the folder the one before left, and ends with the last one's exit code", async () => {
  const { code, shown } = await typed("cd /usr\npwd; printf 'no newline'\n\ncd bin; ls sh >&2; exit 3\npwd\nfalse\n");
  expect(shown).toContain("/usr\nno newline");
  expect(shown).toContain("tiny:/usr/bin# ");
  expect(shown).toContain("sh\n(exit code 3)\n");
  expect(shown).toContain("tiny:/usr/bin# /usr/bin\n");
  expect(code).toBe(1);
});

test("quotes, output that is no text, and a command that ends its shell badly do no harm", async () => {
  const { shown } = await typed(`echo "it's $((1+1))"\nkill -9 $$\ncd "/tmp"; printf '\\377'\npwd\n`);
  expect(shown).toContain("it's 2\n");
  expect(shown).toContain("tiny:/tmp# ");
});

test("exit leaves with its own code, or the last command's", async () => {
  expect((await typed("false\nexit\n")).code).toBe(1);
  expect((await typed("false\n exit 0\necho never\n")).code).toBe(0);
});

test("ends at the signal, and with the shell", async () => {
  const life = new AbortController();
  const keys = new PassThrough();
  const waiting = prompt(run, { label: "t", input: keys, output: new PassThrough().resume(), signal: life.signal });
  life.abort();
  expect(await waiting).toBe(0);
  const lost: RunCommand = () => Promise.reject(new Error("the machine is gone"));
  const given = new PassThrough();
  given.write("ls\n");
  const failing = prompt(lost, { label: "t", input: given, output: new PassThrough().resume(), signal: new AbortController().signal });
  await expect(failing).rejects.toThrow("the machine is gone");
});
