/** An entry as systemd-boot's status pages show it. */
export interface StatusEntry {
  readonly title: string;
  readonly version: string | undefined;
  /** `LEFT-DONE`; undefined for an entry that is not counted. */
  readonly tries: string | undefined;
}

/** Reads as many entries as the pages shown so far hold, and how many there will be. Source: systemd-boot(7), key P; systemd 257, src/boot/boot.c. */
export function readStatus(text: string): { readonly entries: readonly StatusEntry[]; readonly total: number | undefined } {
  const byNumber = new Map<number, StatusEntry>();
  let total: number | undefined;
  for (const block of text.split(/^\s*boot entry: /m).slice(1)) {
    // A page that is not complete yet has no prompt below.
    const [page, ...rest] = block.split("Press any key");
    const [, number, of] = /^(\d+)\/(\d+)/.exec(page!) ?? [];
    if (number === undefined || rest.length === 0) continue;
    total = Number(of);
    const field = (name: string) => new RegExp(`^\\s*${name}: (.*?)\\s*$`, "m").exec(page!)?.[1];
    const counted = /^\s*tries: (\d+) left, (\d+) done/m.exec(page!);
    byNumber.set(Number(number), {
      title: field("title") ?? "",
      version: field("version"),
      tries: counted ? `${counted[1]}-${counted[2]}` : undefined,
    });
  }
  return { entries: [...byNumber.values()], total };
}
