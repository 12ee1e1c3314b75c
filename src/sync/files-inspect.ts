import { GrowthosError } from "../base/errors.js";
import { mappedShape } from "../connectors/files/mapped.js";
import { type FilesOptions, filesOptions, type ImportOptions } from "../connectors/files/options.js";
import { type Grain, grainOf, looksPersonal, tooCoarse } from "../connectors/files/plan.js";
import { configSnippet, type Proposal, proposeMapping } from "../connectors/files/propose.js";
import { nearMisses } from "../connectors/files/recognise.js";
import type { HeadFacts, Recognition } from "../connectors/files/types.js";
import type { FileFindings } from "../warehouse/file-plan.js";
import { type ExamineContext, examineFile, refuseBad } from "./files.js";
import { type FoundFile, nameOf, pathMatcher } from "./files-find.js";
import { openFile, recogniseFile } from "./files-open.js";

/** Everything that growthos can say about a file without importing it. */
export interface Inspection {
  readonly name: string;
  readonly head: HeadFacts;
  /** What the file is taken for; null when it is not recognised. */
  readonly recognised: { readonly stream: string; readonly title: string; readonly because: string } | null;
  /** Known exports that it resembles, when it is not recognised. */
  readonly near: readonly {
    readonly title: string;
    readonly found: readonly string[];
    readonly missing: readonly string[];
  }[];
  readonly columns: readonly {
    readonly header: string;
    readonly field: string | null;
    readonly kind: string | null;
    readonly isPersonal: boolean;
  }[];
  /** Rows, sums and first bad rows, also of a file that would be refused; null when nothing could be judged. */
  readonly findings: FileFindings | null;
  /** Why an import would stop, or null. */
  readonly refusal: GrowthosError | null;
  /** A mapping to paste, for a file that is not recognised. */
  readonly proposal: (Proposal & { readonly snippet: string }) | null;
}

/** Looks at one file as an import would, and lands nothing. Throws only for a file that is no table at all. */
export async function inspectFile(context: ExamineContext, file: FoundFile): Promise<Inspection> {
  const opened = await openFile(context, file);
  const { head } = opened;
  const known = recogniseOrRefusal(head, file);
  if (known instanceof GrowthosError) return inspectUnknown(context, file, { head, refusal: known });
  const grain = grainOf(known, head);
  const { findings, plan } = await examineFile(context, file, true);
  return {
    name: file.name,
    head,
    recognised: { stream: known.shape.stream, title: known.shape.title, because: known.because },
    near: [],
    columns: columnsOf(head, known),
    findings,
    refusal: refusalOf(known, grain, file.name) ?? caught(() => refuseBad(plan, findings)),
    proposal: null,
  };
}

/** The declared import that names a path, if any: inspecting it then shows what a sync would do. */
export function declaredFor(options: FilesOptions, projectRoot: string, path: string): ImportOptions | null {
  const name = nameOf(projectRoot, path);
  const matches = ({ path: pattern }: ImportOptions) =>
    pathMatcher(pattern)(name) || pathMatcher(pattern)(path) || pattern === `./${name}`;
  return options.imports.find(matches) ?? null;
}

function recogniseOrRefusal(head: HeadFacts, file: FoundFile): Recognition | GrowthosError {
  try {
    return recogniseFile(head, file);
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.parts.exit === "badData") return thrown;
    throw thrown;
  }
}

function refusalOf(recognition: Recognition, grain: Grain, name: string): GrowthosError | null {
  return grain.kind === "too_coarse" ? tooCoarse(recognition, name, grain.why) : null;
}

function caught(action: () => void): GrowthosError | null {
  try {
    action();
    return null;
  } catch (thrown) {
    if (thrown instanceof GrowthosError) return thrown;
    throw thrown;
  }
}

async function inspectUnknown(
  context: ExamineContext,
  file: FoundFile,
  { head, refusal }: { readonly head: HeadFacts; readonly refusal: GrowthosError },
): Promise<Inspection> {
  const proposal = proposeMapping(head);
  const fields = new Map(Object.entries(proposal.columns).map(([field, header]) => [header, field]));
  const kinds = new Map(mappedShape(proposal.as).fields.map((field) => [field.name, field]));
  return {
    name: file.name,
    head,
    recognised: null,
    near: nearMisses(head.header).map(({ shape, found, missing }) => ({ title: shape.title, found, missing })),
    columns: head.header.map((header) => {
      const field = fields.get(header) ?? null;
      const known = field === null ? undefined : kinds.get(field);
      const isPersonal = known?.pii !== undefined || looksPersonal(header);
      return { header, field, kind: known?.kind ?? null, isPersonal };
    }),
    findings: await trial(context, file, proposal),
    refusal,
    proposal: { ...proposal, snippet: configSnippet(file.name, proposal) },
  };
}

/** What the proposed mapping would give; null while it lacks a field or the file cannot be read that way. */
async function trial(context: ExamineContext, file: FoundFile, proposal: Proposal): Promise<FileFindings | null> {
  if (proposal.unknown.length > 0) return null;
  const { as, columns } = proposal;
  const [declared] = filesOptions.parse({ imports: [{ path: file.name, as, columns }] }).imports;
  if (declared === undefined) return null;
  try {
    return (await examineFile(context, { ...file, declared }, true)).findings;
  } catch (thrown) {
    // The proposal is a guess: when it does not fit, the user sees the mapping without figures and corrects it.
    if (thrown instanceof GrowthosError && thrown.parts.exit === "badData") return null;
    throw thrown;
  }
}

function columnsOf(head: HeadFacts, recognition: Recognition): Inspection["columns"] {
  return head.header.map((header, index) => {
    const field = recognition.matches.find((match) => match.index === index)?.field;
    const isPersonal = field === undefined ? looksPersonal(header) : field.pii !== undefined;
    return { header, field: field?.name ?? null, kind: field?.kind ?? null, isPersonal };
  });
}
