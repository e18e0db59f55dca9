import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { matchVersion, parseTransfers, readTransfers } from "./transfers.ts";

const uki = `[Transfer]
ProtectVersion=%A

[Source]
Type=url-file
MatchPattern=osb_@v.efi

[Target]
Type=regular-file
Path=/EFI/Linux
PathRelativeTo=esp
# A comment
MatchPattern=osb_@v+@l-@d.efi osb_@v+@l.efi \\
   osb_@v.efi
InstancesMax=2
`;

test("the target's patterns are read, not the source's", () => {
  const [transfer] = parseTransfers(`\u001e/usr/lib/sysupdate.d/60-uki.transfer\n${uki}`);
  expect(transfer).toEqual({
    file: "/usr/lib/sysupdate.d/60-uki.transfer",
    target: { type: "regular-file", path: "/EFI/Linux", relativeTo: "esp", patterns: ["osb_@v+@l-@d.efi", "osb_@v+@l.efi", "osb_@v.efi"] },
  });
});

test("of two files with one name the first folder's wins, as in systemd", () => {
  const both = `\u001e/etc/sysupdate.d/60-uki.transfer\n[Target]\nMatchPattern=mine_@v\n\u001e/usr/lib/sysupdate.d/60-uki.transfer\n${uki}`;
  expect(parseTransfers(both).map(({ target }) => target.patterns)).toEqual([["mine_@v"]]);
});

test("the script that reads them is valid sh and finds nothing where there is nothing", () => {
  expect(execFileSync("sh", ["-c", readTransfers.replaceAll(/\/(etc|run|usr)\S*sysupdate.d/g, "/nonexistent")], { encoding: "utf8" })).toBe(
    "",
  );
});

test("versions are found where the pattern has them, and nowhere else", () => {
  expect(matchVersion(["osb_@v"], "osb_2")).toBe("2");
  expect(matchVersion(["osb_@v"], "osb_2.1~rc1")).toBe("2.1~rc1");
  expect(matchVersion(["osb_@v"], "_empty")).toBeUndefined();
  expect(matchVersion(["osb_@v"], "osb_")).toBeUndefined();
  expect(matchVersion(["osb_@v.efi"], "osb_2xefi")).toBeUndefined();
  expect(matchVersion(["osb_@v_@u.root"], "osb_7_8484680c-9521-48c6-9c11-b0720656f69e.root")).toBe("7");
  expect(matchVersion(["osb_@v+@l-@d.efi"], "osb_2+3-0.efi")).toBe("2");
  expect(matchVersion(["osb_@q@v"], "osb_x2")).toBeUndefined();
});

test("the reference image's own transfers are understood", () => {
  const read = (name: string) =>
    `\u001e${name}\n${readFileSync(new URL(`../../images/debian-ab/mkosi.extra/usr/lib/sysupdate.d/${name}`, import.meta.url), "utf8")}`;
  const [root, entry] = parseTransfers(read("50-root.transfer") + read("60-uki.transfer"));
  expect(root!.target).toMatchObject({ type: "partition", patterns: ["osb_@v"] });
  expect(entry!.target).toMatchObject({ type: "regular-file", path: "/EFI/Linux" });
});
