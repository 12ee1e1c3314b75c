/**
 * An object store as one interface: whole objects under keys, and one put that fails when the key is taken. The `files.ts` of what several
 * machines write: the warehouse commits through it, and a test must be able to fail each of these calls.
 */
export interface Objects {
  /** For messages: where it is, e.g. `s3://bucket/prefix/shop`. */
  readonly place: string;
  /** A small object; null when there is none. */
  get(key: string): Promise<Uint8Array | null>;
  /** An object that may be larger than memory, a piece at a time, from the beginning in every call; false when there is none. */
  download(key: string, open: () => (chunk: Uint8Array) => void): Promise<boolean>;
  /** Creates or replaces. Durable when it resolves. */
  put(key: string, body: ObjectBody): Promise<void>;
  /**
   * Creates, unless there is one already: the put-if-absent of the commit. True when the object is there with this text, also when the answer
   * to an attempt of our own was lost; false when somebody else's is there.
   */
  putIfAbsent(key: string, text: string): Promise<boolean>;
  /** Every object whose key begins with `prefix`, by key; with `after` only those behind that key. */
  list(prefix: string, after?: string): Promise<readonly StoredObject[]>;
  /** Nothing happens when it is not there. */
  remove(key: string): Promise<void>;
}

/** What is put: its length and SHA-256 (hex) are known before, so that the store itself refuses damage on the way. */
export interface ObjectBody {
  readonly bytes: number;
  readonly sha256: string;
  /** The content, anew in every call. */
  readonly read: () => Iterable<Uint8Array>;
}

/** What a listing tells. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** By the store's clock. */
  readonly modifiedMs: number;
  /** By the store's clock, in ms: how old it was when it was listed. */
  readonly ageMs: number;
}
