import { setTimeout as after } from "node:timers/promises";
import { expect, test } from "vitest";
import { Joint } from "./joint.ts";

const reason = new Error("enough");

function endless(): { joint: Joint<string>; given: () => unknown; finish: (text: string) => void } {
  let [given, finish]: [unknown, (text: string) => void] = [undefined, () => {}];
  const joint = new Joint<string>(
    (signal) =>
      new Promise((resolve, reject) => {
        finish = resolve;
        signal.addEventListener("abort", () => reject((given = signal.reason) as Error));
      }),
  );
  return { joint, given: () => given, finish };
}

test("who gives up waits no longer, and the others get what they wait for", async () => {
  const { joint, given, finish } = endless();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = joint.wait(one.signal);
  const second = joint.wait(other.signal);
  one.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(given()).toBeUndefined();
  finish("done");
  expect(await second).toBe("done");
  expect([given(), joint.abandoned]).toEqual([undefined, false]);
});

test("the work is given up with the last who waits for it", async () => {
  const { joint, given } = endless();
  const controllers = [new AbortController(), new AbortController()];
  const waits = controllers.map(({ signal }) => joint.wait(signal));
  for (const controller of controllers) controller.abort(reason);
  for (const wait of waits) await expect(wait).rejects.toBe(reason);
  expect(given()).toBe(reason);
  expect(joint.abandoned).toBe(true);
});

test("a signal that has aborted already is heeded, and a failure reaches everybody", async () => {
  const { joint } = endless();
  await expect(joint.wait(AbortSignal.abort(reason))).rejects.toBe(reason);
  const failing = new Joint(async () => {
    await after(1);
    throw reason;
  });
  const never = new AbortController().signal;
  await Promise.all([expect(failing.wait(never)).rejects.toBe(reason), expect(failing.wait(never)).rejects.toBe(reason)]);
});
