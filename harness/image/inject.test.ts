import { expect, test } from "vitest";
import { imageManifest } from "../model/image.ts";
import { accessCredentials } from "./inject.ts";

const ports = { shell: "org.example.shell", stderr: "org.example.stderr" };

function credentials(access: object): Record<string, string> {
  const manifest = imageManifest.parse({
    image: "x",
    title: "t",
    architectures: ["x86_64"],
    access,
    versions: [{ version: "1", disk: "d" }],
  });
  return Object.fromEntries(accessCredentials(manifest.access, ports, "ssh-ed25519 KEY").map(({ name, value }) => [name, value]));
}

test("an image that declares no way in is given nothing", () => expect(credentials({ shell: "none" })).toEqual({}));

test("a shell is a unit the system is made to want, on the port its device unit names", () => {
  const given = credentials({ shell: "credential" });
  expect(Object.keys(given)).toEqual(["systemd.extra-unit.osbench-shell.service", "systemd.unit-dropin.multi-user.target"]);
  expect(Object.values(given)[0]).toContain("Wants=dev-virtio\\x2dports-org.example.shell.device ");
});

test("root's SSH key has a credential of its own, another user's is put where sshd looks", () => {
  expect(credentials({ shell: "none", ssh: {} })).toEqual({ "ssh.authorized_keys.root": "ssh-ed25519 KEY\n" });
  expect(credentials({ shell: "none", ssh: { user: "core" } })).toEqual({
    "tmpfiles.extra": "d /home/core/.ssh 0700 core - -\nf+ /home/core/.ssh/authorized_keys 0600 core - - ssh-ed25519 KEY\n",
  });
});
