const header = /^\[ *\d+\.\d{3,6}\](?:\[ *[TC]\d+\])? /;
/** What a header may still become. */
const beginning = /^\[ *\d*(?:\.\d{0,6})?(?:\](?:\[ *(?:[TC]\d*)?\]?)? ?)?$/;
const longest = 4096;

/**
 * Takes the kernel's log lines out of a stream, wherever they began: they go out whole, from their time stamp to their
 * newline, also in the middle of another's line. Carriage returns go too. What is left is only believed if its check is right.
 */
export class KernelNoise {
  #held = "";

  feed(text: string): string {
    let rest = this.#held + text.replaceAll("\r", "");
    this.#held = "";
    let kept = "";
    for (;;) {
      const at = rest.indexOf("[");
      if (at < 0) return kept + rest;
      kept += rest.slice(0, at);
      rest = rest.slice(at);
      const head = rest.slice(0, 40);
      if (header.test(head)) {
        const end = rest.indexOf("\n");
        if (end >= 0) rest = rest.slice(end + 1);
        else if (rest.length < longest) return this.#hold(kept, rest);
        else rest = "";
      } else if (rest.length < 40 && beginning.test(rest)) return this.#hold(kept, rest);
      else {
        kept += "[";
        rest = rest.slice(1);
      }
    }
  }

  #hold(kept: string, rest: string): string {
    this.#held = rest;
    return kept;
  }
}
