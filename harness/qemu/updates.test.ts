import { request } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { UpdateServer } from "./updates.ts";

let folder: string;
let server: UpdateServer;

beforeEach(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "0123456789");
  server = await UpdateServer.open(join(folder, "socket"));
});

afterEach(() => server[Symbol.asyncDispose]());

function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: server.socket, path, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    asked.on("error", reject).end();
  });
}

test("serves nothing until it is given a folder, then its files", async () => {
  expect((await get("/file")).status).toBe(404);
  server.serve(folder);
  expect(await get("/file")).toEqual({ status: 200, body: "0123456789" });
});

test("goes on where a download stopped", async () => {
  server.serve(folder);
  expect(await get("/file", { range: "bytes=4-" })).toEqual({ status: 206, body: "456789" });
  expect(await get("/file", { range: "bytes=2-3" })).toEqual({ status: 206, body: "23" });
});

test("gives nothing from outside the folder", async () => {
  server.serve(join(folder, "socket", ".."));
  expect((await get("/../../../../etc/passwd")).status).toBe(404);
  expect((await get("/%2e%2e/%2e%2e/etc/passwd")).status).toBe(404);
});
