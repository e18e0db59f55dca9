import { deadline, unless } from "../../harness/model/deadline.ts";
import type { Line } from "../../harness/shell/line.ts";

/** A guest that lives answers in milliseconds, and writes a megabyte in seconds. */
const answerMs = 120_000;

/** Milliseconds of each round trip of a bare write/read loop: `echo` to a waiting shell, its answer back. */
export async function floorTrips(line: Line, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await said(line, `echo x${index}y\n`, (text) => text.includes(`x${index}y`));
    times.push(performance.now() - started);
  }
  return times;
}

/** Bytes a second of a file that `cat` writes onto the line as it is. */
export async function floorBulk(line: Line, file: string, length: number): Promise<number> {
  const started = performance.now();
  let came = 0;
  await said(line, `cat ${file}\n`, (_, chunk) => (came += chunk) >= length);
  return length / ((performance.now() - started) / 1000);
}

async function said(line: Line, command: string, enough: (text: string, length: number) => boolean): Promise<void> {
  let text = "";
  let came = 0;
  const wait = deadline(`the bare loop's answer to ${JSON.stringify(command)}`, answerMs);
  let stop = () => {};
  const answered = new Promise<void>((resolve) => {
    stop = line.listen((chunk) => {
      came += chunk.length;
      if (text.length < 200) text += Buffer.from(chunk).toString("latin1");
      if (enough(text, chunk.length)) resolve();
    });
  });
  try {
    await unless(wait.signal, line.write(command));
    await unless(wait.signal, answered);
  } catch (error) {
    throw wait.explain(error, () => ({ came: `${came} bytes, beginning with ${JSON.stringify(text.slice(0, 200))}` }));
  } finally {
    stop();
    wait.clear();
  }
}
