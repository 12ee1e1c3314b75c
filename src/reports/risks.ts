import type { Judgement, Severity } from "../alerts/types.js";

/** What a rule found, as the weekly review tells it. */
export interface Risk {
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly advice: string;
}

/** Findings, the most severe first, then in the order of the rules; what could not be judged; and how many rules looked. */
export interface RiskReport {
  readonly risks: readonly Risk[];
  readonly noSignal: readonly { readonly metric: string; readonly detail: string }[];
  readonly rules: number;
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** The judgements of the alert engine as a chapter of a page. A rule whose input is unknown is told of: silence is not health. */
export function riskReport(judgements: readonly Judgement[], rules: number): RiskReport {
  const noSignal = new Map<string, string>();
  for (const { verdict } of judgements) if (verdict.kind === "no_signal") noSignal.set(verdict.input, verdict.detail);
  const risks = judgements.flatMap(({ verdict, title, what, advice }): readonly Risk[] =>
    verdict.kind === "fires" ? [{ severity: verdict.severity, title, detail: what, advice }] : [],
  );
  return {
    risks: risks.sort((a, b) => RANK[a.severity] - RANK[b.severity]),
    noSignal: [...noSignal].map(([metric, detail]) => ({ metric, detail })),
    rules,
  };
}
