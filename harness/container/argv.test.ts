import { expect, test } from "vitest";
import { capabilitiesOf, nspawnArgv, type ContainerSpec } from "./argv.ts";
import { treeScript } from "./tree-script.ts";

const spec: ContainerSpec = {
  name: "m",
  uuid: "u",
  root: "/w/root",
  credentials: { "ssh.authorized_keys.root": "/w/key" },
  firstUser: 1_000_000,
  extra: { users: "own", capabilities: [], binds: [], "writable-kernel": false },
};

test("a container gets nothing of the host, and what its target adds", () => {
  const plain = nspawnArgv(spec);
  expect(plain.slice(0, 5)).toEqual(["systemd-nspawn", "--quiet", "--boot", "--directory=/w/root", "--machine=m"]);
  expect(plain).toContain("--private-network");
  expect(plain).toContain("--drop-capability=CAP_MKNOD");
  expect(plain).toContain("--private-users=1000000:65536");
  expect(plain).toContain("--load-credential=ssh.authorized_keys.root:/w/key");
  expect(plain.filter((word) => /^--(?:bind|capability)/.test(word))).toEqual([]);
  const leaky = nspawnArgv({
    ...spec,
    firstUser: undefined,
    extra: { users: "host", capabilities: ["CAP_MKNOD", "CAP_SYSLOG"], binds: ["/etc:/mnt"], "writable-kernel": false },
  });
  expect(leaky.filter((word) => word.startsWith("--private-users"))).toEqual([]);
  expect(leaky).not.toContain("--drop-capability=CAP_MKNOD");
  expect(leaky.slice(-2)).toEqual(["--capability=CAP_MKNOD,CAP_SYSLOG", "--bind=/etc:/mnt"]);
  expect(capabilitiesOf(spec.extra)).not.toContain("CAP_MKNOD");
  expect(capabilitiesOf({ ...spec.extra, capabilities: ["CAP_SYSLOG"] })).toContain("CAP_SYSLOG");
});

test("a tree's script survives any path", () => {
  expect(treeScript({ kind: "folder", folder: "/a 'b'" }, "/t.sh", undefined)).toBe("first=\n. '/t.sh'\nfolder '/a '\\''b'\\'''\n");
  const partitions = [{ offset: 1, size: 2, guid: "g", label: "a label" }];
  const disk = treeScript({ kind: "disk", file: "/d.raw", root: { offset: 3, size: 4 }, partitions }, "/t.sh", 65536);
  expect(disk.split("\n")[0]).toBe("first=65536");
  expect(disk.split("\n")).toContain("partition 1 2 'g' 'a label'");
  expect(disk).toContain('stretch 3 4 "$workspace/root"');
});
