/** Sources of a connector that read a file or a folder instead of asking the vendor: imports, without a sign-in. */
import type { SourceConfig } from "../config/types.js";

/** The file of a source of exchange rates; undefined when rates come over the network, or for another source. */
export function fxFileOf({ id, options }: SourceConfig): string | undefined {
  const file = id === "fx" ? (options as { readonly file?: unknown } | null)?.file : undefined;
  return typeof file === "string" ? file : undefined;
}

/** The folder of a GA4 export; undefined when BigQuery is asked, or for another source. */
export function exportFolderOf({ id, options }: SourceConfig): string | undefined {
  const folder = id === "ga4_events" ? (options as { readonly folder?: unknown } | null)?.folder : undefined;
  return typeof folder === "string" ? folder : undefined;
}

/** True when nobody is asked over the network. */
export function isLocal(source: SourceConfig): boolean {
  return fxFileOf(source) !== undefined || exportFolderOf(source) !== undefined;
}
