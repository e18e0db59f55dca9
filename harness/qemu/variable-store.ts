import { HarnessError } from "../model/errors.ts";

/** A UEFI variable as firmware stores it. */
export interface FirmwareVariable {
  readonly name: string;
  /** Namespace, as `8be4df61-93ca-11d2-aa0d-00e098032b8c`. */
  readonly guid: string;
  /** EFI_VARIABLE_… bits (UEFI 2.10, section 8.2). */
  readonly attributes: number;
  readonly data: Uint8Array;
}

const variableStore = "aaf32c78-947b-439a-a180-2e144ec37792";
const headerBytes = 60;
const startId = 0x55aa;
const added = 0x3f;
const deleted = 0x3d;

/**
 * Reads and writes the authenticated variable store that EDK2 keeps in flash, in a copy in memory: this is how a machine comes to the keys its
 * owner would enrol by hand. Source: EDK2, MdeModulePkg/Include/Guid/VariableFormat.h; the volume around it: UEFI PI 1.8, volume 3, section 3.2.1.
 * Throws HarnessError `OSB_VARIABLE_STORE` for bytes that hold no such store.
 */
export class VariableStore {
  readonly bytes: Buffer;
  readonly #first: number;
  readonly #end: number;

  constructor(flash: Uint8Array, name: string) {
    this.bytes = Buffer.from(flash);
    const bad = (what: string) => new HarnessError("OSB_VARIABLE_STORE", `${name} is no EDK2 variable store: ${what}`);
    if (this.bytes.length < 128 || this.bytes.toString("latin1", 40, 44) !== "_FVH") throw bad("there is no firmware volume");
    const store = this.bytes.readUInt16LE(48);
    if (readGuid(this.bytes, store) !== variableStore) throw bad("its variables are not of the authenticated kind");
    this.#first = store + 28;
    this.#end = store + this.bytes.readUInt32LE(store + 16);
    if (this.#end > this.bytes.length) throw bad("it is cut short");
  }

  get(name: string, guid: string): FirmwareVariable | undefined {
    for (const variable of this.#variables())
      if (variable.state === added && variable.name === name && variable.guid === guid) return variable;
    return undefined;
  }

  /** Puts the variable in place of one of the same name. Throws HarnessError when the store is full. */
  set(variable: FirmwareVariable): void {
    let free = this.#first;
    for (const old of this.#variables()) {
      free = old.next;
      if (old.state === added && old.name === variable.name && old.guid === variable.guid) this.bytes[old.offset + 2] = deleted;
    }
    const name = Buffer.from(`${variable.name}\0`, "utf16le");
    if (free + headerBytes + name.length + variable.data.length > this.#end)
      throw new HarnessError("OSB_VARIABLE_STORE", `the variable store has no room for ${variable.name} (${variable.data.length} bytes)`);
    const header = this.bytes.subarray(free, free + headerBytes).fill(0);
    header.writeUInt16LE(startId, 0);
    header[2] = added;
    header.writeUInt32LE(variable.attributes, 4);
    // Any moment will do, but one: an update signed later must be newer.
    header.set([0xd0, 0x07, 1, 1], 16);
    header.writeUInt32LE(name.length, 36);
    header.writeUInt32LE(variable.data.length, 40);
    writeGuid(header, 44, variable.guid);
    name.copy(this.bytes, free + headerBytes);
    this.bytes.set(variable.data, free + headerBytes + name.length);
  }

  *#variables(): Generator<FirmwareVariable & { readonly offset: number; readonly state: number; readonly next: number }> {
    for (let offset = this.#first; offset + headerBytes <= this.#end && this.bytes.readUInt16LE(offset) === startId;) {
      const nameSize = this.bytes.readUInt32LE(offset + 36);
      const dataSize = this.bytes.readUInt32LE(offset + 40);
      const name = offset + headerBytes;
      const data = name + nameSize;
      const next = (data + dataSize + 3) & ~3;
      yield {
        ...{ offset, next, state: this.bytes[offset + 2] as number, attributes: this.bytes.readUInt32LE(offset + 4) },
        ...{ guid: readGuid(this.bytes, offset + 44), name: this.bytes.toString("utf16le", name, data - 2) },
        data: this.bytes.subarray(data, data + dataSize),
      };
      offset = next;
    }
  }
}

/** EFI_GUID: its first three fields stand in the machine's order of bytes, the rest as written. */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

function writeGuid(bytes: Buffer, offset: number, guid: string): void {
  guidBytes(guid).copy(bytes, offset);
}

function readGuid(bytes: Buffer, offset: number): string {
  const hex = guidBytes(bytes.toString("hex", offset, offset + 16)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
