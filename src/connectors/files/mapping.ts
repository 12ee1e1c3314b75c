import { GrowthosError } from "../../base/errors.js";
import { mappedShape } from "./mapped.js";
import type { ImportOptions } from "./options.js";
import { matchColumns, nearestHeader, plainHeader, recognitionOf } from "./recognise.js";
import type { ColumnMatch, Field, FileShape, HeadFacts, Recognition } from "./types.js";

/** A declared mapping applied to a header. Throws `FILE_COLUMN_MISSING` with the nearest column. */
export function applyMapping(head: HeadFacts, options: ImportOptions, name: string): Recognition {
  const shape = mappedShape(options.as);
  const declared = Object.entries(options.columns).map(([fieldName, header]): ColumnMatch => {
    const field = shape.fields.find((candidate) => candidate.name === fieldName) as Field;
    const index = indexOf(head.header, header);
    if (index === undefined) throw missingColumn(shape, field, head.header, { name, wanted: header });
    return { index, header: head.header[index] ?? header, field };
  });
  const names = new Set(declared.map((match) => match.field.name));
  const used = new Set(declared.map((match) => match.index));
  const found = matchColumns(head.header, shape).filter(
    (match) => !names.has(match.field.name) && !used.has(match.index),
  );
  const recognition = recognitionOf(head.header, shape, [...declared, ...found]);
  requireColumns(recognition, head.header, name);
  return { ...recognition, because: `declared in growthos.config.ts as ${shape.title} (path "${options.path}")` };
}

/** Stops when a column without which the file means nothing is not there. Throws `FILE_COLUMN_MISSING`. */
export function requireColumns(recognition: Recognition, header: readonly string[], name: string): void {
  const { shape, matches } = recognition;
  for (const field of shape.fields) {
    if (field.column !== "required" || matches.some((match) => match.field.name === field.name)) continue;
    throw missingColumn(shape, field, header, { name, wanted: field.headers[0] ?? field.name });
  }
}

function indexOf(header: readonly string[], wanted: string): number | undefined {
  const exact = header.indexOf(wanted);
  if (exact >= 0) return exact;
  const plain = header.findIndex((text) => plainHeader(text) === plainHeader(wanted));
  return plain >= 0 ? plain : undefined;
}

function missingColumn(
  shape: FileShape,
  field: Field,
  header: readonly string[],
  file: { readonly name: string; readonly wanted: string },
): GrowthosError {
  const near = nearestHeader([file.wanted, ...field.headers], header);
  return new GrowthosError({
    code: "FILE_COLUMN_MISSING",
    what: `"${file.name}" has no column "${file.wanted}"`,
    why: `${shape.title} cannot be read without ${field.name}; the file has ${header.slice(0, 12).join(", ")}${header.length > 12 ? ", …" : ""}`,
    state: "nothing of this file was landed",
    hint:
      near === undefined
        ? `export the report again with "${file.wanted}", or declare an import with columns: { ${field.name}: "…" }`
        : `did you mean "${near}"? Declare an import with columns: { ${field.name}: "${near}" }`,
    exit: "badData",
  });
}
