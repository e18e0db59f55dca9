import type { SiteCertificate } from "../site/site-data.ts";
import { plain, plural, thousands } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { Fact } from "./fact.tsx";

type OfCell = NonNullable<ReturnType<Matrix["certificate"]>>;

/** What a result's certificate is worth, in a few words: hardware only where the certificate holds and the result was made on it. */
export function certificateWords({ is, kind, hardware }: OfCell): string {
  if (is.state === "unchecked") return "not certified: its certificate was not checked";
  if (is.state === "does-not-hold") return "not certified: its certificate does not hold";
  return hardware ? "certified, on hardware" : `certified result of: ${kind}, not of hardware`;
}

/** What does not vouch for anything is said before anybody looks for it. */
export function Uncertified({ matrix }: { matrix: Matrix }) {
  const bad = matrix.index.certificates.filter(({ state }) => state === "does-not-hold");
  if (bad.length === 0) return null;
  return (
    <section class="problems" role="alert" aria-labelledby="uncertified">
      <h2 id="uncertified">
        {bad.length === 1 ? "A certificate does not hold" : `${bad.length} certificates do not hold`}: nothing below is certified by it
      </h2>
      <ul>
        {bad.map((one) => (
          <li>
            <code>{nameOf(one)}</code> {plain(one.problems[0] ?? "")}
            {one.problems.length > 1 && <small> and {plural(one.problems.length - 1, "more reason")}, under Runs</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function nameOf({ run, file }: SiteCertificate): string {
  return run === undefined ? file : `${run}/${file}`;
}

const heads = {
  holds: { symbol: "§", words: "holds", kind: "pass" },
  "does-not-hold": { symbol: "!", words: "does not hold: it certifies nothing", kind: "fail" },
  unchecked: { symbol: "?", words: "not checked: it certifies nothing here", kind: "not-run" },
} as const;

/** One certificate: who signed, what it says, or why it is none. */
export function Certificate({ certificate }: { certificate: SiteCertificate }) {
  const { state, run, file, key, problems, result, notice, counts, files, hardware } = certificate;
  const { symbol, words, kind } = heads[state];
  return (
    <div class="certificate">
      <p>
        <span class={`badge ${kind}`}>
          <span aria-hidden="true">{symbol}</span> {words}
        </span>{" "}
        <b>{run ?? "of a run that is not shown here"}</b> <code>{file}</code>
      </p>
      {state === "unchecked" && <p class="note">No key was given when this page was made, so nobody can say who signed it.</p>}
      {state === "does-not-hold" && (
        <ul class="reasons">
          {problems.map((problem) => (
            <li>{plain(problem)}</li>
          ))}
        </ul>
      )}
      <dl class="facts">
        {key && <Fact name={state === "holds" ? "Signed by key" : "Checked with key"}>{<code>{key}</code>}</Fact>}
        {state === "holds" && (
          <>
            <Fact name="Result">{result}</Fact>
            <Fact name="Hardware">{hardware ? "Every result was made on real hardware." : notice}</Fact>
            <Fact name="Cells">
              {Object.entries(counts ?? {})
                .filter(([, count]) => count > 0)
                .map(([outcome, count]) => `${thousands(count)} ${outcome}`)
                .join(", ")}
            </Fact>
            <Fact name="Covers">{plural(files ?? 0, "file")}, read again when this page was made</Fact>
          </>
        )}
      </dl>
    </div>
  );
}

/** All that were met, in the page about runs. */
export function Certificates({ matrix }: { matrix: Matrix }) {
  const { certificates } = matrix.index;
  if (certificates.length === 0) return null;
  return (
    <section aria-labelledby="certificates">
      <h2 id="certificates">Certificates</h2>
      {certificates.map((certificate) => (
        <Certificate certificate={certificate} />
      ))}
    </section>
  );
}

/** The certificate a cell's result stands under. */
export function CertificateOfCell({ matrix, cell }: { matrix: Matrix; cell: number }) {
  const found = matrix.certificate(cell);
  if (!found) return null;
  return (
    <section aria-labelledby="certificate">
      <h2 id="certificate">Certificate</h2>
      <p>{sentenceOf(matrix, cell, found)}</p>
      <Certificate certificate={found.is} />
    </section>
  );
}

function sentenceOf(matrix: Matrix, cell: number, { is, kind, hardware }: OfCell): string {
  if (is.state !== "holds") return "This result is not certified.";
  const result = `The signer vouches for this result (${matrix.outcome(cell) ?? "missing"})`;
  return hardware ? `${result}, made on real hardware.` : `${result}, made in: ${kind}. It certifies no hardware.`;
}
