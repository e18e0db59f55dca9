import { useState } from "preact/hooks";
import type { Story } from "../site/site-data.ts";
import { Missing, useText } from "./use-piece.tsx";

/** The suite's own text, the test's part of it, with a sign at every line that ran. `lines` says of a line whether it held. */
export function Source({ story, lines }: { story: Story; lines: ReadonlyMap<number, boolean> }) {
  const text = useText(story.source);
  const [all, setAll] = useState(false);
  const file = story.record?.suite.file ?? "";
  if (story.source === undefined)
    return (
      <p class="note">
        The text of <code>{file}</code> as it was run was not at hand when this page was made.
      </p>
    );
  if (text.state === "gone") return <Missing what={`The text of ${file}`} why={text.why} />;
  if (text.state === "loading") return <p class="note">Loading…</p>;
  const source = text.value.split("\n");
  const [first, last] = all ? [1, source.length] : partOf(source, story.record?.test ?? "", [...lines.keys()]);
  return (
    <figure class="source">
      <figcaption>
        <code>{file}</code>
        {!all && (
          <button class="link" onClick={() => setAll(true)}>
            whole file
          </button>
        )}
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={`${file}, lines ${first} to ${last}`}>
        {source.slice(first - 1, last).map((line, index) => {
          const number = first + index;
          const held = lines.get(number);
          return (
            <span class={held === undefined ? "line" : held ? "line held" : "line broke"}>
              <i>{number}</i>
              <b>
                {held === undefined ? " " : held ? "✓" : "✗"}
                {held !== undefined && <span class="unseen">{held ? " held: " : " failed: "}</span>}
              </b>
              {line}
              {"\n"}
            </span>
          );
        })}
      </pre>
    </figure>
  );
}

/** The lines of one test: from its name to the next one's, or around the lines that ran. */
export function partOf(source: readonly string[], test: string, ran: readonly number[]): [first: number, last: number] {
  const begins = source.flatMap((line, index) => (/^\s*- test:/.test(line) ? [index + 1] : []));
  const named = begins.find((line) => unquoted(source[line - 1]!.replace(/^\s*- test:\s*/, "")) === test);
  const around = named ?? begins.filter((line) => line <= Math.min(...ran)).at(-1);
  if (around === undefined) return [1, Math.min(source.length, 40)];
  const end = begins.find((line) => line > around) ?? source.length + 1;
  let last = end - 1;
  while (last > around && /^\s*(?:#.*)?$/.test(source[last - 1]!)) last--;
  return [around, last];
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
