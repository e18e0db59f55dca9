import { describe, expect, test } from "vitest";
import { trust } from "./secure-boot.ts";
import { guidBytes, VariableStore } from "./variable-store.ts";

const global = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const database = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/** An empty store as it comes from the factory: a volume's header of 72 bytes, the store's of 28, erased flash. */
function blank(size = 4096): Buffer {
  const flash = Buffer.alloc(size, 0xff).fill(0, 0, 100);
  flash.write("_FVH", 40);
  flash.writeUInt16LE(72, 48);
  guidBytes("aaf32c78-947b-439a-a180-2e144ec37792").copy(flash, 72);
  flash.writeUInt32LE(size - 72, 88);
  return flash;
}

describe("VariableStore", () => {
  test("gives back what was put in, the newest of each name", () => {
    const store = new VariableStore(blank(), "x");
    const one = { name: "Odd", guid: global, attributes: 7, data: Buffer.from([1]) };
    store.set(one);
    store.set({ ...one, guid: database });
    store.set({ ...one, data: Buffer.from("two") });
    const again = new VariableStore(store.bytes, "x");
    expect(again.get("Odd", global)).toMatchObject({ attributes: 7, data: Buffer.from("two") });
    expect(again.get("Odd", database)?.data).toEqual(Buffer.from([1]));
    expect(again.get("Even", global)).toBeUndefined();
  });

  test("says what is no store, and when one is full", () => {
    expect(() => new VariableStore(Buffer.alloc(4096), "vars.fd")).toThrow(
      "vars.fd is no EDK2 variable store: there is no firmware volume",
    );
    expect(() => new VariableStore(blank().subarray(0, 2048), "x")).toThrow("it is cut short");
    const small = new VariableStore(blank(256), "x");
    expect(() => small.set({ name: "Big", guid: global, attributes: 7, data: Buffer.alloc(200) })).toThrow("no room for Big");
  });
});

describe("trust", () => {
  const [mine, yours] = [Buffer.from("my certificate"), Buffer.from("yours")];

  test("makes the first certificate the owner of a machine that has none, and adds to what one trusts already", () => {
    const owned = trust(blank(), [mine], "x");
    const names = (flash: Buffer) =>
      ["PK", "KEK", "db"].map((name) => new VariableStore(flash, "x").get(name, name === "db" ? database : global));
    const [pk, kek, db] = names(owned).map((variable) => Buffer.from(variable?.data ?? []));
    // EFI_SIGNATURE_LIST: type, three sizes, owner, certificate.
    expect(pk?.subarray(0, 28).toString("hex")).toBe(`a159c0a5e494a74a87b5ab155c2bf072${"3a000000"}${"00000000"}${"1e000000"}`);
    expect(pk?.subarray(44).toString()).toBe("my certificate");
    expect([kek, db]).toEqual([pk, pk]);
    const [pkNow, , dbNow] = names(trust(owned, [yours], "x")).map((variable) => Buffer.from(variable?.data ?? []));
    expect(pkNow).toEqual(pk);
    expect(dbNow?.subarray(0, pk?.length)).toEqual(pk);
    expect(dbNow?.toString()).toMatch(/yours$/);
  });

  test("leaves a machine alone that shall trust nothing more", () => expect(trust(blank(), [], "x")).toEqual(blank()));
});
