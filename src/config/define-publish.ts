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
}
