/** What a log line may carry: plain values only, so that nothing personal slips in inside an object. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The talk of a run: the CLI shows it on stderr and keeps it in `runs/<run>.jsonl`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
}

/** A log that says nothing. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {} };
