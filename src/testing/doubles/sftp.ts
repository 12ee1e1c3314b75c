import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import ssh2 from "ssh2";
import { type Clock, fixedClock } from "../../base/clock.js";
import { Secret } from "../../base/secret.js";
import type { JsonObject } from "../../connectors/shape.js";
import type { Credentials } from "../../connectors/sign-in.js";

/** A node of the tree in memory. */
interface Node {
  readonly kind: "file" | "folder" | "link";
  content: Buffer;
  /** Whole seconds since 1970 UTC. */
  modified: number;
  /** What the server says about the length, when it lies. */
  claims?: number;
  denied?: true;
}

/** What goes wrong with one answer to a READ (or the first packet of a connection). */
export type SftpFault =
  /** The connection is cut. */
  | "cut"
  /** The file ends there, although it was said to be longer. */
  | "short"
  /** No answer, ever. */
  | "silence"
  /** One byte at a time. */
  | "drip"
  /** Something is written to the file meanwhile. */
  | "grow";

/** How the double is set up. */
export interface SftpDoubleOptions {
  /** Its host key's kind; a new key is made each time. */
  readonly hostKey?: "ed25519" | "ecdsa" | "rsa";
  /** Only this is spoken: for a server of long ago. */
  readonly algorithms?: ssh2.Algorithms;
  /** Asks for the password as a question of a dialogue and takes it in no other way. */
  readonly keyboardOnly?: boolean;
  /** Accepts a connection and says nothing. */
  readonly mute?: boolean;
  readonly clock?: Pick<Clock, "now">;
  /** Files may be renamed into folders that are there. */
  readonly mayRename?: boolean;
}

/** A real SFTP server on loopback with a tree in memory. */
export interface SftpDouble {
  readonly source: "sftp";
  /** What the user would write under `sources.sftp`, without paths. */
  readonly options: JsonObject & { readonly host: string; readonly port: number; readonly hostKey: string };
  readonly secrets: Credentials;
  readonly keySecrets: Credentials;
  readonly fingerprint: string;
  /** Every request, as `NAME path`. */
  readonly asked: readonly string[];
  /** How many connections signed in. */
  readonly signedIn: () => number;
  /** Bytes of files that were sent as answers to READs. */
  readonly served: () => number;
  put(path: string, content: string | Uint8Array, more?: { modified?: number; claims?: number; denied?: true }): void;
  link(path: string): void;
  remove(path: string): void;
  read(path: string): Buffer | undefined;
  /** The READs from number `after` (0: the next) suffer the fault; once unless `times` says otherwise. */
  fail(fault: SftpFault, more?: { after?: number; times?: number }): void;
  /** Called before each answer: lets a test change the world in between. */
  onRequest(look: (name: string, path: string) => void): void;
  close(): Promise<void>;
}

const USER = "growthos";
const PASSWORD = "CANARY-sftp-password-1";
const PASSPHRASE = "CANARY-sftp-passphrase-1";
const { STATUS_CODE } = ssh2.utils.sftp;

/** Starts a server. Nothing can be written or deleted, nor renamed without `mayRename`: such a request is refused and remembered in `asked`. */
export async function sftpDouble(setup: SftpDoubleOptions = {}): Promise<SftpDouble> {
  const clock = setup.clock ?? fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const hostKey = newKey(setup.hostKey ?? "ed25519");
  const client = clientKey();
  const world = newWorld(clock, setup.mayRename === true);
  const connections = new Set<ssh2.Connection>();
  let signedIn = 0;
  const config = { hostKeys: [hostKey.private], ...(setup.algorithms ? { algorithms: setup.algorithms } : {}) };
  const server = new ssh2.Server(config, (connection) => {
    (connection as ssh2.Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    connections.add(connection);
    // A client that goes away in the middle is what these tests are about.
    connection.on("error", () => connections.delete(connection));
    connection.on("authentication", (context) => authenticate(context, client.public, setup.keyboardOnly === true));
    connection.on("ready", () => {
      signedIn += 1;
    });
    connection.on("session", (accept) => {
      accept().on("sftp", (open) => serve(open(), connection, world));
    });
  });
  // A mute server: the connection is there, and nothing comes.
  if (setup.mute === true) server.removeAllListeners("connection");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    source: "sftp",
    options: { host: "127.0.0.1", port, user: USER, hostKey: hostKey.fingerprint, allowPrivate: true },
    secrets: { password: new Secret(PASSWORD) },
    keySecrets: { keyFile: new Secret(client.private), passphrase: new Secret(PASSPHRASE) },
    fingerprint: hostKey.fingerprint,
    asked: world.asked,
    signedIn: () => signedIn,
    served: () => world.served,
    ...controls(world),
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end();
        server.close(() => resolve());
      }),
  };
}

let made: ReturnType<typeof lockedKey> | undefined;

/** The key of the one user: the same for all doubles, because locking it with a passphrase is slow by design. */
function clientKey(): ReturnType<typeof lockedKey> {
  made ??= lockedKey();
  return made;
}

function lockedKey() {
  const locked = { passphrase: PASSPHRASE, cipher: "aes256-ctr", rounds: 16 };
  return usable(() => ssh2.utils.generateKeyPairSync("ed25519", locked), PASSPHRASE);
}

function newKey(kind: "ed25519" | "ecdsa" | "rsa"): { readonly private: string; readonly fingerprint: string } {
  const bits = { ed25519: {}, ecdsa: { bits: 256 }, rsa: { bits: 2048 } }[kind];
  const pair = usable(() => ssh2.utils.generateKeyPairSync(kind as "rsa", bits as { bits: number }));
  const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
  const digest = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return { private: pair.private, fingerprint: `SHA256:${digest}` };
}

/** The library writes about one key in a hundred in a way that it cannot read itself; such a one is thrown away. */
function usable<K extends { readonly private: string }>(make: () => K, passphrase?: string): K {
  for (;;) {
    const pair = make();
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair;
  }
}

function authenticate(context: ssh2.AuthContext, publicKey: string, keyboardOnly: boolean): void {
  const others: ssh2.AuthenticationType[] = keyboardOnly ? ["keyboard-interactive"] : ["password", "publickey"];
  const answer = (isRight: boolean) => (isRight ? context.accept() : context.reject(others));
  if (context.method === "keyboard-interactive" && keyboardOnly && context.username === USER) {
    context.prompt([{ prompt: "Password: ", echo: false }], (answers) => answer(answers[0] === PASSWORD));
  } else {
    answer(context.username === USER && !keyboardOnly && isRight(context, publicKey));
  }
}

function isRight(context: ssh2.AuthContext, publicKey: string): boolean {
  if (context.method === "password") return context.password === PASSWORD;
  const known = ssh2.utils.parseKey(publicKey);
  if (context.method !== "publickey" || known instanceof Error) return false;
  if (!context.key.data.equals(known.getPublicSSH())) return false;
  const { signature, blob, hashAlgo } = context;
  // Without a signature the client only asks whether this key would do.
  return signature === undefined || blob === undefined || known.verify(blob, signature, hashAlgo);
}

interface World {
  readonly nodes: Map<string, Node>;
  readonly asked: string[];
  readonly faults: { fault: SftpFault; after: number; times: number }[];
  readonly now: () => number;
  readonly mayRename: boolean;
  served: number;
  look: (name: string, path: string) => void;
}

function newWorld(clock: Pick<Clock, "now">, mayRename: boolean): World {
  const root: Node = { kind: "folder", content: Buffer.alloc(0), modified: 0 };
  return {
    nodes: new Map([["/", root]]),
    asked: [],
    faults: [],
    now: () => Math.floor(clock.now() / 1000),
    mayRename,
    served: 0,
    look: () => {},
  };
}

function controls(world: World): Pick<SftpDouble, "put" | "link" | "remove" | "read" | "fail" | "onRequest"> {
  const folders = (path: string) => {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      world.nodes.set(path.slice(0, cut), { kind: "folder", content: Buffer.alloc(0), modified: 0 });
    }
  };
  return {
    put: (path, content, more = {}) => {
      folders(path);
      const modified = more.modified ?? world.now();
      world.nodes.set(path, { kind: "file", content: Buffer.from(content), ...more, modified });
    },
    link: (path) => {
      folders(path);
      world.nodes.set(path, { kind: "link", content: Buffer.alloc(0), modified: 0 });
    },
    remove: (path) => void world.nodes.delete(path),
    read: (path) => world.nodes.get(path)?.content,
    fail: (fault, { after = 0, times = 1 } = {}) => void world.faults.push({ fault, after, times }),
    onRequest: (look) => {
      world.look = look;
    },
  };
}

const MODES = { file: 0o100644, folder: 0o040755, link: 0o120777 };

function attributes(node: Node): ssh2.Attributes {
  const size = node.claims ?? node.content.length;
  return { mode: MODES[node.kind], uid: 0, gid: 0, size, atime: node.modified, mtime: node.modified };
}

/** Answers one channel. */
function serve(sftp: ssh2.SFTPWrapper, connection: ssh2.Connection, world: World): void {
  const handles = new Map<string, { readonly path: string; listed: number }>();
  let isCut = false;
  const enter = (name: string, path: string) => {
    world.asked.push(`${name} ${path}`);
    world.look(name, path);
  };
  const opened = (id: number, path: string) => {
    const name = String(handles.size + 1);
    handles.set(name, { path, listed: 0 });
    sftp.handle(id, Buffer.from(name));
  };
  const found = (id: number, path: string, act: (node: Node) => void) => {
    const node = world.nodes.get(path === "." ? "/" : path.replace(/(.)\/+$/, "$1"));
    if (node === undefined) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    if (node.denied) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    act(node);
  };
  for (const name of ["STAT", "LSTAT"] as const) {
    sftp.on(name, (id: number, path: string) => {
      enter(name, path);
      found(id, path, (node) => sftp.attrs(id, attributes(node)));
    });
  }
  for (const name of ["WRITE", "REMOVE", "RMDIR", "MKDIR", "SETSTAT", "FSETSTAT", "SYMLINK"] as const) {
    sftp.on(name as "REMOVE", (id: number, path: string) => {
      enter(name, String(path));
      sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    });
  }
  sftp.on("RENAME", (id, from, to) => {
    enter("RENAME", `${from} ${to}`);
    if (!world.mayRename) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    const isPossible = !world.nodes.has(to) && world.nodes.has(to.slice(0, to.lastIndexOf("/")));
    if (!isPossible) return sftp.status(id, STATUS_CODE.FAILURE);
    found(id, from, (node) => {
      world.nodes.set(to, node);
      world.nodes.delete(from);
      sftp.status(id, STATUS_CODE.OK);
    });
  });
  sftp.on("OPEN", (id, path, flags) => {
    enter(flags === 1 ? "OPEN" : "OPEN_TO_WRITE", path);
    found(id, path, () => (flags === 1 ? opened(id, path) : sftp.status(id, STATUS_CODE.PERMISSION_DENIED)));
  });
  sftp.on("OPENDIR", (id, path) => {
    enter("OPENDIR", path);
    found(id, path, () => opened(id, path.replace(/(.)\/+$/, "$1")));
  });
  sftp.on("FSTAT", (id, handle) => {
    const path = handles.get(handle.toString())?.path ?? "";
    enter("FSTAT", path);
    found(id, path, (node) => sftp.attrs(id, attributes(node)));
  });
  sftp.on("CLOSE", (id) => sftp.status(id, STATUS_CODE.OK));
  sftp.on("READDIR", (id, handle) => {
    const at = handles.get(handle.toString());
    if (at === undefined) return sftp.status(id, STATUS_CODE.FAILURE);
    enter("READDIR", at.path);
    const page = children(world, at.path).slice(at.listed, at.listed + 100);
    at.listed += page.length;
    if (page.length === 0) return sftp.status(id, STATUS_CODE.EOF);
    sftp.name(id, page);
  });
  sftp.on("READ", (id, handle, offset, length) => {
    const path = handles.get(handle.toString())?.path ?? "";
    enter("READ", path);
    found(id, path, (node) => {
      // What was asked before the client noticed is not answered.
      if (isCut) return;
      const fault = nextFault(world);
      if (fault === "cut") {
        isCut = true;
        return void connection.end();
      }
      if (fault === "silence") return;
      if (fault === "short") return sftp.status(id, STATUS_CODE.EOF);
      const bytes = node.content.subarray(offset, offset + (fault === "drip" ? 1 : length));
      if (fault === "grow") node.content = Buffer.concat([node.content, Buffer.from("more")]);
      if (bytes.length === 0) return sftp.status(id, STATUS_CODE.EOF);
      world.served += bytes.length;
      sftp.data(id, bytes);
    });
  });
}

function nextFault({ faults }: World): SftpFault | null {
  const [first] = faults;
  if (first === undefined) return null;
  if (first.after > 0) {
    first.after -= 1;
    return null;
  }
  first.times -= 1;
  if (first.times <= 0) faults.shift();
  return first.fault;
}

function children(world: World, folder: string): ssh2.FileEntry[] {
  const prefix = folder === "/" || folder === "." ? "/" : `${folder}/`;
  return [...world.nodes]
    .filter(([path]) => path !== "/" && path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
    .map(([path, node]) => ({ filename: path.slice(prefix.length), longname: path, attrs: attributes(node) }));
}
