import { sftpOptions } from "./options.js";
import { signIns } from "./sign-ins.js";

/**
 * Lists and files that others put on an SFTP server. Not a connector in the sense of `types.ts`, whose streams are pages over HTTP:
 * what arrives are files, and they are read as those on disk are (`sync/sftp.ts`).
 */
export const sftp = { id: "sftp", title: "SFTP server", options: sftpOptions, signIns } as const;
