import { HarnessError } from "../model/errors.ts";
import type { Machine } from "../machine/machine.ts";

/** Runs a script whose only job is to read facts; its failing is our fault or the question's, never the image's. `doing` completes "while …". */
export async function ask(machine: Machine, doing: string, script: string, timeoutMs?: number): Promise<string> {
  const result = await machine.run(script, { signal: machine.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  if (result.code !== 0) {
    throw new HarnessError("OSB_OS_QUESTION", `${doing}: the command ended with exit code ${result.code}`, {
      hint: "Run it by hand in the machine; the image may lack a tool the question needs.",
      evidence: { command: script, stdout: result.stdout, stderr: result.stderr },
    });
  }
  return result.stdout;
}

/** Parses JSON a guest tool printed; `doing` completes the error's sentence. */
export function parseJson(doing: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HarnessError("OSB_OS_JSON", `${doing}: the answer is not JSON`, { cause, evidence: { answer: text } });
  }
}
