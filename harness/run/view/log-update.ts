import type { createLogUpdate } from "log-update";
import { requirePackage } from "../../model/entries.ts";

type LogUpdate = ReturnType<typeof createLogUpdate>;

/** log-update on a stream, read when the first picture is drawn: reading it takes longer than starting a machine should have to wait. */
export function logUpdate(stream: NodeJS.WriteStream): Pick<LogUpdate, "clear" | "done"> & ((text: string) => void) {
  let loaded: LogUpdate | undefined;
  const update = (text: string) => {
    loaded ??= (requirePackage("log-update") as { createLogUpdate: typeof createLogUpdate }).createLogUpdate(stream);
    loaded(text);
  };
  return Object.assign(update, { clear: () => loaded?.clear(), done: () => loaded?.done() });
}
