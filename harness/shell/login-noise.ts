const stamp = String.raw`(?:<\d{1,3}>)?\[ *\d+\.\d{3,6}\](?:\[ *[TC]\d+\])? `;
const kernelLine = new RegExp(`${stamp}[^\\n]*(?:\\n|$)`, "g");
/** The beginning of such a line, as far as it has come. */
const begunLine = /(?:<\d{1,3}>)?\[ *\d*(?:\.\d*)?(?:\](?:\[ *[TC]?\d*\]?)?)?$/;
/** What systemd says of its jobs on the console, and the lines it announces them with. */
const jobLine =
  /(?:^|(?<=\n))(?:\[ *(?:OK|FAILED|DEPEND|INFO|TIME|SKIP|WARN)\w* *\] [^\n]*| {9}(?:Starting|Stopping|Mounting|Unmounting|Activating|Expecting) [^\n]*)\n/g;

/**
 * What a login said, without what kernel and service manager threw in. Their lines begin anywhere, also in the middle of a prompt, which is
 * whole again in the result. Source: printk's time stamps (printk.time, console_msg_format, CONFIG_PRINTK_CALLER), systemd's status lines.
 */
export function withoutNoise(text: string): string {
  return text.replaceAll(kernelLine, "").replaceAll(jobLine, "").replace(begunLine, "");
}
