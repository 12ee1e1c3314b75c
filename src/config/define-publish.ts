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
}
