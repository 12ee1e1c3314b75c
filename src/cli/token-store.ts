import { GrowthosError } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { HeldToken, TokenStore } from "../http/types.js";
import { readRecord, type StoredToken, type Vault, writeRecord } from "../vault/records.js";

/** What a store of tokens in the vault is made of. */
export interface VaultTokens {
  readonly vault: Vault;
  readonly source: string;
  /** Called with every secret that is read. */
  readonly learned: (secret: Secret) => void;
  /** Runs an action while no other process writes the credentials. */
  readonly lock: <T>(action: () => Promise<T>) => Promise<T>;
}

/**
 * Tokens of one source, kept in its record. `save` is durable before it returns. Inside `exclusively` the record is read again, so that
 * what another process has renewed is used; outside, what was read last is good enough. The refresh token that was replaced stays in
 * the record until a later run saves again.
 */
export function vaultTokens({ vault, source, learned, lock }: VaultTokens): TokenStore {
  let known: HeldToken | null | undefined;
  let replaced: Secret | null = null;
  const read = (): HeldToken | null => {
    const token = readRecord(vault, source)?.token ?? null;
    for (const secret of [token?.accessToken, token?.refreshToken, token?.previousRefreshToken])
      if (secret) learned(secret);
    return token === null
      ? null
      : { accessToken: token.accessToken, expiresAt: token.expiresAt, refreshToken: token.refreshToken };
  };
  return {
    load: () => {
      if (known === undefined) known = read();
      return known;
    },
    save: (token) => {
      const record = readRecord(vault, source);
      if (record === null) throw gone(source);
      replaced = replacedBy(token, record.token) ?? replaced;
      writeRecord(vault, source, { ...record, token: { ...token, previousRefreshToken: replaced } });
      known = token;
    },
    exclusively: (action) =>
      lock(() => {
        known = undefined;
        return action();
      }),
  };
}

/** The refresh token that the new one takes the place of; null when it stays the same. */
function replacedBy(token: HeldToken, old: StoredToken | null): Secret | null {
  if (old?.refreshToken == null || token.refreshToken === null) return null;
  return old.refreshToken.reveal() === token.refreshToken.reveal() ? null : old.refreshToken;
}

function gone(source: string): GrowthosError {
  return new GrowthosError({
    code: "CONNECTION_GONE",
    what: `the connection of ${source} was removed while it was in use`,
    hint: `connect it again: \`growthos connect ${source}\``,
    exit: "auth",
  });
}
