import { duplexPair } from "node:stream";
import { describe, expect, test } from "vitest";
import { Qmp, type QmpEvent } from "./qmp.ts";

/** The protocol's far end, spoken by hand. What QEMU itself says is tried by the guest tests. */
function pair() {
  const [ours, theirs] = duplexPair();
  const asked: { execute: string; id: number }[] = [];
  theirs.setEncoding("utf8");
  theirs.on("data", (text: string) =>
    asked.push(
      ...text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as (typeof asked)[number]),
    ),
  );
  return { qmp: new Qmp(ours), ours, theirs, asked, say: (message: object) => theirs.write(`${JSON.stringify(message)}\r\n`) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Qmp", () => {
  test("answers reach the command they belong to, whatever their order, with events between", async () => {
    const { qmp, asked, say } = pair();
    const events: QmpEvent[] = [];
    qmp.on("event", (event) => events.push(event));
    const both = [qmp.execute("one"), qmp.execute("two")];
    await turn();
    say({ return: 2, id: asked[1]?.id });
    say({ event: "RESET", data: { guest: true }, timestamp: { seconds: 1, microseconds: 2 } });
    say({ return: 1, id: asked[0]?.id });
    expect(await Promise.all(both)).toEqual([1, 2]);
    expect(events).toEqual([{ event: "RESET", data: { guest: true }, timestampUs: 1_000_002 }]);
  });

  test("an answer cut anywhere is put together", async () => {
    const { qmp, theirs, asked } = pair();
    const answer = qmp.execute("cut");
    await turn();
    for (const character of `${JSON.stringify({ return: "é", id: asked[0]?.id })}\n`) theirs.write(character);
    expect(await answer).toBe("é");
  });

  test("a refusal says which command and why", async () => {
    const { qmp, asked, say } = pair();
    const answer = qmp.execute("no-such");
    await turn();
    say({ error: { class: "CommandNotFound", desc: "not found" }, id: asked[0]?.id });
    await expect(answer).rejects.toMatchObject({ code: "OSB_QMP", message: "QEMU refused no-such: not found" });
  });

  test("a lost line ends every wait, also before the greeting", async () => {
    const { qmp, ours } = pair();
    const waiting = qmp.execute("cont");
    const greeting = qmp.negotiate(AbortSignal.timeout(60_000));
    ours.destroy();
    await expect(waiting).rejects.toMatchObject({ code: "OSB_QMP_LOST" });
    await expect(greeting).rejects.toMatchObject({ code: "OSB_QMP_LOST" });
    await expect(qmp.execute("later")).rejects.toMatchObject({ code: "OSB_QMP_LOST" });
  });
});
