import { GrowthosError, messageOf, systemCode } from "../base/errors.js";
import type { HostKey, SftpTarget } from "./sftp-types.js";

const STATE = "nothing of this file was landed";

/** A failure that may pass: the connection is made anew and the work is tried again. */
export function networkFailure(why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "NETWORK",
    what: "the connection to the SFTP server failed",
    why,
    state: STATE,
    hint: "check host and port under sources.sftp, and whether a firewall lets this machine through; then run the sync again",
    exit: "source",
    cause,
  });
}

/** A server, or an answer, that is not wanted: asking again would not help. */
export function serverRefused(why: string, hint?: string): GrowthosError {
  const parts = { code: "NETWORK_REFUSED", what: "the SFTP server was refused", why, state: STATE } as const;
  return new GrowthosError({ ...parts, ...(hint === undefined ? {} : { hint }), exit: "source" });
}

/** The server proves to be another one than it should be. */
export function hostKeyRefused(target: SftpTarget, seen: HostKey): GrowthosError {
  const pinned = target.hostKeys.length === 0 ? "none is pinned" : `pinned: ${target.hostKeys.join(", ")}`;
  return new GrowthosError({
    code: "NETWORK_REFUSED",
    what: `the SFTP server ${target.host} shows a host key that is not pinned`,
    why: `seen: ${seen.type} ${seen.fingerprint}; ${pinned}`,
    state: "no credential was sent and nothing was read",
    hint: "ask the server's operator, by another way than this connection, whether this is its fingerprint (`ssh-keygen -lf` on its public host key prints it); only then write it into sources.sftp.hostKey",
    exit: "source",
  });
}

/** The server does not take the credentials. */
export function signInRefused(target: SftpTarget, why: string, hint?: string): GrowthosError {
  return new GrowthosError({
    code: "API_AUTH",
    what: `the SFTP server ${target.host} refused the credentials of ${JSON.stringify(target.user)}`,
    why,
    state: "nothing was read",
    hint: hint ?? "check user, and set a fresh SFTP_KEY_FILE or SFTP_PASSWORD",
    exit: "auth",
  });
}

/** The file was written to while it was read. */
export function fileChanged(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "SFTP_CHANGED",
    what: `${JSON.stringify(path)} changed while it was read`,
    why,
    state: STATE,
    hint: "it is still being written: run the sync again later",
    exit: "source",
  });
}

/** An error of the connection, in our words. `seen` is the host key that was shown. */
export function connectionError(
  thrown: unknown,
  target: SftpTarget,
  seen: HostKey | null,
  isTrusted: boolean,
): GrowthosError {
  if (thrown instanceof GrowthosError) return thrown;
  const level = (thrown as { level?: string } | null)?.level;
  const text = messageOf(thrown);
  if (seen !== null && !isTrusted) return hostKeyRefused(target, seen);
  if (level === "client-authentication") return signInRefused(target, text);
  if (/no matching/i.test(text)) {
    return serverRefused(
      `it offers outdated cryptography only (${text})`,
      "ask its operator to enable current algorithms (curve25519 or ECDH, AES-GCM or AES-CTR, SHA-2)",
    );
  }
  if (level === "client-timeout") return networkFailure("no answer in time", thrown);
  return networkFailure(`${systemCode(thrown) ?? ""} ${text}`.trim(), thrown);
}

const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
/** "Failure", "bad message" and "operation unsupported": the server lives, and would say the same again. */
const REFUSALS: readonly number[] = [4, 5, 8];

/** True for the answer "there is no such file". */
export function isMissing(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === NO_SUCH_FILE;
}

/** An error status of the SFTP protocol; null for anything else. */
export function statusError(thrown: unknown, path: string, user: string): GrowthosError | null {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === PERMISSION_DENIED) {
    return new GrowthosError({
      code: "API_AUTH",
      what: `${user} may not read ${JSON.stringify(path)} on the SFTP server`,
      why: "permission denied",
      state: STATE,
      hint: "ask the server's operator for permission to read it, or correct the path under sources.sftp",
      exit: "auth",
    });
  }
  if (typeof code === "number" && REFUSALS.includes(code)) {
    return new GrowthosError({
      code: "API_REFUSED",
      what: `the SFTP server refused what was asked about ${JSON.stringify(path)}`,
      why: thrown instanceof Error ? thrown.message : `status ${code}`,
      state: STATE,
      exit: "source",
    });
  }
  if (code !== NO_SUCH_FILE) return null;
  return new GrowthosError({
    code: "API_REFUSED",
    what: `there is no ${JSON.stringify(path)} on the SFTP server`,
    state: STATE,
    hint: "correct the path under sources.sftp (it is case-sensitive; relative paths begin in the user's home folder)",
    exit: "source",
  });
}
