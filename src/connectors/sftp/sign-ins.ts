import { Secret } from "../../base/secret.js";
import type { SftpCredentials } from "../../http/sftp-types.js";
import { type Credentials, given, type SignIn } from "../sign-in.js";

/** A private key, or a password. */
export const signIns: readonly SignIn[] = [
  {
    kind: "key",
    title: "private key",
    help: "A private key in OpenSSH or PEM form whose public key the server's operator has put among the authorized ones.",
    members: [
      { name: "keyFile", label: "Private key file", file: true, check: checkKey },
      { name: "passphrase", label: "Passphrase of the key", optional: true },
    ],
  },
  {
    kind: "password",
    title: "password",
    help: "The password of the user. A key is safer: a password is shown to whatever server bears the pinned host key.",
    members: [{ name: "password", label: "Password" }],
  },
];

/** The credentials as the SFTP client takes them; a key before a password. */
export function credentialsOf(secrets: Credentials): SftpCredentials {
  const { keyFile, passphrase } = secrets;
  if (keyFile === undefined) return { kind: "password", password: given(secrets, "password") };
  // One line of a .env file holds a key with its line ends written as \n.
  const privateKey = new Secret(keyFile.reveal().replaceAll("\\n", "\n"));
  return { kind: "key", privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** What a text that is no private key gets to hear. */
export function checkKey(text: string): string | undefined {
  if (/^(ssh-|ecdsa-)/.test(text)) return "this is the public key; the private one is in the file without .pub";
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/.test(text)
    ? undefined
    : "this is no private key in OpenSSH or PEM form";
}
