/** Ctrl-], as telnet and virsh have it. */
export const escapeByte = 0x1d;

/** What a person typed: bytes for the guest, or the key after Ctrl-], which is meant for osbench. */
export type Typed = { readonly send: Uint8Array } | { readonly key: string };

/** Tells keys for osbench from keys for the guest. Ctrl-] twice sends one to the guest. */
export class EscapeKey {
  #escaped = false;

  feed(bytes: Uint8Array): Typed[] {
    const typed: Typed[] = [];
    let from = 0;
    const flush = (to: number) => to > from && typed.push({ send: bytes.subarray(from, to) });
    for (const [at, byte] of bytes.entries()) {
      if (this.#escaped) {
        this.#escaped = false;
        // The second Ctrl-] itself is sent with what follows it.
        from = byte === escapeByte ? at : at + 1;
        if (byte !== escapeByte) typed.push({ key: String.fromCharCode(byte) });
      } else if (byte === escapeByte) {
        flush(at);
        this.#escaped = true;
        from = at + 1;
      }
    }
    flush(bytes.length);
    return typed;
  }
}
