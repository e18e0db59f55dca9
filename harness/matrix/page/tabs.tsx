import type { Change } from "./use-view.ts";
import type { PageName } from "./view.ts";
import { everything, pages, writeView } from "./view.ts";

const names: Record<PageName, string> = { grid: "Results", gate: "Gate", compare: "Compare releases", trends: "Boot times", runs: "Runs" };

export function Tabs({ page, gated, change }: { page: PageName; gated: boolean; change: Change }) {
  return (
    <nav aria-label="Pages" class="tabs">
      {pages
        .filter((name) => name !== "gate" || gated)
        .map((name) => (
          <a
            href={`#${writeView({ ...everything, page: name })}`}
            aria-current={name === page ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              change({ page: name }, "new");
            }}
          >
            {names[name]}
          </a>
        ))}
    </nav>
  );
}
