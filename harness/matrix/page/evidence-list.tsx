import type { MatrixEvidence } from "../document.ts";
import { size } from "./format.ts";

export function EvidenceList({ evidence }: { evidence: readonly MatrixEvidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <>
      <h3>Evidence</h3>
      <ul class="evidence">
        {evidence.map(({ name, path, href, bytes, sha256, problem }) => (
          <li>
            {href ? <a href={href}>{name}</a> : <span>{name}</span>}
            <span>{size(bytes)}</span>
            <code title={`sha256 ${sha256}`}>{path}</code>
            {problem && <small class="bad">! {problem}</small>}
          </li>
        ))}
      </ul>
    </>
  );
}
