import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../model/errors.ts";
import type { Image } from "../model/image.ts";
import { makeKeyPair, readKeyPair } from "../ssh/ssh-shell.ts";

/** The key that logs in: the one the image's manifest names, or one made for this machine. Throws InputError for a file that is no private key. */
export async function keyPairOf({ folder, name, manifest }: Image): Promise<{ privateKey: string; publicKey: string }> {
  const { key } = manifest.access.ssh ?? {};
  if (key === undefined) return makeKeyPair("osbench");
  const file = resolve(folder, key);
  const pair = readKeyPair(await readFile(file, "utf8").catch(() => ""));
  if (pair) return pair;
  const what = `the SSH key of image ${name} is no private key without a passphrase, or cannot be read`;
  throw new InputError([{ at: { file }, what, remedy: "Give one as ssh-keygen -N '' writes it." }]);
}
