/** Ad platforms by the names that people know. */

const PLATFORMS: Readonly<Record<string, string>> = { meta_ads: "Meta Ads", google_ads: "Google Ads", files: "Files" };

/** The name of a source of ad spend; its id where it has none. */
export function platformName(source: string): string {
  return PLATFORMS[source] ?? source;
}
