/**
 * Runs work about one key one at a time, in order of arrival, within this process: callbacks that arrive twice at once would
 * both redeem the same code. Across processes the store's versions decide.
 */
export function lanes(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = Promise.allSettled([mine]);
    last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}
