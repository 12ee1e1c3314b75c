import { basename, dirname, relative } from "node:path";
import type { Files } from "../../base/files.js";
import { putSnapshot, type Snapshot, takeSnapshot } from "./snapshot.js";

// A model of what would survive a power cut, more pessimistic than any real file system: a name survives when its folder was synced
// after it changed, content when the file was synced after it was written (else half of it is there). A rename is one event on both sides.

interface Folder {
  readonly kind: "folder";
  readonly names: Map<string, Node>;
  durable: Map<string, Node>;
}
interface File {
  readonly kind: "file";
  content: Uint8Array;
  synced: Uint8Array | null;
}
type Node = Folder | File;

interface Rename {
  readonly from: Folder;
  readonly fromName: string;
  readonly to: Folder;
  readonly toName: string;
  readonly node: Node;
}

/** Files that remember what was synced. */
export interface PowerModel {
  readonly files: Files;
  /** Cuts the power: the folder on disk becomes what would be left. */
  cut(): void;
}

/** Wraps `real` for everything below `root`; what is there now counts as durable. */
export function powerModel(real: Files, root: string): PowerModel {
  const top = modelOf(takeSnapshot(root));
  const renames: Rename[] = [];
  const at = (path: string): Node => {
    const segments = relative(root, path)
      .split("/")
      .filter((segment) => segment !== "");
    return segments.reduce<Node>((node, segment) => {
      const next = node.kind === "folder" ? node.names.get(segment) : undefined;
      if (next === undefined) throw new Error(`the power model does not know ${path}`);
      return next;
    }, top);
  };
  const parent = (path: string): Folder => {
    const node = at(dirname(path));
    if (node.kind === "file") throw new Error(`${dirname(path)} is a file`);
    return node;
  };
  const put = (path: string, content: Uint8Array) => {
    const node = parent(path).names.get(basename(path));
    if (node?.kind === "file") {
      node.content = content;
      node.synced = null;
    } else parent(path).names.set(basename(path), { kind: "file", content, synced: null });
  };
  const makeFolder = (path: string): void => {
    if (relative(root, path) === "") return;
    makeFolder(dirname(path));
    const names = parent(path).names;
    if (!names.has(basename(path))) names.set(basename(path), { kind: "folder", names: new Map(), durable: new Map() });
  };
  const files: Files = {
    ...real,
    makeFolder: (path) => {
      real.makeFolder(path);
      makeFolder(path);
    },
    write: (path, data) => {
      real.write(path, data);
      put(path, bytesOf(data));
    },
    append: (path, data) => {
      real.append(path, data);
      put(path, real.read(path));
    },
    copy: (from, to) => {
      real.copy(from, to);
      put(to, real.read(to));
    },
    external: async (name, path, action) => {
      const result = await real.external(name, path, action);
      if (real.stat(path)?.kind === "file") put(path, real.read(path));
      return result;
    },
    sync: (path) => {
      real.sync(path);
      const node = at(path);
      if (node.kind === "file") node.synced = node.content;
      else syncFolder(node, renames);
    },
    rename: (from, to) => {
      real.rename(from, to);
      const node = at(from);
      parent(from).names.delete(basename(from));
      parent(to).names.set(basename(to), node);
      renames.push({ from: parent(from), fromName: basename(from), to: parent(to), toName: basename(to), node });
    },
    link: (existing, target) => {
      real.link(existing, target);
      parent(target).names.set(basename(target), at(existing));
    },
    remove: (path) => {
      real.remove(path);
      if (real.stat(dirname(path)) !== undefined) parent(path).names.delete(basename(path));
    },
  };
  return { files, cut: () => putSnapshot(root, survivorsOf(top)) };
}

function modelOf(snapshot: Snapshot): Folder {
  const top: Folder = { kind: "folder", names: new Map(), durable: new Map() };
  const folders = new Map<string, Folder>([[".", top]]);
  for (const [path, content] of snapshot) {
    const node: Node =
      content === null
        ? { kind: "folder", names: new Map(), durable: new Map() }
        : { kind: "file", content, synced: content };
    if (node.kind === "folder") folders.set(path, node);
    for (const names of [folders.get(dirname(path))?.names, folders.get(dirname(path))?.durable])
      names?.set(basename(path), node);
  }
  return top;
}

function syncFolder(folder: Folder, renames: Rename[]): void {
  for (let index = renames.length - 1; index >= 0; index--) {
    const rename = renames[index];
    if (rename === undefined || (rename.from !== folder && rename.to !== folder)) continue;
    if (rename.from.durable.get(rename.fromName) === rename.node) rename.from.durable.delete(rename.fromName);
    if (rename.to.names.get(rename.toName) === rename.node) rename.to.durable.set(rename.toName, rename.node);
    renames.splice(index, 1);
  }
  folder.durable = new Map(folder.names);
}

function survivorsOf(top: Folder): Snapshot {
  const found = new Map<string, Uint8Array | null>();
  const visit = (folder: Folder, path: string) => {
    for (const [name, node] of folder.durable) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (node.kind === "file") found.set(inner, node.synced ?? node.content.subarray(0, node.content.length >> 1));
      else {
        found.set(inner, null);
        visit(node, inner);
      }
    }
  };
  visit(top, "");
  return found;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}
