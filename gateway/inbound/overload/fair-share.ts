/**
 * The share with which `capacity` is divided max-min fairly: whoever asks for less gets all of it, and what is left is divided
 * among the others. Infinity when all of it fits; at least 1.
 */
export function fairShare(capacity: number, demands: readonly number[]): number {
  const rising = demands.toSorted((a, b) => a - b);
  let left = capacity;
  for (const [at, demand] of rising.entries()) {
    const even = left / (rising.length - at);
    if (demand > even) return Math.max(1, Math.floor(even));
    left -= demand;
  }
  return Infinity;
}
