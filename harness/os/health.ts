import { z } from "zod";
import { HarnessError } from "../model/errors.ts";
import { parseJson } from "./ask.ts";
import type { Health } from "./adapter.ts";

/** Shell script: waits for the boot to be over, then prints the state and the failed units as JSON on the next line. */
export const readHealth = `systemctl is-system-running --wait || true
systemctl list-units --failed --all --no-pager --output=json`;

const units = z.array(z.object({ unit: z.string(), description: z.string().default("") }));

const states = ["initializing", "starting", "running", "degraded", "maintenance", "stopping", "offline", "unknown"];

/** Reads what `readHealth` printed. Throws HarnessError when systemd's answer is not one it can give. */
export function parseHealth(output: string): Health {
  const [state = "", ...json] = output.split("\n");
  if (!states.includes(state.trim())) {
    throw new HarnessError(
      "OSB_OS_HEALTH",
      `asking systemd whether the boot is over: ${JSON.stringify(state)} is no state of systemctl is-system-running`,
      {
        evidence: { answer: output },
      },
    );
  }
  const failed = units.parse(parseJson("asking systemd for failed units", json.join("\n").trim() || "[]"));
  return { state: state.trim(), failed: failed.map(({ unit, description }) => ({ unit, description })) };
}
