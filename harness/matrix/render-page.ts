import type { SiteIndex } from "./site/site-data.ts";
import { dataMark, template } from "./template.ts";

/** The page of a site: the grid in itself, everything else in pieces beside it. `index` is JSON of all of a SiteIndex but `data`. */
export async function renderPage(index: string, data: SiteIndex["data"]): Promise<string> {
  const whole = `${index.slice(0, -1)},"data":${JSON.stringify(data)}}`;
  // A guest's output may hold `</script>`; escaped, no text can end the data element.
  const safe = whole.replaceAll("<", "\\u003c");
  return (await template()).replace(dataMark, () => safe);
}
