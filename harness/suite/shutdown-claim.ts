import { ClaimFailed } from "../model/errors.ts";
import { ask } from "../os/ask.ts";
import type { VerbContext } from "./verb.ts";

/** Messages of a file system or journal that was not closed in order. They are the kernel's and journald's own words. */
const recoveries = [
  /EXT4-fs \([^)]*\): recovery complete/,
  /EXT4-fs \([^)]*\): (?:mounting|warning: mounting) .*unclean/i,
  /EXT4-fs \([^)]*\): orphan cleanup/,
  /FAT-fs \([^)]*\): Volume was not properly unmounted/,
  /XFS \([^)]*\): Starting recovery/,
  /BTRFS info .*: start tree-log replay/,
  /File .* corrupted or uncleanly shut down/,
];

// journalctl may end with 1 when nothing matches; an empty answer is what counts.
const readPreviousEnd = "journalctl --no-pager -q -o cat -b -1 _PID=1 JOB_TYPE=stop JOB_RESULT=done UNIT=multi-user.target || true";

/** Lines of a boot's log that show the boot before did not close its file systems. */
export function recoveryLines(log: string): readonly string[] {
  return log.split("\n").filter((line) => recoveries.some((pattern) => pattern.test(line)));
}

/**
 * Claims that the previous boot ended in order: this boot recovered no file system and no journal (ext4 and FAT carry a mark from mount to
 * unmount, so a cut always shows), and, where the journal outlives a boot, the one before stopped multi-user.target.
 */
export async function claimCleanShutdown(context: VerbContext): Promise<void> {
  const recovered = recoveryLines(await ask(context.machine, "reading this boot's log", "journalctl --no-pager -q -o cat -b 0"));
  if (recovered.length > 0) {
    throw new ClaimFailed("OSB_UNCLEAN", "the previous shutdown is not clean: this boot had to recover from it", {
      evidence: { recovered: recovered.join("\n") },
    });
  }
  const boots = await ask(context.machine, "asking how many boots the journal holds", "journalctl --no-pager -q --list-boots | wc -l");
  if (Number(boots) < 2) return;
  const end = await ask(context.machine, "reading the end of the previous boot's log", readPreviousEnd);
  if (end.trim() === "") {
    throw new ClaimFailed("OSB_UNCLEAN", "the previous shutdown is not clean: its journal does not hold the stop of multi-user.target");
  }
}
