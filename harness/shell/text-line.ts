/** A line of text that can be waited on and typed into: a serial console. Positions count characters of plain text. */
export interface TextLine {
  readonly length: number;
  text(from?: number): string;
  write(data: string | Uint8Array): Promise<void>;
  expect(pattern: RegExp, signal: AbortSignal, from?: number): Promise<RegExpMatchArray>;
  /** Calls the listener with every chunk of bytes as it comes; returns what ends that. */
  listen(listener: (chunk: Uint8Array) => void): () => void;
  /** While a program speaks a protocol over the line, terminal queries must not be answered into it. */
  answerQueries(answering: boolean): void;
}
