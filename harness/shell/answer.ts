/** What a command did, as the guest says it: exit code, sizes, and the output itself if it is short plain text. */
export interface Answer {
  readonly code: number;
  /** Undefined where the guest cannot tell. */
  readonly stdoutLength: number | undefined;
  readonly stderrLength: number | undefined;
  readonly text: { readonly stdout: Buffer; readonly stderr: Buffer } | undefined;
}

/** `CODE LENGTH LENGTH *`, or with the output itself, ^ for newline, instead of the star. Undefined for anything else. */
export function readAnswer(body: string): Answer | undefined {
  const match = /^(\d{1,3}) (\d{1,15}|-) (\d{1,15}|-) ([ -Z_-~^]*)$/.exec(body);
  if (!match) return undefined;
  const [, code = "", first = "", second = "", text = ""] = match;
  const [stdoutLength, stderrLength] = [first, second].map((length) => (length === "-" ? undefined : Number(length)));
  const answer = { code: Number(code), stdoutLength, stderrLength };
  if (text === "*") return { ...answer, text: undefined };
  if (stdoutLength === undefined || stderrLength === undefined || text.length !== stdoutLength + stderrLength) return undefined;
  const bytes = Buffer.from(text.replaceAll("^", "\n"), "latin1");
  return { ...answer, text: { stdout: bytes.subarray(0, stdoutLength), stderr: bytes.subarray(stdoutLength) } };
}
