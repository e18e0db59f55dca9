export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.round((ms % 60_000) / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** Times stay in UTC: readers of one matrix sit in many places. */
export function moment(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? iso : `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function shortDigest(digest: string): string {
  const [algorithm, hex] = digest.includes(":") ? digest.split(":", 2) : ["", digest];
  return `${algorithm ? `${algorithm}:` : ""}${hex!.slice(0, 12)}`;
}

/* oxlint-disable no-control-regex -- taking control characters out is what these are for */
const sequences = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/* oxlint-enable no-control-regex */

/** Text without terminal control sequences (ECMA-48) and characters; tabs and newlines stay. */
export function plain(text: string): string {
  return text.replace(sequences, "").replace(controls, "");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** Digits in threes, set apart by a narrow space, which no reader takes for a decimal sign. */
export function thousands(count: number): string {
  return count < 10_000 ? String(count) : count.toLocaleString("en").replaceAll(",", "\u202f");
}

/** Minutes and seconds of a moment in a recording, negative before its start. */
export function clock(ms: number): string {
  const tenths = Math.round(Math.abs(ms) / 100);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  return `${ms < 0 && tenths > 0 ? "−" : "+"}${minutes}:${rest < 10 ? "0" : ""}${rest.toFixed(1)}`;
}
