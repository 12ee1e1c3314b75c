/** Numbers in [0, 1). */
export type Randoms = () => number;

/** Numbers that are the same in every run: the generator of Park and Miller. */
export function randoms(seed: number): Randoms {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Whole number below `limit`. */
export function below(random: Randoms, limit: number): number {
  return Math.floor(random() * limit);
}
