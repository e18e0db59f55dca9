import { requireContainers } from "../../container/needs.ts";
import { assertTreeOf, imageTree } from "../../image/image-tree.ts";
import { accessCredentials } from "../../image/inject.ts";
import { InputError } from "../../model/errors.ts";
import { shellPorts } from "../../shell/channel-shell.ts";
import type { Kind } from "./kind.ts";

/** A system container: an image's root tree on the host's own kernel. */
export const container: Kind = {
  emulated: false,
  misfit: () => undefined,
  async check(image, target) {
    await assertTreeOf(image, target.arch);
  },
  async stand(tools, target) {
    await requireContainers(tools, target.container.users);
    return { accelerator: "native", why: "the host's own kernel and processor", firmware: undefined };
  },
  async fits(image, tools, target) {
    try {
      await imageTree(image, { tools, arch: target.arch, digest: image.digest });
      return undefined;
    } catch (error) {
      if (error instanceof InputError && error.code === "OSB_NO_TREE") return `root tree: ${error.problems[0]?.what}`;
      throw error;
    }
  },
  async open({ image, target, tools }, { version, publicKey, evidenceFolder, signal }) {
    const tree = await imageTree(image, { tools, arch: target.arch, digest: image.digest, signal }, version);
    // The shell is opened from outside: the guest need not bring one.
    const credentials = accessCredentials({ ...image.manifest.access, shell: "none" }, shellPorts, publicKey);
    const { openContainer } = await import("../../container/open.ts");
    return await openContainer({ target, tools, tree, credentials, ports: shellPorts, evidenceFolder });
  },
};
