import { join } from "node:path";
import { execa } from "execa";

const root = join(import.meta.dirname, "..");

/** Each check: a program of node_modules and its arguments. */
const checks: Readonly<Record<string, readonly string[]>> = {
  types: ["typescript/bin/tsc"],
  "types of the page": ["typescript/bin/tsc", "-p", "harness/matrix/page"],
  lint: ["oxlint/bin/oxlint", "--deny-warnings"],
  format: ["oxfmt/bin/oxfmt", "--check"],
  "dead code": ["knip/bin/knip.js", "--no-progress", "--no-config-hints"],
};

/** Runs all checks at once, prints what each that failed says, and tells whether all passed. */
export async function runChecks(): Promise<boolean> {
  const results = await Promise.all(Object.entries(checks).map(([name, argv]) => runCheck(name, argv)));
  const failed = results.filter((result) => result.output !== undefined);
  for (const { name, output } of failed) console.log(`\n--- ${name} ---\n${output}`);
  for (const { name, output, seconds } of results) console.log(`${output === undefined ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (failed.length > 0) console.log(`\ncheck failed: ${failed.map((result) => result.name).join(", ")}`);
  return failed.length === 0;
}

async function runCheck(
  name: string,
  [program, ...rest]: readonly string[],
): Promise<{ name: string; output: string | undefined; seconds: string }> {
  const argv = [join(root, "node_modules", program as string), ...rest];
  const result = await execa(process.execPath, argv, { cwd: root, reject: false, all: true, stdin: "ignore", preferLocal: false });
  return { name, output: result.failed ? result.all || result.shortMessage : undefined, seconds: (result.durationMs / 1000).toFixed(1) };
}
