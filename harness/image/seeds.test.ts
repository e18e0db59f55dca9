import { expect, test } from "vitest";
import { parse } from "yaml";
import { imageManifest } from "../model/image.ts";
import { accessCredentials } from "./inject.ts";
import { accessSeeds } from "./seeds.ts";

const key = "ssh-ed25519 AAAAC3 osbench";
const ports = { shell: "org.osbench.shell", stderr: "org.osbench.stderr" };

function access(ssh: object) {
  const versions = [{ version: "1", disk: "a.raw" }];
  return imageManifest.parse({ image: "a", title: "t", architectures: ["x86_64"], versions, access: { ssh } }).access;
}

test("a key goes the ways that were named, each with its own mark; by default by credential alone", () => {
  expect(accessSeeds(access({}), key)).toEqual({});
  expect(accessCredentials(access({}), ports, key).map(({ name }) => name)).toContain("ssh.authorized_keys.root");
  const seeds = accessSeeds(access({ user: "core", by: ["nocloud", "ignition"] }), key);
  expect(parse(seeds.noCloud?.["user-data"] ?? "")).toMatchObject({
    users: [{ name: "core", ssh_authorized_keys: ["ssh-ed25519 AAAAC3 osbench-by-nocloud"], sudo: "ALL=(ALL) NOPASSWD:ALL" }],
  });
  expect(seeds.noCloud?.["user-data"]).toMatch(/^#cloud-config\n/);
  expect(seeds.noCloud?.["meta-data"]).toMatch(/^instance-id: /);
  expect(JSON.parse(seeds.ignition ?? "")).toEqual({
    ignition: { version: "3.0.0" },
    passwd: { users: [{ name: "core", sshAuthorizedKeys: ["ssh-ed25519 AAAAC3 osbench-by-ignition"] }] },
  });
  expect(accessCredentials(access({ by: ["nocloud"] }), ports, key).map(({ name }) => name)).not.toContain("ssh.authorized_keys.root");
});

test("a key the image trusts already is brought in no way, unless one is named", () => {
  expect(accessSeeds(access({ key: "id" }), key)).toEqual({});
  expect(accessCredentials(access({ key: "id" }), ports, key).map(({ name }) => name)).not.toContain("ssh.authorized_keys.root");
  expect(accessSeeds(access({ key: "id", by: ["ignition"] }), key).ignition).toContain("osbench-by-ignition");
});
