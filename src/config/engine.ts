/** The `engine` key: where the models of a build run. What the members mean is in `define-engine.ts`. */
import { z } from "zod";
import type { EngineConfig } from "./types.js";

const databaseName = z
  .string()
  .max(40)
  .regex(/^[a-z](?:_?[a-z0-9])*$/, { error: "expected a database such as growthos, of a-z, 0-9 and single _" });

/** What people write. */
export const engineSchema = z
  .strictObject({
    use: z.enum(["duckdb", "motherduck", "clickhouse"]).default("duckdb"),
    motherduck: z
      .strictObject({
        database: databaseName.default("growthos"),
        region: z
          .string()
          .regex(/^[a-z]{2}-[a-z]+-\d$/, { error: "expected a region such as us-east-1 or eu-central-1" })
          .default("us-east-1"),
        endpoint: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}:\d{1,5}$/, { error: "expected host:port" })
          .nullable()
          .default(null),
      })
      .prefault({}),
    clickhouse: z
      .strictObject({
        url: z.string().refine(isServer, {
          error: "expected https://host:8443, without a path; http:// is for a server on this machine",
        }),
        database: databaseName.default("growthos"),
        user: z.string().trim().min(1).max(100).default("default"),
        cluster: z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,100}$/, { error: "expected the name of a cluster" })
          .nullable()
          .default(null),
      })
      .optional(),
  })
  .refine(({ use, clickhouse }) => use !== "clickhouse" || clickhouse !== undefined, {
    error: 'expected the server, such as { url: "https://host:8443" }',
    path: ["clickhouse"],
  })
  .optional();

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  const isLocal = protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return (protocol === "https:" || isLocal) && `${pathname}${search}${hash}${username}${password}` === "/";
}

/**
 * What the program uses; undefined: this machine. Each workspace has a database of its own: a build ends the others of its database, and
 * clients must not meet. Names of workspaces have no `_`, so no two of them can come to one name.
 */
export function engineOf(name: string, written: z.output<typeof engineSchema>): EngineConfig | undefined {
  if (written === undefined) return undefined;
  const own = (database: string) => `${database}__${name.replaceAll("-", "__")}`;
  const { use, motherduck, clickhouse } = written;
  const [host = "", port = ""] = (motherduck.endpoint ?? `pg.${motherduck.region}-aws.motherduck.com:5432`).split(":");
  return {
    use,
    motherduck: { database: own(motherduck.database), host, port: Number(port) },
    ...(clickhouse === undefined ? {} : { clickhouse: { ...clickhouse, database: own(clickhouse.database) } }),
  };
}
