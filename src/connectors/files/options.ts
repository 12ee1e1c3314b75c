import { z } from "zod";
import { isTimeZone } from "../../base/dates.js";
import { MAPPED_STREAMS, type MappedStream, mappedShape } from "./mapped.js";

/** Where the column of a field comes from: a header, or a dotted path inside a JSON line. */
const columnMap = z.record(z.string().min(1), z.string().min(1));

const zone = z
  .string()
  .refine(isTimeZone, { error: 'expected an IANA time zone such as "Europe/Berlin" or "America/New_York"' });

/** How one file, or files of one pattern, are read; also what a drop folder on an SFTP server takes. */
export const importFields = z.strictObject({
  /** File or pattern (`*`, `**`, `?`) relative to the project folder, or absolute. */
  path: z.string().min(1),
  /** What one row is. */
  as: z.enum(MAPPED_STREAMS),
  /** Field -> header of the file; fields whose header already bears their name need no entry. */
  columns: columnMap.default({}),
  /** IANA zone of times without an offset; default: the property's, else the shop's. */
  timeZone: zone.optional(),
  /** events only: the IANA zone in which the days of the GA4 property end; default: the shop's. */
  propertyTimeZone: zone.optional(),
  /** ISO code for amounts without a currency column; default: the shop's. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "an ISO code such as EUR")
    .optional(),
  /** Decimal sign; default: told by the values themselves. */
  decimal: z.enum([".", ","]).optional(),
  /** `minor` when amounts are written in cents. */
  amounts: z.enum(["major", "minor"]).default("major"),
  /** strptime format of dates, such as `%d/%m/%Y`; default: told by the values themselves. */
  dateFormat: z.string().min(2).optional(),
  /** Column separator; default: told by the header. */
  delimiter: z.string().length(1).optional(),
  encoding: z.enum(["utf-8", "utf-16le", "utf-16be", "windows-1252"]).optional(),
  /** Sheet of an Excel workbook; default: the first. */
  sheet: z.string().min(1).max(100).optional(),
  /** daily_metrics only: columns that split a figure into several ("Country" gives `latency [Country=US]`). */
  by: z.array(z.string().min(1)).default([]),
  /** daily_metrics only: columns to take as metrics; default: every column that is neither the date nor in `by`. */
  metrics: z.array(z.string().min(1)).optional(),
});

/** The columns of a mapping that are no fields of what it makes, as problems. */
function strangeColumns(
  as: MappedStream,
  columns: Readonly<Record<string, string>>,
): readonly { readonly path: string[]; readonly message: string }[] {
  const known = mappedShape(as).fields.map((field) => field.name);
  return Object.keys(columns)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: ["columns", name], message: `is not a field of ${as}; fields: ${known.join(", ")}` }));
}

/** What a mapping says that does not go with what it makes, as problems. */
export function strangeOptions({
  as,
  columns,
  propertyTimeZone,
}: Pick<z.infer<typeof importFields>, "as" | "columns" | "propertyTimeZone">): ReturnType<typeof strangeColumns> {
  const message = `is about events of a GA4 property, not about ${as}`;
  const strange = propertyTimeZone !== undefined && as !== "events";
  return [...strangeColumns(as, columns), ...(strange ? [{ path: ["propertyTimeZone"], message }] : [])];
}

const importOptions = importFields.superRefine((given, context) => {
  for (const problem of strangeOptions(given)) context.addIssue({ code: "custom", ...problem });
});

/** What a user writes under `sources.files`. */
export const filesOptions = z.strictObject({
  /** Folder, relative to the project, whose files are recognised by their headers. */
  folder: z.string().min(1).default("inbox"),
  imports: z.array(importOptions).default([]),
});

/** Options of the `files` source with every default filled in. */
export type FilesOptions = z.infer<typeof filesOptions>;

/** One declared import. */
export type ImportOptions = FilesOptions["imports"][number];
