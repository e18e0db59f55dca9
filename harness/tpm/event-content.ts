import { Cursor, EventLogError } from "./cursor.ts";
import { devicePathText } from "./device-path.ts";
import type { LogEvent } from "./eventlog.ts";

/** What the data of an event says, for the kinds people ask about; everything else is `raw`. Addresses and sizes are in bytes. */
export type EventContent =
  | { readonly kind: "spec-id" }
  | { readonly kind: "startup-locality"; readonly locality: number }
  | { readonly kind: "variable"; readonly name: string; readonly guid: string; readonly data: Uint8Array }
  | { readonly kind: "program"; readonly path: string; readonly address: bigint; readonly length: bigint }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "separator"; readonly failed: boolean }
  | { readonly kind: "blob"; readonly name: string | undefined; readonly address: bigint; readonly length: bigint }
  | { readonly kind: "gpt"; readonly disk: string; readonly partitions: readonly GptEventPartition[] }
  | { readonly kind: "tables"; readonly guids: readonly string[] }
  | { readonly kind: "tagged"; readonly id: number; readonly data: Uint8Array }
  | { readonly kind: "raw"; readonly data: Uint8Array };

export interface GptEventPartition {
  readonly type: string;
  readonly guid: string;
  readonly name: string;
  readonly firstLba: bigint;
  readonly lastLba: bigint;
}

type Decoder = (event: LogEvent) => EventContent;

const variable: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  const guid = cursor.guid("vendor GUID");
  const nameLength = cursor.count("length of the variable's name");
  const dataLength = cursor.count("length of the variable's data");
  const name = Buffer.from(cursor.take(nameLength * 2, "variable name")).toString("utf16le");
  const data = cursor.take(dataLength, "variable data");
  return { kind: "variable", name, guid, data };
};

const program: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  const address = cursor.u64("address of the image");
  const length = cursor.u64("length of the image");
  cursor.u64("link-time address");
  const pathLength = cursor.count("length of the device path");
  const at = cursor.offset;
  return { kind: "program", address, length, path: devicePathText(new Cursor(cursor.take(pathLength, "device path"), at)) };
};

const blob: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  return { kind: "blob", name: undefined, address: cursor.u64("address of the blob"), length: cursor.u64("length of the blob") };
};

const namedBlob: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  const name = plainText(cursor.take(cursor.u8("length of the description"), "description"));
  return { kind: "blob", name, address: cursor.u64("address of the blob"), length: cursor.u64("length of the blob") };
};

/** POST codes are text (`ACPI DATA`) on some firmware and a blob on others (section 10.4.1). */
const postCode: Decoder = (event) => {
  const text = plainText(event.data);
  return text !== undefined ? { kind: "text", text } : event.data.length === 16 ? blob(event) : namedBlob(event);
};

const gpt: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  cursor.take(56, "GPT header");
  const disk = cursor.guid("disk GUID");
  cursor.take(12, "GPT header");
  const entrySize = cursor.u32("size of a partition entry");
  if (entrySize < 128) cursor.fail(`partition entries of ${entrySize} bytes, the least is 128`, cursor.offset - 4);
  cursor.u32("checksum of the partition entries");
  const count = cursor.count("number of partitions");
  const partitions: GptEventPartition[] = [];
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const entry = new Cursor(cursor.take(entrySize, "partition entry"), at);
    const type = entry.guid("partition type");
    const guid = entry.guid("partition GUID");
    const firstLba = entry.u64("first LBA");
    const lastLba = entry.u64("last LBA");
    entry.u64("attributes");
    const name = Buffer.from(entry.take(72, "partition name")).toString("utf16le").replace(/\0.*$/s, "");
    partitions.push({ type, guid, name, firstLba, lastLba });
  }
  return { kind: "gpt", disk, partitions };
};

function tables(cursor: Cursor): EventContent {
  const count = cursor.count("number of tables");
  const guids: string[] = [];
  for (let i = 0; i < count; i++) {
    guids.push(cursor.guid("table GUID"));
    cursor.u64("address of the table");
  }
  return { kind: "tables", guids };
}

const tagged: Decoder = (event) => {
  const cursor = new Cursor(event.data, event.dataOffset);
  const id = cursor.u32("event id");
  return { kind: "tagged", id, data: cursor.take(cursor.u32("length of the tagged data"), "tagged data") };
};

const separator: Decoder = (event) => {
  if (event.data.length === 4) {
    const value = new Cursor(event.data, event.dataOffset).u32("separator");
    if (value === 0 || value === 0xffffffff) return { kind: "separator", failed: false };
    if (value === 1) return { kind: "separator", failed: true };
  }
  return textual(event);
};

const remark: Decoder = (event) => {
  const signature = Buffer.from(event.data.subarray(0, 16)).toString("latin1");
  if (signature.startsWith("Spec ID Event")) return { kind: "spec-id" };
  const locality = event.data[16];
  if (signature === "StartupLocality\0" && locality !== undefined) return { kind: "startup-locality", locality };
  return textual(event);
};

const textual: Decoder = (event) => {
  const text = plainText(event.data);
  return text === undefined ? { kind: "raw", data: event.data } : { kind: "text", text };
};

const decoders: Readonly<Record<string, Decoder>> = {
  EV_POST_CODE: postCode,
  EV_POST_CODE2: postCode,
  EV_NO_ACTION: remark,
  EV_SEPARATOR: separator,
  EV_EVENT_TAG: tagged,
  EV_EFI_VARIABLE_DRIVER_CONFIG: variable,
  EV_EFI_VARIABLE_BOOT: variable,
  EV_EFI_VARIABLE_BOOT2: variable,
  EV_EFI_VARIABLE_AUTHORITY: variable,
  EV_EFI_BOOT_SERVICES_APPLICATION: program,
  EV_EFI_BOOT_SERVICES_DRIVER: program,
  EV_EFI_RUNTIME_SERVICES_DRIVER: program,
  EV_EFI_GPT_EVENT: gpt,
  EV_EFI_GPT_EVENT2: gpt,
  EV_EFI_PLATFORM_FIRMWARE_BLOB: blob,
  EV_EFI_PLATFORM_FIRMWARE_BLOB2: namedBlob,
  EV_EFI_HANDOFF_TABLES: (event) => tables(new Cursor(event.data, event.dataOffset)),
  EV_EFI_HANDOFF_TABLES2: (event) => {
    const cursor = new Cursor(event.data, event.dataOffset);
    cursor.take(cursor.u8("length of the description"), "description");
    return tables(cursor);
  },
};

/** Decodes an event's data (Platform Firmware Profile 1.06, section 10.4). Throws EventLogError if the data does not have the form its type demands. */
export function decodeEvent(event: LogEvent): EventContent {
  return (decoders[event.typeName] ?? textual)(event);
}

/**
 * Text if the bytes are nothing but printable text, in ASCII, UTF-8 or UTF-16 (which systemd-stub, GRUB and shim use for EV_IPL), NULs at the end removed;
 * otherwise undefined.
 */
export function plainText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  const printable = (text: string): boolean => /^[^\p{Cc}\p{Cn}\p{Cs}\ufffd]+$/u.test(text.replace(/[\n\t]/g, " "));
  const narrow = Buffer.from(bytes).toString("utf8").replace(/\0+$/, "");
  if (printable(narrow)) return narrow;
  // Some loaders end UTF-16 with a single zero byte, which decoding drops.
  if (bytes.length % 2 === 1 && bytes.at(-1) !== 0) return undefined;
  const wide = Buffer.from(bytes).toString("utf16le").replace(/\0+$/, "");
  const mostlyLatin = bytes.filter((byte, i) => i % 2 === 1 && byte === 0).length * 4 >= bytes.length;
  return mostlyLatin && printable(wide) ? wide : undefined;
}

/** One line about an event: its type and the gist of its data. Says so, instead of throwing, where the data is malformed. */
export function describeEvent(event: LogEvent): string {
  let gist: string;
  try {
    gist = describeContent(decodeEvent(event));
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    gist = `malformed data: ${error.message}`;
  }
  return gist === "" ? event.typeName : `${event.typeName} ${gist}`;
}

function describeContent(content: EventContent): string {
  switch (content.kind) {
    case "variable":
      return `${content.name} (${content.data.length} bytes)`;
    case "program":
      return content.path || `at 0x${content.address.toString(16)}`;
    case "text":
      return JSON.stringify(content.text);
    case "separator":
      return content.failed ? "(an error was measured)" : "";
    case "blob":
      return `${content.name ? `${content.name} ` : ""}${content.length} bytes at 0x${content.address.toString(16)}`;
    case "gpt":
      return `disk ${content.disk}, ${content.partitions.length} partitions`;
    case "tables":
      return content.guids.join(", ");
    case "tagged": {
      const text = plainText(content.data);
      return `0x${content.id.toString(16)}${text === undefined ? "" : ` ${JSON.stringify(text)}`}`;
    }
    case "startup-locality":
      return `startup locality ${content.locality}`;
    case "spec-id":
      return "";
    case "raw":
      return content.data.length === 0 ? "" : `(${content.data.length} bytes)`;
  }
}
