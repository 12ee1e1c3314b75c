import type { Clock } from "../base/clock.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";

/** The server, and how it proves that it is the right one. */
export interface SftpTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Accepted host keys, `SHA256:` and 43 characters of base64 as OpenSSH prints it; at least one: nothing is trusted on first use. */
  readonly hostKeys: readonly string[];
  /** Addresses of this machine and of private networks may be asked. */
  readonly allowPrivate: boolean;
}

/** One of the two ways to sign in. */
export type SftpCredentials =
  | { readonly kind: "key"; readonly privateKey: Secret; readonly passphrase?: Secret }
  | { readonly kind: "password"; readonly password: Secret };

/** Milliseconds and bytes; every one of them ends an exchange that a server drags out. */
export interface SftpLimits {
  readonly connectMs: number;
  /** From the connection to the open session, signing in included. */
  readonly handshakeMs: number;
  /** Longest wait for one answer. */
  readonly idleMs: number;
  /** Longest time for one listing or one file. */
  readonly totalMs: number;
  readonly maxFileBytes: number;
  /** Names in one folder. */
  readonly maxEntries: number;
  /** Tries in all when the connection breaks. */
  readonly tries: number;
}

/** What a client is made of. */
export interface SftpOptions {
  readonly target: SftpTarget;
  readonly credentials: SftpCredentials;
  readonly limits?: Partial<SftpLimits>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/** Something on the server. Names are untrusted: one that could not be a plain file name is of kind `unusable`. */
export interface RemoteFile {
  readonly name: string;
  /** With forward slashes. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "unusable";
  readonly bytes: number;
  /** Whole seconds since 1970 UTC, by the server's clock. */
  readonly modifiedSeconds: number;
}

/**
 * Where the bytes of a file go, in order. `restart` is called before the first byte. A transfer that broke goes on where it was; when the
 * file has changed meanwhile it begins anew, with another `restart`.
 */
export interface SftpSink {
  restart(): void;
  write(chunk: Uint8Array): void;
}

/**
 * A view of a server: nothing is ever written or deleted there, and moved only by `move`. It signs in when it is first asked and again after the
 * connection broke. Errors: `NETWORK` (tried again up to `limits.tries`), `NETWORK_REFUSED` (host key, address, algorithm, size),
 * `API_AUTH` (credentials, permission), `API_REFUSED` (no such path), `SFTP_CHANGED` (the file changed while it was read).
 */
export interface SftpClient {
  /** The names in a folder, sorted. */
  list(folder: string): Promise<readonly RemoteFile[]>;
  /** Follows links; null when there is nothing at the path. */
  stat(path: string): Promise<RemoteFile | null>;
  /** Reads a whole file into the sink: as many bytes as the server says it has, before and after. Goes on where a lost connection ended. */
  download(path: string, sink: SftpSink): Promise<{ readonly bytes: number; readonly modifiedSeconds: number }>;
  /** Gives a file another path on the server, where nothing may be yet. The one thing that changes anything there. */
  move(from: string, to: string): Promise<void>;
  close(): void;
}

/** A host key as a server shows it. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
}
