import { EscapeFilter } from "../../console/escapes.ts";
import type { SerialTap } from "../../machine/attach/attachment.ts";
import { Passthrough } from "./passthrough.ts";

/** Prints what a serial line says: as it is on a terminal, as plain text anywhere else. `closed` is called when nobody reads it any more. Returns what ends that. */
export function printConsole(serial: Pick<SerialTap, "listen">, stream: NodeJS.WriteStream, closed: () => void): () => void {
  stream.on("error", closed);
  if (stream.isTTY) {
    const through = new Passthrough();
    const stop = serial.listen((bytes) => void stream.write(through.feed(bytes)));
    return () => {
      stop();
      stream.write(through.restore);
    };
  }
  const filter = new EscapeFilter();
  const decoder = new TextDecoder();
  return serial.listen((bytes) => void stream.write(filter.feed(decoder.decode(bytes, { stream: true }))));
}
