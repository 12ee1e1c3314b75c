// Which network addresses may be asked. A name is resolved once and its address is what is connected to, so that a name whose answer
// changes between the check and the connection gains nothing.

import { lookup } from "node:dns/promises";
import { messageOf, systemCode } from "../base/errors.js";
import { networkFailure, serverRefused } from "./sftp-errors.js";

/** What kind of place an address is. */
export type AddressKind = "public" | "private" | "never";

/**
 * `never`: link-local (the metadata services of clouds), unspecified, multicast and reserved addresses; `private`: this machine and
 * RFC 1918, RFC 6598 and RFC 4193 networks. Takes addresses as the resolver prints them; anything else is `never`.
 */
export function addressKind(address: string): AddressKind {
  const plain = address.toLowerCase().split("%")[0] ?? "";
  const mapped = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return addressKind(mapped);
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(plain)?.slice(1).map(Number);
  if (bytes !== undefined) return ipv4Kind(bytes);
  if (!/^[0-9a-f:]+$/.test(plain) || !plain.includes(":")) return "never";
  if (plain === "::1") return "private";
  // What begins with zeros holds an IPv4 address in some older way of writing, or nothing.
  if (plain === "::" || /^(0*:)+/.test(plain)) return "never";
  if (plain === "fd00:ec2::254" || /^(fe[89a-f]|ff|64:ff9b:)/.test(plain)) return "never";
  return /^f[cd]/.test(plain) ? "private" : "public";
}

function ipv4Kind(bytes: readonly number[]): AddressKind {
  const [first = 256, second = 256] = bytes;
  if (bytes.some((byte) => byte > 255) || first === 0 || first >= 224) return "never";
  if (first === 169 && second === 254) return "never";
  const isPrivate =
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128);
  return isPrivate ? "private" : "public";
}

/** The address to connect to. Throws `NETWORK` when the name is unknown, `NETWORK_REFUSED` when any of its addresses may not be asked. */
export async function allowedAddress(host: string, allowPrivate: boolean): Promise<string> {
  const addresses = await lookup(host, { all: true, verbatim: true }).catch((cause: unknown) => {
    throw networkFailure(`the name ${host} was not found (${systemCode(cause) ?? messageOf(cause)})`, cause);
  });
  for (const { address } of addresses) {
    const kind = addressKind(address);
    if (kind === "never") throw serverRefused(`${host} is ${address}, an address that is never asked`);
    if (kind === "private" && !allowPrivate) {
      throw serverRefused(
        `${host === address ? host : `${host} (${address})`} is an address of this machine or of a private network`,
        "set allowPrivate: true under sources.sftp when this is meant",
      );
    }
  }
  const [first] = addresses;
  if (first === undefined) throw networkFailure(`the name ${host} has no address`);
  return first.address;
}
