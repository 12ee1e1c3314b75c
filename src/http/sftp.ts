// The door to SFTP servers. ssh2 speaks the protocol in plain JavaScript; its native add-ons only make it faster.

import { createHash } from "node:crypto";
import ssh2 from "ssh2";
import { messageOf } from "../base/errors.js";
import { allowedAddress } from "./address.js";
import {
  connectionError,
  fileChanged,
  isMissing,
  networkFailure,
  serverRefused,
  signInRefused,
  statusError,
} from "./sftp-errors.js";
import type {
  HostKey,
  RemoteFile,
  SftpClient,
  SftpCredentials,
  SftpLimits,
  SftpOptions,
  SftpSink,
} from "./sftp-types.js";

const DEFAULTS: SftpLimits = {
  connectMs: 7_000,
  handshakeMs: 20_000,
  idleMs: 30_000,
  totalMs: 900_000,
  maxFileBytes: 256 * 1024 * 1024,
  maxEntries: 10_000,
  tries: 3,
};

/** What is spoken; a server that knows none of these is refused. No SHA-1, no CBC, no DSA, no compression. */
const ALGORITHMS: ssh2.Algorithms = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256",
  ],
  serverHostKey: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ],
  cipher: ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
  hmac: ["hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512", "hmac-sha2-256"],
  compress: ["none"],
};

/** Bytes asked for at a time (ssh2 cuts what exceeds 31,952 in two), and how many such questions are under way. */
const CHUNK_BYTES = 28_672;
const IN_FLIGHT = 8;
const EOF = 1;

/** A client that has asked nothing yet. See `SftpClient` for its errors. */
export function sftpClient(options: SftpOptions): SftpClient {
  const limits = { ...DEFAULTS, ...options.limits };
  let open: Promise<Session> | null = null;
  const close = () => {
    open?.then(({ end }) => end()).catch((thrown) => options.log.debug("sftp closed", { why: messageOf(thrown) }));
    open = null;
  };
  const attempt = async <T>(path: string, work: (session: Session) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        open ??= connect(options, limits);
        return await withDeadline(await open, limits.totalMs, work);
      } catch (thrown) {
        options.signal?.throwIfAborted();
        const error =
          statusError(thrown, path, options.target.user) ?? connectionError(thrown, options.target, null, true);
        if (error.code !== "NETWORK") throw error;
        (await Promise.allSettled([open])).forEach((result) => {
          if (result.status === "fulfilled") result.value?.fail(error);
        });
        open = null;
        if (tries >= limits.tries) throw error;
        options.log.warn("sftp connection lost, trying again", { path, tries, why: messageOf(error) });
        await options.clock.sleep(1_000 * tries * tries, options.signal);
      }
    }
  };
  return {
    list: (folder) => attempt(folder, (session) => listFolder(session, folder, limits)),
    stat: (path) => attempt(path, (session) => statOf(session, path)),
    download: (path, sink) => {
      const transfer: Transfer = { path, sink, limits, done: null };
      return attempt(path, (session) => readFile(session, transfer));
    },
    move: (from, to) =>
      attempt(from, ({ sftp, call }) => call<void>((done) => sftp.rename(from, to, (error) => done(error, undefined)))),
    close,
  };
}

/** The host key that a server shows, without signing in: for a person to compare, never to be trusted by itself. */
export async function seenHostKey(options: Omit<SftpOptions, "credentials">): Promise<HostKey> {
  const target = { ...options.target, hostKeys: [] };
  const limits = { ...DEFAULTS, ...options.limits };
  let shown: HostKey | null = null;
  const credentials = { kind: "none" } as const;
  try {
    (await connect({ ...options, target, credentials, onHostKey: (key) => (shown = key) }, limits)).end();
  } catch (thrown) {
    if (shown === null) throw thrown;
  }
  if (shown === null) throw networkFailure("the server showed no host key");
  return shown;
}

interface Connecting extends Omit<SftpOptions, "credentials"> {
  readonly credentials: SftpCredentials | { readonly kind: "none" };
  readonly onHostKey?: (key: HostKey) => void;
}

/** A signed-in connection with its SFTP channel. */
interface Session {
  readonly sftp: ssh2.SFTPWrapper;
  /** Asks one thing: rejects when the answer takes longer than `idleMs` or when the connection ends. */
  call<T>(ask: (done: (error: unknown, value: T) => void) => void): Promise<T>;
  /** Ends the connection; everything under way rejects with the reason. */
  fail(reason: unknown): void;
  end(): void;
}

async function connect(options: Connecting, limits: SftpLimits): Promise<Session> {
  const { target, signal } = options;
  signal?.throwIfAborted();
  const host = await allowedAddress(target.host, target.allowPrivate);
  const client = new ssh2.Client();
  const waiting = waitingCalls();
  let seen: HostKey | null = null;
  const verify = (key: Buffer): boolean => {
    seen = hostKeyOf(key);
    options.onHostKey?.(seen);
    return isPinned(target.hostKeys, seen.fingerprint);
  };
  const fail = (reason: unknown) => {
    waiting.fail(reason);
    client.destroy();
  };
  const isTrusted = () => seen !== null && isPinned(target.hostKeys, seen.fingerprint);
  client.on("error", (thrown) => fail(connectionError(thrown, target, seen, isTrusted())));
  client.on("close", () => fail(networkFailure("the server closed the connection")));
  const onAbort = () => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  client.on("close", () => signal?.removeEventListener("abort", onAbort));
  const settings = { host, port: target.port, username: target.user, hostVerifier: verify, algorithms: ALGORITHMS };
  const answer = signInAnswers(client, options.credentials);
  try {
    await waiting.call<void>(limits.connectMs + limits.handshakeMs, (done) => {
      const connecting = setTimeout(() => fail(networkFailure("no connection in time")), limits.connectMs);
      client.once("connect", () => clearTimeout(connecting));
      client.once("close", () => clearTimeout(connecting));
      client.once("ready", () => done(undefined, undefined));
      begin(client, { ...settings, ...answer, readyTimeout: 0 }, options);
    });
    const sftp = await waiting.call<ssh2.SFTPWrapper>(limits.handshakeMs, (done) => client.sftp(done));
    return { sftp, call: (ask) => waiting.call(limits.idleMs, ask), fail, end: () => endGently(client) };
  } catch (thrown) {
    client.destroy();
    throw thrown;
  }
}

/** Says goodbye; a server that does not answer is left after a second, and does not keep the program alive. */
function endGently(client: ssh2.Client): void {
  client.end();
  setTimeout(() => client.destroy(), 1_000).unref();
}

/** ssh2 throws at once for a private key that it cannot read. */
function begin(client: ssh2.Client, settings: ssh2.ConnectConfig, { target }: Connecting): void {
  // Small packets leave at once: waiting for a fuller one and for the other side's acknowledgement costs 40 ms each time.
  client.once("connect", () => client.setNoDelay(true));
  try {
    client.connect(settings);
  } catch (thrown) {
    throw signInRefused(
      target,
      messageOf(thrown),
      "SFTP_KEY_FILE must name a private key in OpenSSH or PEM form, or be its whole text; an encrypted one needs SFTP_PASSPHRASE",
    );
  }
}

/** How the credentials are given: a password also to servers that ask for it as the one question of a dialogue. */
function signInAnswers(client: ssh2.Client, credentials: Connecting["credentials"]): Partial<ssh2.ConnectConfig> {
  if (credentials.kind === "none") return {};
  if (credentials.kind === "key") {
    const { privateKey, passphrase } = credentials;
    const unlock = passphrase === undefined ? {} : { passphrase: passphrase.reveal() };
    return { privateKey: privateKey.reveal(), ...unlock, authHandler: ["publickey"] };
  }
  const password = credentials.password.reveal();
  client.on("keyboard-interactive", (...dialogue) => {
    const [, , , prompts, finish] = dialogue;
    finish(prompts.length === 1 && prompts[0]?.echo !== true ? [password] : []);
  });
  return { password, tryKeyboard: true, authHandler: ["password", "keyboard-interactive"] };
}

/** Calls that wait for an answer, so that the end of the connection ends them all. */
function waitingCalls(): {
  call<T>(ms: number, ask: (done: (error: unknown, value: T) => void) => void): Promise<T>;
  fail(reason: unknown): void;
} {
  const rejects = new Set<(reason: unknown) => void>();
  let dead: { readonly reason: unknown } | null = null;
  return {
    fail: (reason) => {
      dead ??= { reason };
      for (const reject of rejects) reject(dead.reason);
      rejects.clear();
    },
    call: (ms, ask) =>
      new Promise((resolve, reject) => {
        if (dead !== null) return reject(dead.reason);
        const timer = setTimeout(() => settle(() => reject(networkFailure(`no answer within ${ms} ms`))), ms);
        const settle = (act: () => void) => {
          clearTimeout(timer);
          rejects.delete(rejectNow);
          act();
        };
        const rejectNow = (reason: unknown) => settle(() => reject(reason));
        rejects.add(rejectNow);
        try {
          ask((error, value) => settle(() => (error ? reject(error) : resolve(value))));
        } catch (thrown) {
          rejectNow(thrown);
        }
      }),
  };
}

async function withDeadline<T>(session: Session, ms: number, work: (session: Session) => Promise<T>): Promise<T> {
  const timer = setTimeout(() => session.fail(networkFailure(`not finished within ${ms} ms`)), ms);
  try {
    return await work(session);
  } finally {
    clearTimeout(timer);
  }
}

function isPinned(pinned: readonly string[], fingerprint: string): boolean {
  return pinned.some((one) => one.replace(/=+$/, "") === fingerprint);
}

/** A key in SSH's wire form begins with the length and the name of its type. */
function hostKeyOf(key: Buffer): HostKey {
  const digest = createHash("sha256").update(key).digest("base64").replace(/=+$/, "");
  const type = key.subarray(4, 4 + Math.min(key.readUInt32BE(0), 64)).toString("latin1");
  return { type: type.replaceAll(/[^a-z0-9@.-]/gi, "?"), fingerprint: `SHA256:${digest}` };
}

async function listFolder(session: Session, folder: string, limits: SftpLimits): Promise<readonly RemoteFile[]> {
  const { sftp, call } = session;
  const handle = await call<Buffer>((done) => sftp.opendir(folder, done));
  const found: RemoteFile[] = [];
  // A server that answers with nothing again and again ends at the same limit.
  for (let answers = 0; ; answers++) {
    const entries = await nextEntries(session, handle);
    if (entries === null) break;
    for (const { filename, attrs } of entries) {
      if (filename !== "." && filename !== "..") found.push(remoteFile(folder, filename, attrs));
    }
    if (found.length <= limits.maxEntries && answers <= limits.maxEntries) continue;
    throw serverRefused(
      `${JSON.stringify(folder)} holds more than ${limits.maxEntries} names`,
      "move files that were taken already into another folder, or name a narrower folder under sources.sftp.drops",
    );
  }
  await call<void>((done) => sftp.close(handle, (error) => done(error, undefined)));
  return found.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

async function nextEntries(
  { sftp, call }: Session,
  handle: Buffer,
): Promise<readonly ssh2.FileEntryWithStats[] | null> {
  try {
    return await call<readonly ssh2.FileEntryWithStats[]>((done) => sftp.readdir(handle as unknown as string, done));
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === EOF) return null;
    throw thrown;
  }
}

async function statOf({ sftp, call }: Session, path: string): Promise<RemoteFile | null> {
  try {
    const attrs = await call<ssh2.Stats>((done) => sftp.stat(path, done));
    const cut = path.lastIndexOf("/");
    return remoteFile(path.slice(0, Math.max(cut, 0)), path.slice(cut + 1), attrs, path);
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

function remoteFile(folder: string, name: string, attrs: ssh2.Stats, path?: string): RemoteFile {
  const isPlain = /^[^/\\\p{Cc}\uFFFD]{1,255}$/u.test(name) && Number.isSafeInteger(attrs.size) && attrs.size >= 0;
  const kind = attrs.isDirectory() ? "folder" : attrs.isSymbolicLink() ? "link" : attrs.isFile() ? "file" : "unusable";
  return {
    name,
    path: path ?? `${folder.replace(/\/+$/, "")}/${name}`,
    kind: isPlain ? kind : "unusable",
    bytes: attrs.size,
    modifiedSeconds: attrs.mtime,
  };
}

interface Transfer {
  readonly path: string;
  readonly sink: SftpSink;
  readonly limits: SftpLimits;
  /** How much of which state of the file the sink has taken, so that the next try goes on there; null: nothing to go on from. */
  done: { readonly size: number; readonly mtime: number; readonly bytes: number } | null;
}

async function readFile(
  session: Session,
  transfer: Transfer,
): Promise<{ readonly bytes: number; readonly modifiedSeconds: number }> {
  const { path, sink, limits } = transfer;
  const { sftp, call } = session;
  const handle = await call<Buffer>((done) => sftp.open(path, "r", done));
  const before = await call<ssh2.Stats>((done) => sftp.fstat(handle, done));
  if (!Number.isSafeInteger(before.size) || before.size > limits.maxFileBytes) {
    throw serverRefused(
      `${JSON.stringify(path)} has ${before.size} bytes, more than ${limits.maxFileBytes}`,
      "deliver it in smaller files",
    );
  }
  const batch = CHUNK_BYTES * IN_FLIGHT;
  for (let at = beginning(transfer, before); at < before.size; at += batch) {
    const starts = Array.from({ length: IN_FLIGHT }, (_, index) => at + index * CHUNK_BYTES);
    const pieces = starts
      .filter((start) => start < before.size)
      .map((start) => readPiece(session, handle, start, Math.min(CHUNK_BYTES, before.size - start)));
    const received = await Promise.all(pieces);
    // A sink that fails in here holds nobody knows what: there is nothing to go on from.
    transfer.done = null;
    for (const piece of received) sink.write(piece);
    transfer.done = { size: before.size, mtime: before.mtime, bytes: Math.min(at + batch, before.size) };
  }
  const beyond = await readSome(session, handle, Buffer.alloc(1), { from: 0, at: before.size });
  const after = await call<ssh2.Stats>((done) => sftp.fstat(handle, done));
  await call<void>((done) => sftp.close(handle, (error) => done(error, undefined)));
  if (beyond > 0 || after.size !== before.size || after.mtime !== before.mtime) {
    throw fileChanged(
      path,
      `it had ${before.size} bytes at first and ${Math.max(after.size, before.size + beyond)} then`,
    );
  }
  return { bytes: before.size, modifiedSeconds: before.mtime };
}

/** Where to read from: behind what the try before has written, when the file is still the one that it read; else its first byte. */
function beginning({ done, sink }: Transfer, { size, mtime }: ssh2.Stats): number {
  if (done !== null && done.size === size && done.mtime === mtime) return done.bytes;
  sink.restart();
  return 0;
}

/** A server may answer with fewer bytes than were asked for; it may not end before the size that it gave. */
async function readPiece(session: Session, handle: Buffer, at: number, length: number): Promise<Buffer> {
  const piece = Buffer.alloc(length);
  for (let from = 0; from < length; ) {
    const count = await readSome(session, handle, piece, { from, at: at + from });
    if (count === 0) throw networkFailure(`the file ended after ${at + from} bytes, before the size that was given`);
    from += count;
  }
  return piece;
}

function readSome(
  { sftp, call }: Session,
  handle: Buffer,
  into: Buffer,
  { from, at }: { readonly from: number; readonly at: number },
): Promise<number> {
  return call<number>((done) =>
    sftp.read(handle, into, from, into.length - from, at, (error, count) => done(error, count)),
  );
}
