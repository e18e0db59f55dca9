import { signaturesFor } from "../diagnosis/signature.ts";
import { SignatureSet } from "../diagnosis/signature-set.ts";
import { hostArchitecture } from "../host/hardware.ts";
import { architectures } from "../model/target.ts";
import { loadArchitecture } from "../qemu/target.ts";
import { loadOnce } from "./assemble.ts";

/** Reads, and lets the engine compile, what any machine will need, before it is known which: for a process that has to wait for that. Never rejects. */
export async function warmMachines(): Promise<void> {
  try {
    const [signatures] = await Promise.all([loadOnce(), ...architectures.map(loadArchitecture)]);
    new SignatureSet(signaturesFor(signatures, hostArchitecture() ?? architectures[0]), "line");
  } catch {
    // Whoever opens a machine meets it again, and says it.
  }
}
