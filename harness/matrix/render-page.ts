import type { MatrixDocument } from "./document.ts";
import type { Recordings } from "./recordings.ts";
import { dataMark, template } from "./template.ts";

/** What the page reads from its own data element. */
export interface PageData {
  readonly matrix: MatrixDocument;
  readonly recordings: Recordings;
}

/** The matrix as one self-contained HTML file. */
export async function renderPage(matrix: MatrixDocument, recordings: Recordings): Promise<string> {
  const data: PageData = { matrix, recordings };
  // A guest's output may hold `</script>`; escaped, no text can end the data element.
  const safe = JSON.stringify(data).replaceAll("<", "\\u003c");
  return (await template()).replace(dataMark, () => safe);
}
