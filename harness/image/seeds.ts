import { keyWaysOf, type ImageManifest } from "../model/image.ts";
import type { Seeds } from "../model/media.ts";

/** What an image's access asks for beside credentials. The same input gives the same bytes. */
export function accessSeeds(access: ImageManifest["access"], publicKey: string): Seeds {
  const ways = keyWaysOf(access);
  const user = access.ssh?.user ?? "root";
  return {
    ...(ways.includes("nocloud") && { noCloud: noCloud(user, markedKey(publicKey, "nocloud")) }),
    ...(ways.includes("ignition") && { ignition: ignition(user, markedKey(publicKey, "ignition")) }),
  };
}

/** The key with a comment that says how it was brought: in the guest this tells which way it came. */
function markedKey(publicKey: string, way: string): string {
  return `${publicKey.trim().split(" ").slice(0, 2).join(" ")} ${keyMark(way)}`;
}

export function keyMark(way: string): string {
  return `osbench-by-${way}`;
}

function noCloud(user: string, key: string): Record<string, string> {
  const rights = user === "root" ? [] : ["    sudo: ALL=(ALL) NOPASSWD:ALL", "    lock_passwd: true"];
  const lines = [
    "#cloud-config",
    "disable_root: false",
    "users:",
    `  - name: ${user}`,
    ...rights,
    "    ssh_authorized_keys:",
    `      - ${key}`,
  ];
  return { "user-data": `${lines.join("\n")}\n`, "meta-data": "instance-id: osbench\n" };
}

function ignition(user: string, key: string): string {
  return JSON.stringify({ ignition: { version: "3.0.0" }, passwd: { users: [{ name: user, sshAuthorizedKeys: [key] }] } });
}
