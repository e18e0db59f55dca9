import { useState } from "preact/hooks";
import type { StoryEvidence } from "../site/site-data.ts";
import { plain, size } from "./format.ts";
import { Terminal } from "./output.tsx";
import { Missing, useText } from "./use-piece.tsx";

/** Every file that proves the outcome, read in place where the site holds it. */
export function EvidenceList({ evidence }: { evidence: readonly StoryEvidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <section aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      <ul class="evidence">
        {evidence.map((entry) => (
          <Entry entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ entry: { name, path, href, bytes, sha256, problem, piece } }: { entry: StoryEvidence }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      {piece === undefined ? (
        href ? (
          <a href={href}>{name}</a>
        ) : (
          <span>{name}</span>
        )
      ) : (
        <button class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {name}
        </button>
      )}
      <small>{size(bytes)}</small>
      <code title={`${path}\nsha256 ${sha256}`}>{sha256.slice(0, 12)}</code>
      {problem && <p class="bad">! {problem}</p>}
      {open && piece !== undefined && <Content piece={piece} name={name} />}
    </li>
  );
}

function Content({ piece, name }: { piece: string; name: string }) {
  const text = useText(piece);
  if (text.state === "loading") return <p class="note">Loading…</p>;
  if (text.state === "gone") return <Missing what={name} why={text.why} />;
  return <Terminal text={plain(text.value)} label={name} />;
}
