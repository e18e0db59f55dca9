import type { SiteIndex } from "./site/site-data.ts";
import { dataMark, template } from "./template.ts";

/**
 * The page of a site: the grid in itself, everything else in pieces beside it. `index` is JSON of all of a SiteIndex but `data`. In several texts, because
 * the page of a million cells is long enough not to be held twice.
 */
export async function renderPage(index: string, data: SiteIndex["data"]): Promise<readonly string[]> {
  const [head = "", tail = ""] = (await template()).split(dataMark);
  // A guest's output may hold `</script>`; escaped, no text can end the data element.
  return [head, index.slice(0, -1).replaceAll("<", "\\u003c"), `,"data":${JSON.stringify(data)}}`, tail];
}
