import { useMemo } from "preact/hooks";
import type { TrendPoint, Trends as Series } from "../site/site-data.ts";
import { rank } from "./boots.tsx";
import { Choice } from "./filters.tsx";
import { duration, moment, plural } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { Missing, useJson } from "./use-piece.tsx";
import type { Change } from "./use-view.ts";
import type { View } from "./view.ts";

/** How long boots took, run by run and phase by phase, for each image in each target. */
export function Trends({ matrix, view, change }: { matrix: Matrix; view: View; change: Change }) {
  const trends = useJson<Series>("trends");
  if (trends.state === "loading") return <p class="note">Loading…</p>;
  if (trends.state === "gone") return <Missing what="How long boots took" why={trends.why} />;
  const shown = trends.value.filter(({ column }) => {
    const { image, target } = matrix.columns[column]!;
    return (view.image === "" || image === view.image) && (view.target === "" || target === view.target);
  });
  return (
    <section aria-labelledby="trends">
      <h2 id="trends">Boot times by run</h2>
      <p class="note">Medians of all boots of a run. Each image and target has its own scale: emulated machines are slow.</p>
      <div class="filters">
        <Choice name="Image" all="All images" values={matrix.images} value={view.image} onChoose={(image) => change({ image })} />
        <Choice name="Target" all="All targets" values={matrix.targets} value={view.target} onChoose={(target) => change({ target })} />
      </div>
      {shown.length === 0 && <p class="nothing">No boot was recorded.</p>}
      <div class="trends">
        {shown.map(({ column, points }) => (
          <Trend name={`${matrix.columns[column]!.image} × ${matrix.columns[column]!.target}`} points={points} />
        ))}
      </div>
    </section>
  );
}

const height = 120;

function Trend({ name, points }: { name: string; points: readonly TrendPoint[] }) {
  const phases = useMemo(
    () => [...new Set(points.flatMap((point) => Object.keys(point.phases)))].sort((a, b) => rank(a) - rank(b)),
    [points],
  );
  const last = points.at(-1)!;
  const before = points.at(-2);
  const top = Math.max(...points.map(sum), 1);
  return (
    <figure class="trend">
      <figcaption>
        <b>{name}</b>
        <span>
          {duration(sum(last))} {before && <Difference from={sum(before)} to={sum(last)} />}
        </span>
      </figcaption>
      <div
        class="chart"
        role="img"
        aria-label={`${name}: ${duration(sum(last))} in the last of ${plural(points.length, "run")}; the table below has every number`}
      >
        <span class="scale">{duration(top)}</span>
        {points.map((point) => (
          <div class="bar-of-run" title={titleOf(point, phases)}>
            {[...phases].reverse().map((phase) => (
              <span class={`phase ${phase}`} style={{ height: `${((point.phases[phase] ?? 0) / top) * height}px` }} />
            ))}
          </div>
        ))}
      </div>
      <ul class="phases">
        {phases.map((phase) => (
          <li>
            <i class={`phase ${phase}`} /> {phase} <b>{duration(last.phases[phase] ?? 0)}</b>{" "}
            {before?.phases[phase] !== undefined && <Difference from={before.phases[phase]} to={last.phases[phase] ?? 0} />}
          </li>
        ))}
      </ul>
      <details>
        <summary>{plural(points.length, "run")} in numbers</summary>
        <div class="scroll">
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Version</th>
                <th scope="col">Boots</th>
                {phases.map((phase) => (
                  <th scope="col">{phase}</th>
                ))}
                <th scope="col">Sum</th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map((point) => (
                <tr>
                  <th scope="row">
                    {point.run} <small>{moment(new Date(point.started).toISOString())}</small>
                  </th>
                  <td>{point.version}</td>
                  <td>{point.boots}</td>
                  {phases.map((phase) => (
                    <td>{point.phases[phase] === undefined ? "–" : duration(point.phases[phase])}</td>
                  ))}
                  <td>{duration(sum(point))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Medians of parts do not add up to the median of the whole; the bars show the parts, so their sum is what is said. */
function sum({ phases }: TrendPoint): number {
  return Object.values(phases).reduce((all, ms) => all + ms, 0);
}

function titleOf(point: TrendPoint, phases: readonly string[]): string {
  const parts = phases.flatMap((phase) => (point.phases[phase] === undefined ? [] : [`${phase} ${duration(point.phases[phase])}`]));
  return [
    `${point.run}, version ${point.version}`,
    moment(new Date(point.started).toISOString()),
    plural(point.boots, "boot"),
    ...parts,
  ].join("\n");
}

/** Less than a twentieth is what hosts do on their own. */
function Difference({ from, to }: { from: number; to: number }) {
  if (from === 0) return null;
  const share = (to - from) / from;
  const percent = `${share > 0 ? "+" : "−"}${Math.abs(share * 100).toFixed(0)} %`;
  if (Math.abs(share) < 0.05) return <small class="steady">±0 %</small>;
  return (
    <small class={share > 0 ? "slower" : "faster"}>
      {share > 0 ? "▲" : "▼"} {percent} {share > 0 ? "slower" : "faster"}
    </small>
  );
}
