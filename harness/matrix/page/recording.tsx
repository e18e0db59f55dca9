import { create } from "asciinema-player";
import { useEffect, useRef, useState } from "preact/hooks";
import type { MatrixEvidence } from "../document.ts";
import { size } from "./format.ts";

/** Plays a console recording that travels in the page; names the file of one that does not. */
export function Recording({ evidence, packed }: { evidence: MatrixEvidence; packed: string | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    if (packed === undefined) return;
    let dispose: (() => void) | undefined;
    let gone = false;
    void unpack(packed)
      .then((text) => {
        if (gone || !box.current) return;
        // The poster is the last screen: in a failure that is what a person wants to see first.
        const player = create({ data: text }, box.current, {
          fit: "width",
          idleTimeLimit: 2,
          poster: `npt:${lastTime(text)}`,
          terminalFontFamily: "ui-monospace, monospace",
        });
        dispose = () => player.dispose();
      })
      .catch((error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)));
    return () => {
      gone = true;
      dispose?.();
    };
  }, [packed]);
  return (
    <>
      <h3>Recording: {evidence.name}</h3>
      {packed !== undefined && !trouble && <div class="recording" ref={box} />}
      {trouble && <p class="note">The recording cannot be played: {trouble}</p>}
      {packed === undefined && (
        <p class="note">
          {evidence.problem ? `Not shown: ${evidence.problem}.` : `${size(evidence.bytes)}, too large to travel in this page.`}{" "}
          {evidence.href && <a href={evidence.href}>{evidence.path}</a>}
        </p>
      )}
    </>
  );
}

async function unpack(packed: string): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Seconds from the start to the last event; asciicast 3 counts from the event before, version 2 from the start. */
function lastTime(text: string): number {
  const [head, ...lines] = text.trimEnd().split("\n");
  const relative = (JSON.parse(head!) as { version?: number }).version === 3;
  const times = lines.filter((line) => line.startsWith("[")).map((line) => Number.parseFloat(line.slice(1)));
  return relative ? times.reduce((sum, time) => sum + time, 0) : (times.at(-1) ?? 0);
}
