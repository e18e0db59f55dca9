import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ToolsPlace } from "../model/context.ts";
import type { Credential } from "../model/credential.ts";
import type { TargetManifest } from "../model/target.ts";
import type { RootTree } from "../model/tree.ts";
import { quote } from "../shell/quote.ts";
import { makeWorkspace } from "../host/workspace.ts";
import { capabilitiesOf, nspawnArgv } from "./argv.ts";
import { ContainerHardware, type ContainerParts } from "./hardware.ts";
import { treeScript } from "./tree-script.ts";
import { someUsers } from "./users.ts";

export interface ContainerRequest {
  readonly target: TargetManifest;
  readonly tools: ToolsPlace;
  readonly tree: RootTree;
  readonly credentials: readonly Credential[];
  readonly ports: ContainerParts["ports"];
  readonly evidenceFolder: string;
}

/** Makes a container of a root tree, switched off. The tree is never written: what the container writes lies in the workspace. */
export async function openContainer({
  target,
  tools,
  tree,
  credentials,
  ports,
  evidenceFolder,
}: ContainerRequest): Promise<ContainerHardware> {
  const workspace = await makeWorkspace("vm");
  const inside = (name: string) => join(workspace, name);
  const release = () => rm(workspace, { recursive: true, force: true });
  try {
    await mkdir(inside("credentials"), { mode: 0o700 });
    const files: Record<string, string> = {};
    for (const { name, value } of credentials) {
      files[name] = inside(`credentials/${name}`);
      await writeFile(files[name], value, { mode: 0o600 });
    }
    const first = target.container.users === "own" ? someUsers() : undefined;
    const argv = nspawnArgv({
      firstUser: first,
      // As a host name may be, and so as a machine of systemd's may.
      name: basename(workspace)
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, "")
        .replace(/-$/, "0"),
      uuid: crypto.randomUUID(),
      root: inside("root"),
      credentials: files,
      extra: target.container,
    });
    await writeFile(inside("tree.sh"), treeScript(tree, join(import.meta.dirname, "tree.sh"), first));
    // systemd's ENVIRONMENT.md: nothing else leaves these writable.
    const open = target.container["writable-kernel"] ? "SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 " : "";
    await writeFile(inside("start.sh"), `${open}exec ${argv.map(quote).join(" ")}\n`);
    const group = `osbench-${process.pid}-${basename(workspace).slice(-6)}`;
    return new ContainerHardware({
      tools,
      group,
      workspace,
      evidenceFolder,
      argv,
      ports,
      release,
      capabilities: capabilitiesOf(target.container),
    });
  } catch (error) {
    await release();
    throw error;
  }
}
