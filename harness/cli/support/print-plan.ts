import { requestOf, type RequestFlags } from "../../run/request.ts";
import { previewOf, type Previewed } from "../../run/schedule/preview.ts";
import { planWords } from "../../run/view/plan.ts";
import { painter } from "../../run/view/words.ts";

/** Prints what a run would do. */
export async function printPlan(flags: RequestFlags, json: boolean): Promise<void> {
  showPlan(await previewOf(requestOf(flags)), json);
}

export function showPlan({ preview }: Pick<Previewed, "preview">, json: boolean): void {
  console.log(json ? JSON.stringify(preview, undefined, 2) : planWords(preview, painter(process.stdout)));
}
