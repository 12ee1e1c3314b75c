/** The `engine` key: where the models of a build run. What the members mean is in `define-engine.ts`. */
import { z } from "zod";
import type { EngineConfig } from "./types.js";

const databaseName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, { error: "expected a database such as growthos, of a-z, 0-9 and _" });

/** What people write. */
export const engineSchema = z
  .strictObject({
    use: z.enum(["duckdb", "motherduck"]).default("duckdb"),
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
  })
  .optional();

/** What the program uses; undefined: this machine. */
export function engineOf(written: z.output<typeof engineSchema>): EngineConfig | undefined {
  if (written === undefined) return undefined;
  const { use, motherduck } = written;
  const [host = "", port = ""] = (motherduck.endpoint ?? `pg.${motherduck.region}-aws.motherduck.com:5432`).split(":");
  return { use, motherduck: { database: motherduck.database, host, port: Number(port) } };
}
