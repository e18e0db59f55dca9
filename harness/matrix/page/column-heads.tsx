import { kindOfTarget, kindWords } from "../kind-words.ts";
import { shortDigest } from "./format.ts";
import type { Matrix } from "./matrix.ts";

/** Images over their targets. */
export function ColumnHeads({ matrix, columns }: { matrix: Matrix; columns: readonly number[] }) {
  const shown = columns.map((column) => matrix.columns[column]!);
  const images = [...new Set(shown.map((column) => column.image))];
  return (
    <thead>
      <tr>
        <td rowSpan={2} />
        {images.map((image) => {
          const own = shown.filter((column) => column.image === image);
          const versions = new Set(own.map((column) => column.version));
          return (
            <th scope="colgroup" colSpan={own.length} class={own.length <= 2 ? "image narrow" : "image"}>
              <span>
                {breakable(image)} {versions.size === 1 && <small>{own[0]!.version}</small>}
              </span>
            </th>
          );
        })}
      </tr>
      <tr>
        {shown.map(({ image, target, version, digest, environment }, index) => (
          <th
            scope="col"
            class={index === 0 || shown[index - 1]!.image !== image ? "first" : ""}
            title={[
              `${image} × ${target}`,
              version && `version ${version}`,
              digest && shortDigest(digest),
              environment && kindWords[kindOfTarget(environment)],
              environment?.firmware,
              environment?.accelerator,
              environment?.tpm,
            ]
              .filter(Boolean)
              .join("\n")}
          >
            <span>{breakable(target)}</span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function breakable(name: string) {
  return name.split(/(?<=[-_./])/).flatMap((part, index) => (index === 0 ? [part] : [<wbr />, part]));
}
