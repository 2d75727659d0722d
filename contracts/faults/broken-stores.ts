/** Stores that break one rule each; the rest is the real store. For mutations.ts. */
import type { Store } from "#store";

const claimName = ({ partner, key = "" }: { partner: string; key?: string }): string => `${partner} ${key}`;

function over(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name, receiver) => Reflect.get(methods, name) ?? Reflect.get(target, name, receiver),
  });
}

/** The intent reaches the store together with the outcome. */
export function commitAfterSend(store: Store, committed: Map<string, unknown>): Store {
  const deferred = new Map<string, Parameters<Store["begin"]>[0]>();
  const flush = async (name: string): Promise<void> => {
    const input = deferred.get(name);
    if (input === undefined) return;
    deferred.delete(name);
    committed.set(name, true);
    await store.begin(input);
  };
  const flushResource = async (id: string | undefined): Promise<void> => {
    for (const [name, input] of deferred) if (input.resource?.id === id) await flush(name);
  };
  return over(store, {
    async begin(input) {
      const name = claimName(input);
      if (input.resource === undefined || committed.has(name)) return store.begin(input);
      const waiting = deferred.get(name);
      if (waiting !== undefined) return { kind: "in_flight", leaseUntilMs: waiting.leaseUntilMs };
      deferred.set(name, input);
      return { kind: "claimed" };
    },
    async complete(input) {
      await flush(claimName(input));
      await store.complete(input);
    },
    async release(input) {
      if (!deferred.delete(claimName(input))) await store.release(input);
    },
    async resource(id) {
      await flushResource(id);
      return store.resource(id);
    },
    async reroute(id, adapter) {
      await flushResource(id);
      return store.reroute(id, adapter);
    },
  });
}

/** Looks whether the key was used, and writes it down afterwards: no unique claim decides between twins. */
export function lookUpThenInsert(store: Store, table: Map<string, unknown>): Store {
  let rows = 0;
  const rowOf = (name: string, id: string | undefined): string | undefined =>
    (table.get(`row of ${id ?? ""}`) ?? table.get(name)) as string | undefined;
  return over(store, {
    async begin(input) {
      if (input.resource === undefined) return store.begin(input);
      const name = claimName(input);
      const found = table.get(name) as string | undefined;
      if (found !== undefined) return store.begin({ ...input, key: found });
      rows += 1;
      const key = `${input.key}#${rows}#${input.resource.id}`;
      const result = await store.begin({ ...input, key });
      table.set(name, key);
      table.set(`row of ${input.resource.id}`, key);
      return result;
    },
    complete(input) {
      const key = rowOf(claimName(input), input.resource?.id ?? input.settled?.id) ?? input.key;
      return store.complete(key === undefined ? input : { ...input, key });
    },
    async release(input) {
      const key = rowOf(claimName(input), undefined);
      table.delete(claimName(input));
      await store.release(key === undefined ? input : { ...input, key });
    },
  });
}

/** The event is written in a commit of its own, after the movement's. */
export function eventsOutside(store: Store): Store {
  const tell = async (
    id: string,
    movement: Pick<Parameters<Store["advance"]>[0], "event" | "cause" | "askAtMs">,
    nowMs: number,
  ) => {
    const row = await store.resource(id);
    if (row === undefined) return;
    const { status, body, version: expectedVersion } = row;
    await store.advance({ ...movement, id, status, body, expectedVersion, nowMs });
  };
  return over(store, {
    async advance(input) {
      const { event, ...silent } = input;
      const moved = await store.advance(silent);
      const { id, cause, askAtMs, nowMs } = input;
      if (moved && event !== undefined)
        await tell(id, { event, cause, ...(askAtMs === undefined ? {} : { askAtMs }) }, nowMs);
      return moved;
    },
    async complete(input) {
      if (input.resource?.event === undefined) return store.complete(input);
      const { event, ...silent } = input.resource;
      await store.complete({ ...input, resource: silent });
      const { id, cause, askAtMs } = silent;
      await tell(id, { event, cause, ...(askAtMs === undefined ? {} : { askAtMs }) }, input.nowMs);
    },
  });
}

/** The last writer wins: what was moved meanwhile is overwritten. */
export function staleWritesWin(store: Store): Store {
  return over(store, {
    async advance(input) {
      const row = await store.resource(input.id);
      return store.advance({ ...input, expectedVersion: row?.version ?? input.expectedVersion });
    },
  });
}
