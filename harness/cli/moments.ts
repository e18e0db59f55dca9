import type { Command } from "commander";

/** Adds `osbench moments`. */
export function register(program: Command): void {
  program
    .command("moments")
    .description("list the saved machines tests are forked from, and what they take; or remove them")
    .option("--clear", "remove every moment that no running machine was forked from")
    .option("--json", "print one JSON object on standard output")
    .addHelpText("after", help)
    .action(moments);
}

const help = `
A moment is kept when a machine has booted for a test that claims nothing about booting; later tests, and later runs, fork it instead of
booting the same again. Moments go by themselves: those used longest ago when there are more than 12 GiB of them or the disk is short, and
those nobody used for 14 days. \`osbench run --fresh\` neither uses nor keeps any.`;

async function moments({ clear = false, json = false }: { clear?: boolean; json?: boolean }): Promise<void> {
  const [{ mib, storedMoments }, { discard, shelfFolder }] = await Promise.all([
    import("../machine/moments/room.ts"),
    import("../machine/moments/shelf.ts"),
  ]);
  let stored = await storedMoments();
  let cleared = 0;
  if (clear) {
    for (const { folder } of stored) if (await discard(folder)) cleared++;
    stored = await storedMoments();
  }
  const bytes = stored.reduce((sum, one) => sum + one.bytes, 0);
  if (json) {
    const list = stored.map(({ folder, facts, lastUsed, inUse, ...rest }) => {
      const { name, digest, image, target, memoryMiB, saved } = facts;
      return { folder, name, digest, image, target, memoryMiB, saved, lastUsed: lastUsed.toISOString(), inUse, bytes: rest.bytes };
    });
    console.log(JSON.stringify({ folder: shelfFolder(), bytes, ...(clear && { cleared }), moments: list }, undefined, 2));
    return;
  }
  if (clear) console.log(`${counted(cleared)} removed`);
  for (const { facts, bytes: size, lastUsed, inUse } of stored) {
    const used = inUse ? "in use" : `last used ${age(lastUsed)} ago`;
    console.log(`${facts.name.padEnd(10)}  ${facts.image} in ${facts.target}  ${mib(size)} of ${facts.memoryMiB} MiB  ${used}`);
  }
  console.log(`${counted(stored.length)}, ${mib(bytes)} MiB in ${shelfFolder()}`);
}

function counted(number: number): string {
  return `${number} ${number === 1 ? "moment" : "moments"}`;
}

function age(then: Date): string {
  const minutes = Math.max(0, Math.round((Date.now() - then.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
