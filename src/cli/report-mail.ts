import { join } from "node:path";
import type { ReportMail } from "../reports/render-email.js";
import type { ReportModel } from "../reports/types.js";
import type { CommandContext } from "./command.js";

/** The report as a mail, with the pages' colours and font in its drawings. */
export async function mailOf(context: CommandContext, model: ReportModel): Promise<ReportMail> {
  const [{ renderEmail }, { painter }] = await Promise.all([
    import("../reports/render-email.js"),
    import("../reports/png.js"),
  ]);
  const { files } = context.effects;
  const style = files.readText(join(context.packageFolder, "templates", "theme.css"));
  return renderEmail(model, painter({ files, style }));
}
