/** A line of text that can be waited on and typed into: a serial console. Positions count characters of plain text. */
export interface TextLine {
  readonly length: number;
  text(from?: number): string;
  write(data: string): Promise<void>;
  expect(pattern: RegExp, signal: AbortSignal, from?: number): Promise<RegExpMatchArray>;
  /** While a program speaks a protocol over the line, terminal queries must not be answered into it. */
  answerQueries(answering: boolean): void;
}
