import { expect, test } from "osbench";

let attempts = 0;

test("passes at its second attempt, on a machine of its own", { retry: 1 }, async ({ machine }) => {
  await machine.boot();
  attempts++;
  expect((await machine.run("echo $((1 + 1))")).stdout).toBe("2\n");
  expect(machine.boots.length).toBe(1);
  expect(attempts).toBe(2);
});
