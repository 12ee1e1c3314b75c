/** Who can be published to, as `connect` knows them: their credentials are `BIGQUERY_…`, `POSTGRES_…`, `SNOWFLAKE_…`. */
import { createPrivateKey } from "node:crypto";
import { messageOf } from "../base/errors.js";
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

const snowflakeSignIns: readonly SignIn[] = [
  {
    kind: "key_pair",
    title: "key pair",
    help: [
      "Make a key pair (openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -out snowflake.p8; openssl rsa -in snowflake.p8 -pubout)",
      "and give its public half to the user that publish.snowflake names: ALTER USER … SET RSA_PUBLIC_KEY='…', without its first and last line.",
    ].join("\n"),
    members: [
      { name: "keyFile", label: "Private key file (PEM, PKCS#8)", file: true, check: checkPrivateKey },
      { name: "passphrase", label: "Its passphrase, where it has one", optional: true },
    ],
  },
];

function checkPrivateKey(text: string): string | undefined {
  // One that is encrypted can be read only together with its passphrase.
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) return undefined;
  try {
    return createPrivateKey(text).asymmetricKeyType === "rsa" ? undefined : "Snowflake takes RSA keys";
  } catch (thrown) {
    // The library's message names formats, never the key.
    return `the file is no private key in PEM (${messageOf(thrown)})`;
  }
}

export const BIGQUERY = { id: "bigquery", title: "BigQuery", signIns: googleSignIns(BIGQUERY_SCOPE) } as const;
export const POSTGRES = { id: "postgres", title: "PostgreSQL", signIns: postgresSignIns } as const;
export const SNOWFLAKE = { id: "snowflake", title: "Snowflake", signIns: snowflakeSignIns } as const;

/** A warehouse that is published to. */
export type TargetId = (typeof BIGQUERY | typeof POSTGRES | typeof SNOWFLAKE)["id"];
