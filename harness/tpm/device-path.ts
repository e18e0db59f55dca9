import { Cursor } from "./cursor.ts";

type NodeText = (node: Cursor) => string;

const hexNumber = (value: number | bigint): string => `0x${value.toString(16)}`;

/** `PNP0A03`-style id out of a compressed EISA id. */
function eisa(id: number): string {
  const letter = (shift: number): string => String.fromCharCode(0x40 + ((id >> shift) & 0x1f));
  return letter(10) + letter(5) + letter(0) + (id >>> 16).toString(16).padStart(4, "0").toUpperCase();
}

function acpi(node: Cursor): string {
  const name = eisa(node.u32("HID"));
  const uid = node.u32("UID");
  return name === "PNP0A03"
    ? `PciRoot(${hexNumber(uid)})`
    : name === "PNP0A08"
      ? `PcieRoot(${hexNumber(uid)})`
      : `Acpi(${name},${hexNumber(uid)})`;
}

function hardDrive(node: Cursor): string {
  const partition = node.u32("partition number");
  const start = node.u64("partition start");
  const size = node.u64("partition size");
  const signature = new Cursor(node.take(16, "partition signature"), node.offset - 16);
  node.u8("partition format");
  const signatureType = node.u8("signature type");
  const id =
    signatureType === 2 ? `GPT,${signature.guid("GUID")}` : signatureType === 1 ? `MBR,${hexNumber(signature.u32("signature"))}` : "none";
  return `HD(${partition},${id},${hexNumber(start)},${hexNumber(size)})`;
}

function utf16(node: Cursor): string {
  return Buffer.from(node.rest()).toString("utf16le").replace(/\0+$/, "");
}

/** Nodes by `type/subtype` (UEFI 2.10, section 10.3); text as section 10.6.1.6 spells it. */
const nodes: ReadonlyMap<string, NodeText> = new Map<string, NodeText>([
  ["1/1", (n) => ((f): string => `Pci(${hexNumber(n.u8("device"))},${hexNumber(f)})`)(n.u8("function"))],
  ["1/3", (n) => `MemoryMapped(${hexNumber(n.u32("type"))},${hexNumber(n.u64("start"))},${hexNumber(n.u64("end"))})`],
  ["1/4", (n) => `VenHw(${n.guid("vendor GUID")})`],
  ["2/1", acpi],
  ["3/1", (n) => ((primary, slave, lun): string => `Ata(${primary},${slave},${lun})`)(n.u8("channel"), n.u8("device"), n.u16("LUN"))],
  ["3/2", (n) => `Scsi(${hexNumber(n.u16("target"))},${hexNumber(n.u16("LUN"))})`],
  ["3/5", (n) => `USB(${hexNumber(n.u8("port"))},${hexNumber(n.u8("interface"))})`],
  ["3/10", (n) => `VenMsg(${n.guid("vendor GUID")})`],
  ["3/11", (n) => `MAC(${Buffer.from(n.take(32, "address").subarray(0, 6)).toString("hex")},${hexNumber(n.u8("type"))})`],
  ["3/12", (n) => (n.take(4, "local address"), `IPv4(${[...n.take(4, "remote address")].join(".")})`)],
  ["3/13", (n) => (n.take(16, "local address"), `IPv6(${Buffer.from(n.take(16, "remote address")).toString("hex")})`)],
  ["3/18", (n) => `Sata(${hexNumber(n.u16("port"))},${hexNumber(n.u16("multiplier"))},${hexNumber(n.u16("LUN"))})`],
  ["3/23", (n) => `NVMe(${hexNumber(n.u32("namespace"))},${Buffer.from(n.take(8, "EUI")).reverse().toString("hex")})`],
  ["3/24", (n) => `Uri(${Buffer.from(n.rest()).toString("latin1")})`],
  ["3/26", (n) => `SD(${hexNumber(n.u8("slot"))})`],
  ["3/29", (n) => `eMMC(${hexNumber(n.u8("slot"))})`],
  ["4/1", hardDrive],
  ["4/2", (n) => `CDROM(${hexNumber(n.u32("boot entry"))})`],
  ["4/3", (n) => `VenMedia(${n.guid("vendor GUID")})`],
  ["4/4", utf16],
  ["4/6", (n) => `FvFile(${n.guid("GUID")})`],
  ["4/7", (n) => `Fv(${n.guid("GUID")})`],
  ["4/8", (n) => (n.take(4, "reserved"), `Offset(${hexNumber(n.u64("start"))},${hexNumber(n.u64("end"))})`)],
]);

/**
 * The text of an EFI device path, nodes joined by `/`, e.g. `PciRoot(0x0)/Pci(0x1f,0x2)/Sata(0x0,0xffff,0x0)/HD(1,GPT,…)/\EFI\BOOT\BOOTX64.EFI`.
 * Nodes this harness has no words for appear as `Path(type,subtype,hex)`. Throws EventLogError for a path that runs past its bytes or has no end node.
 */
export function devicePathText(path: Cursor): string {
  const parts: string[] = [];
  while (path.remaining > 0) {
    const at = path.offset;
    const type = path.u8("device path node type");
    const subtype = path.u8("device path node subtype");
    const length = path.u16("device path node length");
    if (length < 4) path.fail(`device path node of ${length} bytes, the least is 4`, at);
    const data = path.take(length - 4, "device path node");
    if (type === 0x7f) {
      if (subtype === 0xff) return parts.join("/");
      parts.push(",");
      continue;
    }
    const text = nodes.get(`${type}/${subtype}`);
    parts.push(text ? text(new Cursor(data, at + 4)) : `Path(${type},${subtype},${Buffer.from(data).toString("hex")})`);
  }
  if (parts.length > 0) path.fail("device path without an end node");
  return "";
}
