import type { MachineUse } from "../../model/record.ts";
import { phases } from "../../model/phase.ts";
import { duration } from "./format.ts";

/** Where the time of each boot went. All bars share one scale. */
export function Boots({ machines }: { machines: readonly MachineUse[] }) {
  const booted = machines.filter((machine) => machine.boots.length > 0);
  if (booted.length === 0) return null;
  const longest = Math.max(...booted.flatMap((machine) => machine.boots.map((boot) => boot.totalMs)), 1);
  return (
    <section aria-labelledby="boots">
      <h2 id="boots">Boots</h2>
      <ol class="boots">
        {booted.flatMap((machine, index) =>
          machine.boots.map((boot) => {
            const parts = Object.entries(boot.durations).sort(([a], [b]) => rank(a) - rank(b));
            return (
              <li>
                <span class="boot-name">
                  {booted.length > 1 ? `machine ${index + 1}, ` : ""}boot {boot.number}
                  <small>{machine.start.kind === "forked" ? " forked" : ""}</small>
                </span>
                <span class="bar" aria-hidden="true">
                  {parts.map(([phase, ms]) => (
                    <span class={`phase ${phase}`} style={{ width: `${(ms / longest) * 100}%` }} title={`${phase} ${duration(ms)}`} />
                  ))}
                </span>
                <b>{duration(boot.totalMs)}</b>
                <small class="parts">
                  {parts.map(([phase, ms]) => (
                    <span>
                      <i class={`phase ${phase}`} /> {phase} {duration(ms)}
                    </span>
                  ))}
                </small>
              </li>
            );
          }),
        )}
      </ol>
    </section>
  );
}

export function rank(phase: string): number {
  const index = (phases as readonly string[]).indexOf(phase);
  return index < 0 ? phases.length : index;
}
