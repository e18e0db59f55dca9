import type { MatrixDocument } from "../document.ts";
import { renderMarkdown } from "../markdown.ts";

/** Markdown of a matrix too large for tables: the counts, what broke as far as `cells` names it, and where the rest stands. */
export function largeMarkdown(matrix: MatrixDocument, cells: number): string {
  const said = renderMarkdown({ ...matrix, columns: [], suites: [] });
  const note = `> [!NOTE]\n> ${cells} cells are too many for a table: \`index.html\` and \`matrix.json\` beside this file have all of them. The failures and errors below are the first ${matrix.cells.length}.`;
  return said.replace(/^.* cells: /m, `${cells} cells: `).replace("\n\n", `\n\n${note}\n\n`);
}
