import type { z } from "zod";
import type { YamlPath } from "./yaml.ts";

/** The parts of zod's schema definitions that lead from a schema to the schemas inside it. */
interface Definition {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly items?: readonly z.ZodType[];
  readonly in?: z.ZodType;
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
  readonly getter?: () => z.ZodType;
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}

/** The schemas a schema stands for once optional, default, pipe, lazy, union and intersection wrappers are taken off. */
function unwrapped(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: input, getter, options, left, right } = definition(schema);
  const inner = [innerType, input, getter?.(), ...(options ?? []), left, right].filter((one) => one !== undefined);
  return inner.length === 0 ? [schema] : inner.flatMap(unwrapped);
}

/** The schemas that may apply to what stands at a path, outermost wrappers kept: they carry the descriptions. */
function schemasAt(schema: z.ZodType, path: YamlPath): z.ZodType[] {
  return path.reduce<z.ZodType[]>(
    (schemas, key) =>
      schemas.flatMap(unwrapped).flatMap((one) => {
        const { shape, element, valueType, items } = definition(one);
        const next = shape ? shape[String(key)] : (element ?? valueType ?? items?.[Number(key)]);
        return next ? [next] : [];
      }),
    [schema],
  );
}

/** The schema at a path, if any. Of a union's members, the first that has it. */
export function schemaAt(schema: z.ZodType, path: YamlPath): z.ZodType | undefined {
  return schemasAt(schema, path)[0];
}

/** The keys a mapping at a path may have. */
export function knownKeys(schema: z.ZodType, path: YamlPath): string[] {
  const shapes = schemasAt(schema, path)
    .flatMap(unwrapped)
    .map((one) => definition(one).shape ?? {});
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
}
