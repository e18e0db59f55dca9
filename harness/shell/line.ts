import type { Duplex } from "node:stream";

/** Bytes both ways, nothing more: a virtio port, a UART, a socket. */
export interface Line {
  write(data: string | Uint8Array): Promise<void>;
  /** Calls the listener with every chunk that comes, at once; returns what ends that. */
  listen(listener: (chunk: Uint8Array) => void): () => void;
  /** Calls the listener when nothing can come any more; returns what ends that. A line that cannot know it never does. */
  onLost(listener: (reason: string) => void): () => void;
}

export function streamLine(stream: Duplex): Line {
  // Stays when nobody listens any more: a line that is reset then must not end the process.
  if (!stream.listeners("error").includes(nothing)) stream.on("error", nothing);
  return {
    write: (data) => new Promise((resolve, reject) => stream.write(data, (error) => (error ? reject(error) : resolve()))),
    listen(listener) {
      stream.on("data", listener);
      stream.resume();
      return () => stream.off("data", listener);
    },
    onLost(listener) {
      const closed = () => listener("the line closed");
      const failed = (error: Error) => listener(error.message);
      stream.on("close", closed);
      stream.on("error", failed);
      return () => void stream.off("close", closed).off("error", failed);
    },
  };
}

function nothing(): void {}
