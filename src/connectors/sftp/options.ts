import { z } from "zod";
import { type FilesOptions, filesOptions, importFields, strangeOptions } from "../files/options.js";

/** A path on the server: no control characters, no steps upwards. Relative ones begin in the user's home folder. */
const remotePath = z
  .string()
  .min(1)
  .max(1_000)
  .refine((path) => !/[\p{Cc}\\]/u.test(path), {
    error: "has control characters or backslashes; paths on the server have /",
  })
  .refine((path) => !path.split("/").includes(".."), { error: 'may not have ".." in it' });

const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, {
  error: "expected SHA256: and 43 characters, as `ssh-keygen -lf` prints it",
});

const reading = importFields.omit({ path: true, as: true });

const list = reading.omit({ propertyTimeZone: true });

/** A list that is delivered whole each time: its path, or its path and how it is read. */
const masterFile = z.union([
  remotePath.transform((path) => list.extend({ path: remotePath }).parse({ path })),
  list.extend({ path: remotePath }),
]);

const drop = reading
  .extend({
    folder: remotePath,
    /** `*` and `?` in names; folders below are not looked at. */
    pattern: z
      .string()
      .min(1)
      .refine((text) => !text.includes("/"), { error: "is about names, not paths: put the folder into `folder`" })
      .default("*"),
    /** What one row is; default: recognised by the header. */
    as: importFields.shape.as.optional(),
    /** A file is taken when its name with this ending is there too, e.g. `.done`; default: when it has stopped changing. */
    done: z
      .string()
      .regex(/^\.[A-Za-z0-9_-]{1,20}$/, { error: 'expected an ending such as ".done"' })
      .optional(),
    /** After the commit: the file stays (default), or is moved into this folder on the server. */
    after: z.union([z.literal("keep"), z.strictObject({ moveTo: remotePath })]).default("keep"),
  })
  .superRefine(({ as, columns, ...rest }, context) => {
    if (as !== undefined) {
      for (const problem of strangeOptions({ ...rest, as, columns })) context.addIssue({ code: "custom", ...problem });
    } else if (Object.keys(columns).length > 0 || READ_WITH_AS.some((name) => rest[name] !== undefined)) {
      const message = "say what one row is with `as` when you say how the files are read";
      context.addIssue({ code: "custom", path: ["as"], message });
    }
  });

const READ_WITH_AS = [
  "timeZone",
  "propertyTimeZone",
  "currency",
  "decimal",
  "dateFormat",
  "delimiter",
  "encoding",
  "sheet",
] as const;

/** What a user writes under `sources.sftp`. */
export const sftpOptions = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,253}$/, { error: "expected a host name or an address, without sftp://" }),
    port: z.number().int().min(1).max(65_535).default(22),
    user: z.string().min(1).max(100),
    /** The server's key, or several while it changes. Without it the run refuses and says which key it saw. */
    hostKey: z.union([fingerprint, z.array(fingerprint).min(1).max(10)]).optional(),
    /** The server is on this machine or in a private network. */
    allowPrivate: z.boolean().default(false),
    masterData: z.strictObject({ users: masterFile.optional(), locations: masterFile.optional() }).default({}),
    drops: z.array(drop).max(50).default([]),
  })
  .refine(({ masterData, drops }) => drops.length + Object.values(masterData).length > 0, {
    error: 'reads nothing yet: give masterData: { users: "…", locations: "…" } or drops: [{ folder: "…" }]',
  });

/** Options of `sftp` with every default filled in. */
export type SftpSourceOptions = z.output<typeof sftpOptions>;

/** One drop folder. */
export type DropOptions = SftpSourceOptions["drops"][number];

/** How the files of a drop folder, or a list, are read: as an import from disk would be. Null: by their header. */
export function importOf(
  path: string,
  given: Omit<DropOptions, "folder" | "pattern" | "done" | "after">,
): FilesOptions["imports"][number] | null {
  if (given.as === undefined) return null;
  return filesOptions.parse({ imports: [{ ...given, path }] }).imports[0] ?? null;
}
