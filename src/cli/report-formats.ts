/** The renderings that need more than text: a mail as a file, and a PDF printed by a browser. */
import { join } from "node:path";
import { sha256 } from "../base/hash.js";
import { FORMATS, type Format, type RenderedFile, replaceFiles } from "../reports/site.js";
import type { ReportModel } from "../reports/types.js";
import type { CommandContext } from "./command.js";

/** Everything that `--format` takes. */
export type WantedFormat = Format | "email" | "pdf";

/** All of them. */
export const ALL_FORMATS: readonly WantedFormat[] = [...FORMATS, "email", "pdf"];

/** What is rendered as text first: a PDF is printed from the page. */
export function textFormats(wanted: readonly WantedFormat[]): readonly Format[] {
  return FORMATS.filter((format) => wanted.includes(format) || (format === "html" && wanted.includes("pdf")));
}

/** Writes `<page>.eml` and `<page>.pdf` into the folder in which the pages stand. Returns their paths. */
export async function writeRich(
  context: CommandContext,
  wanted: readonly WantedFormat[],
  { models, folder }: { readonly models: readonly ReportModel[]; readonly folder: string },
): Promise<readonly string[]> {
  const rendered: RenderedFile[] = [];
  for (const model of models) {
    if (wanted.includes("email")) rendered.push({ name: `${model.id}.eml`, text: await mailFile(context, model) });
    if (wanted.includes("pdf")) rendered.push({ name: `${model.id}.pdf`, text: await pdfFile(context, model, folder) });
  }
  const { files, random } = context.effects;
  if (rendered.length > 0) replaceFiles(files, folder, { rendered, random });
  return rendered.map(({ name }) => join(folder, name));
}

/** A mail to nobody yet: mail programs open it as a draft. */
async function mailFile(context: CommandContext, model: ReportModel): Promise<Uint8Array> {
  const [{ mailOf }, { composeMail }] = await Promise.all([import("./report-mail.js"), import("../notify/smtp.js")]);
  const { inputHash, lastCompleteDay } = model.context;
  const messageId = `<${sha256(`${model.id} ${lastCompleteDay} ${inputHash}`).slice(0, 24)}@growthos>`;
  const nobody = "growthos@localhost";
  const at = Date.parse(`${model.context.asOf}T00:00:00Z`);
  return composeMail({ ...(await mailOf(context, model)), from: nobody, to: nobody, messageId, at });
}

async function pdfFile({ effects }: CommandContext, model: ReportModel, folder: string): Promise<Uint8Array> {
  const { findBrowser, printPdf } = await import("./print-pdf.js");
  const { env, files, machine, random } = effects;
  const profile = join(folder, `.tmp-${random.hex(8)}`);
  const browser = findBrowser(effects);
  return printPdf(join(folder, `${model.id}.html`), { browser, env, files, profile, isRoot: machine.user === 0 });
}
