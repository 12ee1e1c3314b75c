/** Where the models of a build run. Staging, checks, pages and questions stay on this machine, and read the same marts whatever made them. */
export interface EngineOptions {
  /** Default `duckdb`: this machine. `growthos build --engine` chooses another for one build. */
  readonly use?: "duckdb" | "motherduck" | "clickhouse";
  /**
   * Its token is `MOTHERDUCK_TOKEN` in the environment or `.env`. With MotherDuck's DuckDB extension installed on this machine rows go there
   * directly, without it over the Postgres endpoint and through the bucket of `store`, whose credentials MotherDuck is told once.
   */
  readonly motherduck?: {
    /** Others read the marts in `<database>__<workspace>`; each build has a database of its own beside it. Default `growthos`. */
    readonly database?: string;
    /** Default `us-east-1`. */
    readonly region?: string;
    /** `host:port` of another server that is DuckDB behind PostgreSQL's protocol. */
    readonly endpoint?: string;
  };
  /** A ClickHouse server or ClickHouse Cloud, by its HTTP interface; the password is `CLICKHOUSE_PASSWORD` in the environment or `.env`. */
  readonly clickhouse?: {
    /** `https://host:8443`; `http://` for a server on this machine. */
    readonly url: string;
    /** Others read the marts in `<database>__<workspace>`; each build has a database of its own beside it. Default `growthos`. */
    readonly database?: string;
    /** Default `default`. */
    readonly user?: string;
    /** A cluster of one shard with replicas: databases and tables are made on all of them. Not for ClickHouse Cloud. */
    readonly cluster?: string;
  };
}
