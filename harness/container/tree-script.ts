import type { RootTree } from "../model/tree.ts";
import { quote } from "../shell/quote.ts";

/** The script that lays a tree, in words of tree.sh (whose path it is given), for users numbered from `first` on. Pure. */
export function treeScript(tree: RootTree, functions: string, first: number | undefined): string {
  const lines = [`first=${first ?? ""}`, `. ${quote(functions)}`];
  if (tree.kind === "folder") lines.push(`folder ${quote(tree.folder)}`);
  else {
    lines.push(`disk=${quote(tree.file)}`, `mkdir -p "$workspace/root"`, `stretch ${tree.root.offset} ${tree.root.size} "$workspace/root"`);
    for (const { offset, size, guid, label } of tree.partitions) lines.push(`partition ${offset} ${size} ${quote(guid)} ${quote(label)}`);
    lines.push("fstab");
  }
  return `${lines.join("\n")}\n`;
}
