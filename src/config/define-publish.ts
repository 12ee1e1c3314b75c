/** Another warehouse that is kept in step by `growthos publish`. */
export interface PublishOptions {
  /** Only these marts and seeds; default: all of them. */
  readonly relations?: readonly string[];
  /**
   * Also what names people: customers, users, browsers, visits, though as hashes. Default false: such columns are left out, and relations
   * whose rows are people are not sent at all.
   */
  readonly people?: boolean;
  /** Its key file is `BIGQUERY_KEY_FILE` in the environment or `.env`, or stored by `growthos connect bigquery`. */
  readonly bigquery?: {
    /** Cloud project that the jobs run in. */
    readonly project: string;
    /** A dataset that is there, and in which the account may write (roles BigQuery Job User and BigQuery Data Editor). */
    readonly dataset: string;
    /** Of the dataset, as BigQuery shows it. Default `US`. */
    readonly location?: string;
    /** Before the name of every table, such as `growthos_`. */
    readonly prefix?: string;
  };
  /** Its password is `POSTGRES_PASSWORD` in the environment or `.env`, or stored by `growthos connect postgres`. */
  readonly postgres?: {
    readonly host: string;
    /** Default 5432. */
    readonly port?: number;
    readonly database: string;
    /** Needs CREATE and USAGE on the schema, and TEMPORARY on the database. */
    readonly user: string;
    /** Made when it is not there. Default `growthos`. */
    readonly schema?: string;
    /** Before the name of every table, such as `growthos_`. */
    readonly prefix?: string;
    /** `verify` (default): an encrypted connection to a server whose certificate is good, or none. `off`: in the clear, for this machine or a network of your own. */
    readonly tls?: "verify" | "off";
    /** PEM of the authority behind the server's certificate, where the usual ones do not know it. Beside the config, or absolute. */
    readonly caFile?: string;
  };
  /**
   * The private key of the user's key pair is `SNOWFLAKE_KEY_FILE` (and `SNOWFLAKE_PASSPHRASE`, where it has one) in the environment or `.env`, or stored by
   * `growthos connect snowflake`. Parquet goes to `files` with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; Snowflake reads it through `stage`.
   * Names of Snowflake are those that nobody quotes: their case does not matter.
   */
  readonly snowflake?: {
    /** As in the address, without `.snowflakecomputing.com`: `myorg-shop`, or `xy12345.eu-central-1`. */
    readonly account: string;
    /** Of the type SERVICE, with the public key. */
    readonly user: string;
    /** Needs USAGE on warehouse, database, schema and stage, and CREATE TABLE on the schema. Default: the user's own. */
    readonly role?: string;
    readonly warehouse: string;
    /** One that is there, as is the schema. */
    readonly database: string;
    /** Default `GROWTHOS`. */
    readonly schema?: string;
    /** An external stage of that schema, whose URL is `files.url`. Default `GROWTHOS`. */
    readonly stage?: string;
    /** Where Parquet waits for Snowflake, and goes again afterwards: `s3://bucket/prefix`, region (`us-east-1`), `https://host` of a store that is not AWS. */
    readonly files: { readonly url: string; readonly region?: string; readonly endpoint?: string };
    /** Before the name of every table, such as `growthos_`. */
    readonly prefix?: string;
  };
}
