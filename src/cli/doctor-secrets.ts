/** Are credentials and data kept out of git, and out of other people's sight? (T1) */
import { join, resolve } from "node:path";
import type { Files } from "../base/files.js";
import { secretVariable } from "../config/sources.js";
import { CONNECTORS } from "../connectors/index.js";
import type { CommandContext } from "./command.js";
import type { Finding } from "./finding.js";
import { plural } from "./format.js";
import { findGitTree, type GitTree, isIgnored, pathInTree, trackedPaths } from "./git-tree.js";

interface Place {
  /** As people write it, from the project's folder. */
  readonly name: string;
  readonly path: string;
  readonly kind: "file" | "folder";
}

/** `.env`, key files that variables name, and the folder of the data: not in git, and not for others to read. */
export async function checkSecretFiles(context: CommandContext, projectRoot: string): Promise<readonly Finding[]> {
  const { files, machine } = context.effects;
  const env = await context.env();
  const secret = [
    ...[".env", ...ownFiles(files, projectRoot)].map((name) => ({
      name,
      path: join(projectRoot, name),
      kind: "file" as const,
    })),
    ...keyFiles(env, projectRoot),
  ];
  const data = { name: "workspaces/", path: join(projectRoot, "workspaces"), kind: "folder" as const };
  // Windows has no such modes.
  const open = machine.platform === "win32" ? [] : secret.flatMap((place) => openToOthers(files, place));
  return [...gitFindings(files, [...secret, data], { projectRoot, home: env["HOME"] }), ...open];
}

/** `.env.<workspace>`: variables of one workspace alone. */
function ownFiles(files: Files, projectRoot: string): readonly string[] {
  return files.list(projectRoot).filter((name) => name.startsWith(".env.") && name !== ".env.example");
}

/** Files that hold a credential, as far as variables name them. */
function keyFiles(env: Readonly<Record<string, string | undefined>>, projectRoot: string): readonly Place[] {
  const members = CONNECTORS.flatMap(({ id, signIns }) =>
    signIns.flatMap((one) =>
      one.members.filter(({ file }) => file === true).map(({ name }) => secretVariable(id, name)),
    ),
  );
  return [...new Set([...members, "GROWTHOS_KEY_FILE"])].flatMap((variable) => {
    const value = env[variable] ?? "";
    // The content itself may stand there instead of a path.
    if (value === "" || /[{\n]/.test(value)) return [];
    return [{ name: value, path: resolve(projectRoot, value), kind: "file" as const }];
  });
}

function gitFindings(
  files: Files,
  places: readonly Place[],
  { projectRoot, home }: { readonly projectRoot: string; readonly home: string | undefined },
): readonly Finding[] {
  const tree = findGitTree(files, projectRoot);
  if (tree === null) return [{ check: "git", status: "ok", message: "the project is not in a git work tree" }];
  const tracked = trackedPaths(files, tree);
  const unknown: Finding = {
    check: "git",
    status: "warn",
    message: "what git tracks here cannot be read (a split or new kind of index)",
    fix: `look yourself: \`git ls-files ${places.map(({ name }) => name).join(" ")}\` should print nothing`,
  };
  const inside = places.flatMap((place) => {
    const path = pathInTree(tree, place.path);
    return path === null ? [] : [{ ...place, inTree: path }];
  });
  const problems = inside.flatMap((place) => gitProblem({ files, home }, tree, place, tracked ?? []));
  const good = {
    check: "git",
    status: "ok",
    message: `git leaves ${inside.map(({ name }) => name).join(", ")} alone`,
  } as const;
  return [...(tracked === null ? [unknown] : []), ...(problems.length === 0 ? [good] : problems)];
}

function gitProblem(
  where: { readonly files: Files; readonly home: string | undefined },
  tree: GitTree,
  { name, kind, inTree }: Place & { readonly inTree: string },
  tracked: readonly string[],
): readonly Finding[] {
  const known = tracked.filter((path) => path === inTree || path.startsWith(`${inTree}/`)).length;
  const line = kind === "folder" ? `/${name}` : name.replace(/^\.\//, "");
  if (known > 0) {
    const isData = kind === "folder";
    const message = isData
      ? `git tracks ${plural(known, "file")} in ${name}: data of your customers`
      : `git tracks ${name}, which holds credentials`;
    const rest = isData ? "" : ", and replace the credentials if this was ever pushed: they stay in the history";
    const fix = `run \`git rm ${isData ? "-r " : ""}--cached ${name}\`, add ${line} to .gitignore${rest}`;
    return [{ check: "git", status: "fail", message, fix }];
  }
  if (isIgnored(where, tree, inTree, kind)) return [];
  const message = `git does not ignore ${name}: the next \`git add\` would take it`;
  return [{ check: "git", status: "warn", message, fix: `add the line ${line} to .gitignore` }];
}

function openToOthers(files: Files, { name, path }: Place): readonly Finding[] {
  const found = files.stat(path);
  if (found?.kind !== "file" || (found.mode & 0o077) === 0) return [];
  const mode = (found.mode & 0o777).toString(8);
  const message = `${name} may be read by other users of this machine (mode ${mode})`;
  return [{ check: "permissions", status: "warn", message, fix: `chmod 600 ${name}` }];
}
