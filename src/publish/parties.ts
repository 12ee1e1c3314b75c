/** Who can be published to, as `connect` knows them: their credentials are `BIGQUERY_…`, `POSTGRES_…`. */
import { googleSignIns } from "../connectors/google-sign-in.js";
import type { SignIn } from "../connectors/sign-in.js";

/** Jobs need this one: there is no narrower scope that may make them. */
export const BIGQUERY_SCOPE = "https://www.googleapis.com/auth/bigquery";

const postgresSignIns: readonly SignIn[] = [
  {
    kind: "password",
    title: "password",
    help: "The password of the user that publish.postgres names. It needs CREATE and USAGE on the schema (CREATE on the database for a schema that is not there yet) and TEMPORARY on the database.",
    members: [{ name: "password", label: "Password" }],
  },
];

export const BIGQUERY = { id: "bigquery", title: "BigQuery", signIns: googleSignIns(BIGQUERY_SCOPE) } as const;
export const POSTGRES = { id: "postgres", title: "PostgreSQL", signIns: postgresSignIns } as const;

/** A warehouse that is published to. */
export type TargetId = (typeof BIGQUERY | typeof POSTGRES)["id"];
