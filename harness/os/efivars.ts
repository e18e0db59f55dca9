import { HarnessError } from "../model/errors.ts";

/** systemd-boot's vendor GUID. Source: systemd.io/BOOT_LOADER_INTERFACE. */
const loaderGuid = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

const attributeBytes = 4;

/** Shell script that prints each of the loader's EFI variables that exist as `NAME BASE64`. */
export function readLoaderVariables(names: readonly string[]): string {
  return `for v in ${names.join(" ")}; do
  f=/sys/firmware/efi/efivars/$v-${loaderGuid}
  if [ -e "$f" ]; then printf '%s ' "$v"; base64 -w0 <"$f" || exit 1; echo; fi
done`;
}

/**
 * Decodes what `readLoaderVariables` printed: variable name to text. efivarfs puts 4 bytes of attributes before the value; the value is
 * NUL-terminated UTF-16LE. A variable that does not exist is absent.
 */
export function parseLoaderVariables(output: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of output.split("\n")) {
    if (line === "") continue;
    const [name, base64, ...rest] = line.split(" ");
    const bytes = Buffer.from(base64 ?? "", "base64");
    if (!name || rest.length > 0 || bytes.length < attributeBytes || bytes.length % 2 !== 0) {
      throw new HarnessError(
        "OSB_OS_EFIVAR",
        `reading the boot loader's EFI variables: ${JSON.stringify(line)} is not a name and a UTF-16 value`,
      );
    }
    variables.set(name, bytes.subarray(attributeBytes).toString("utf16le").replace(/\0+$/, ""));
  }
  return variables;
}
