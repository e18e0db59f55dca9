import { expect, test } from "vitest";
import { mediaArguments, networkBootOptions } from "./media.ts";

test("an ISO lies in an optical drive that cannot be written, and is started from before any disk", () => {
  const words = mediaArguments({ discs: ["/a.iso"] }, "pci").join(" ");
  expect(words).toContain("virtio-scsi-pci,id=optical");
  expect(words).toContain("node-name=disc0,driver=raw,read-only=on,file.driver=file,file.filename=/a.iso");
  expect(words).toContain("scsi-cd,bus=optical.0,drive=disc0,bootindex=0");
});

test("a kernel is handed over with its command line, and with an initrd only if it has one", () => {
  const kernel = { file: "/k", commandLine: "console=ttyS0 quiet" };
  expect(mediaArguments({ discs: [], kernel }, "pci")).toEqual(["-kernel", "/k", "-append", "console=ttyS0 quiet"]);
  expect(mediaArguments({ discs: [], kernel: { ...kernel, initrd: "/i" } }, "pci")).toEqual(expect.arrayContaining(["-initrd", "/i"]));
});

test("a network boot is answered by the protocol that was named, and the firmware tries no other", () => {
  const network = { folder: "/tree", file: "boot/x.efi", over: "pxe" } as const;
  expect(networkBootOptions({ discs: [], network })).toEqual(["ipv6=off", "tftp=/tree", "bootfile=boot/x.efi"]);
  const http = { discs: [], network: { ...network, over: "http" as const }, server: "/socket" };
  expect(networkBootOptions(http)).toEqual([
    ...["ipv6=off", "bootfile=http://10.0.2.101/boot/x.efi"],
    "guestfwd=tcp:10.0.2.101:80-cmd:socat STDIO UNIX-CONNECT:/socket",
  ]);
  expect(networkBootOptions({ discs: [] })).toEqual([]);
  const switchedOff = (words: string[]) => words.flatMap((word) => /opt\/org\.tianocore\/(\w+),string=n/.exec(word)?.[1] ?? []);
  expect(switchedOff(mediaArguments({ discs: [], network }, "pci"))).toEqual(["IPv6PXESupport"]);
  expect(switchedOff(mediaArguments(http, "pci"))).toEqual(["IPv6PXESupport", "IPv4PXESupport"]);
});

test("seeds are a disk that cannot be written, which nothing is started from, and files of fw_cfg", () => {
  const words = mediaArguments({ discs: [], noCloud: "/seed", ignition: "/i.json" }, "device").join(" ");
  expect(words).toContain("node-name=cidata,driver=raw,read-only=on,file.driver=file,file.filename=/seed");
  expect(words).toContain("virtio-blk-device,drive=cidata,serial=cidata");
  expect(words).not.toContain("bootindex");
  expect(words).toContain("-fw_cfg name=opt/com.coreos/config,file=/i.json");
});
