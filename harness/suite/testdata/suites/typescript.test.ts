import { ClaimFailed, expect, NotApplicable, test } from "osbench";

test("passes and sees its machine", async ({ machine }) => {
  await machine.boot();
  expect((await machine.run("echo $((6 * 7))")).stdout).toBe("42\n");
});

test("fails an assertion", async ({ machine }) => {
  expect(machine.phase).toBe("ready");
});

test("fails a claim", async ({ machine }) => {
  await machine.boot();
  throw new ClaimFailed("OSB_EXAMPLE", "the example is wrong", { hint: "Look closer." });
});

test("cannot be claimed", () => {
  throw new NotApplicable("tpm2", "there is none");
});

test("breaks in the harness", () => {
  (undefined as unknown as { boot(): void }).boot();
});

test("is timed out", { timeout: 50 }, async ({ machine }) => {
  await machine.run("sleep 5");
});

test("needs no machine", () => {
  expect(1).toBe(1);
});
