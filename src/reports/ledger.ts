/** The words of the ledger, the same on the page and in the terminal. */

/** How far payouts are explained by the entries that the ledger knows. */
export function payoutsSentence({ all, unexplained }: { readonly all: number; readonly unexplained: number }): string {
  if (all === 1)
    return unexplained === 0
      ? "The one payout is explained to the cent."
      : "The one payout holds something that no entry explains.";
  if (unexplained === 0) return `All ${all} payouts are explained to the cent.`;
  return `${unexplained} of ${all} payouts ${unexplained === 1 ? "holds" : "hold"} something that no entry explains.`;
}
