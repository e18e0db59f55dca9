import type { SiteIndex } from "./site/site-data.ts";
import { dataMark, template } from "./template.ts";

/** The page of a site: the grid in itself, everything else in pieces beside it. */
export async function renderPage(index: SiteIndex): Promise<string> {
  // A guest's output may hold `</script>`; escaped, no text can end the data element.
  const safe = JSON.stringify(index).replaceAll("<", "\\u003c");
  return (await template()).replace(dataMark, () => safe);
}
