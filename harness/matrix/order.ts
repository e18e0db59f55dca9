/** Compares text by code units, the same on every host. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
