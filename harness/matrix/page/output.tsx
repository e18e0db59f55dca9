import { useState } from "preact/hooks";
import { size } from "./format.ts";

const longest = 20_000;
const longestFolded = 1200;

interface Props {
  readonly title: string;
  readonly text: string;
  readonly screen?: boolean;
  readonly open?: boolean;
}

/** Text a machine wrote, under a title that folds it. */
export function Output({ title, text, screen = false, open = true }: Props) {
  return (
    <details class="output" open={open}>
      <summary>
        {title} <small>{size(text.length)}</small>
      </summary>
      <Terminal text={text} screen={screen} label={title} />
    </details>
  );
}

/** Shows the end of a long text, or its beginning when it is one long line, and the rest when asked. */
export function Terminal({ text, label, screen = false }: { text: string; label: string; screen?: boolean }) {
  const [all, setAll] = useState(false);
  const whole = text.trimEnd() || "(empty)";
  const encoded = /^[\w+/=-]{400,}$/.test(whole);
  const most = encoded ? 160 : longest;
  const cut = !all && whole.length > most;
  const shown = !cut ? whole : encoded ? `${whole.slice(0, most)}…` : `…${whole.slice(-longest)}`;
  return (
    <>
      <pre
        class={screen ? "terminal screen" : "terminal"}
        tabIndex={shown.length > longestFolded ? 0 : undefined}
        role="region"
        aria-label={label}
      >
        {shown}
      </pre>
      {cut && (
        <button class="link" onClick={() => setAll(true)}>
          Show all {size(whole.length)}
          {encoded && " of what looks encoded"}
        </button>
      )}
    </>
  );
}
