/**
 * Faults of the gateway itself, put in through its ports: each breaks one rule of "once", and each must be seen. A mutation
 * that no harness sees means that the harnesses are too weak.
 */
import { createHash } from "node:crypto";
import { Fault } from "#capability";
import type { LoadedAdapter, Outbound } from "#outbound";
import type { Store } from "#store";
import type { InvariantName, Violation } from "./report.ts";
import { runNth } from "./nth/loop.ts";
import { runSeed } from "./simulation/seed.ts";
import { heard } from "./world/adapter.ts";
import type { Mutation } from "./world/gateway.ts";

export interface NamedMutation {
  name: string;
  /** The rule that it breaks. */
  what: string;
  mutation: Mutation;
}

type Manifest = LoadedAdapter["manifest"];
type AnyHandler = (call: { reference: string }, vendor: unknown) => unknown;

/** The creating handlers of the manifest, with their call changed. */
function withCreates(manifest: Manifest, change: (call: { reference: string }) => { reference: string }): Manifest {
  const capabilities = Object.entries(manifest.capabilities as Record<string, Record<string, AnyHandler>>);
  const changed = capabilities.map(([name, { create, ...verbs }]) => [
    name,
    { ...verbs, create: (call: { reference: string }, vendor: unknown) => create?.(change(call), vendor) },
  ]);
  return { ...manifest, capabilities: Object.fromEntries(changed) as Manifest["capabilities"] };
}

/** Every vendor call, with what is done about a fault of it. */
function withFaults(
  outbound: Outbound,
  about: (fault: Fault, again: () => Promise<unknown>) => Promise<unknown>,
): Outbound {
  return {
    ...outbound,
    client(context) {
      const client = outbound.client(context);
      return {
        ...client,
        call: (operation, input) => {
          const once = () => client.call(operation, input);
          return once().catch((error: unknown) => {
            if (!(error instanceof Fault) || error.outcome !== "unknown") throw error;
            return about(error, once) as ReturnType<typeof once>;
          });
        },
      };
    },
  };
}

const claimName = ({ partner, key = "" }: { partner: string; key?: string }): string => `${partner} ${key}`;

function over(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name, receiver) => Reflect.get(methods, name) ?? Reflect.get(target, name, receiver),
  });
}

/** The intent reaches the store together with the outcome. */
function commitAfterSend(store: Store, committed: Map<string, unknown>): Store {
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
function lookUpThenInsert(store: Store, table: Map<string, unknown>): Store {
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
function eventsOutside(store: Store): Store {
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
function staleWritesWin(store: Store): Store {
  return over(store, {
    async advance(input) {
      const row = await store.resource(input.id);
      return store.advance({ ...input, expectedVersion: row?.version ?? input.expectedVersion });
    },
  });
}

let attempts = 0;

/** The rules that must not be broken, broken one by one. */
export const mutations: readonly NamedMutation[] = [
  {
    name: "random vendor key",
    what: "the vendor gets another number with each attempt",
    mutation: {
      adapter: (manifest) =>
        withCreates(manifest, (call) => {
          attempts += 1;
          const reference = createHash("sha256").update(`attempt ${attempts}`).digest("hex").slice(0, 32);
          return { ...call, reference };
        }),
    },
  },
  { name: "commit after send", what: "the intent is not durable before sending", mutation: { store: commitAfterSend } },
  { name: "look up, then insert", what: "no unique claim decides", mutation: { store: lookUpThenInsert } },
  {
    name: "unverified callback trusted",
    what: "a callback's signature is not looked at",
    mutation: {
      adapter: (manifest) => ({
        ...manifest,
        ...(manifest.callbacks && { callbacks: { ...manifest.callbacks, verify: ({ body }) => heard(body) } }),
      }),
    },
  },
  {
    name: "unknown said as rejected",
    what: "a lost answer becomes a definite no",
    mutation: {
      outbound: (outbound) =>
        withFaults(outbound, () => Promise.reject(new Fault("vendor_rejected", { outcome: "rejected" }))),
    },
  },
  {
    name: "unknown taken for not sent",
    what: "a lost answer gives the key back, or goes to the next vendor",
    mutation: {
      outbound: (outbound) =>
        withFaults(outbound, () => Promise.reject(new Fault("vendor_unavailable", { outcome: "not_sent" }))),
    },
  },
  {
    name: "unknown repeated",
    what: "an effect is sent again after a lost answer",
    mutation: { outbound: (outbound) => withFaults(outbound, (_, again) => again()) },
  },
  { name: "events outside the commit", what: "state and event are two commits", mutation: { store: eventsOutside } },
  { name: "stale writes win", what: "no version decides between movements", mutation: { store: staleWritesWin } },
];

export interface Verdict {
  name: string;
  what: string;
  /** Undefined: it survived. */
  caught: { harness: "nth" | "simulation"; invariants: InvariantName[]; replay: string; example: string } | undefined;
  durationMs: number;
}

const seedsTried = 12;
const stepsEach = 600;
const nthBudgetMs = 60_000;

/** Runs a mutation until a harness sees it: random seeds first, then the loop. */
export async function tryMutation({ name, what, mutation }: NamedMutation, firstSeed: number): Promise<Verdict> {
  const startedMs = Date.now();
  const verdict = (caught: Verdict["caught"]): Verdict => ({ name, what, caught, durationMs: Date.now() - startedMs });
  const red = (harness: "nth" | "simulation", found: Pick<Violation, "invariant" | "what">[], replay: string) => {
    const invariants = [...new Set(found.map(({ invariant }) => invariant))].toSorted();
    return verdict({ harness, invariants, replay, example: found[0]?.what ?? "" });
  };
  for (let seed = firstSeed; seed < firstSeed + seedsTried; seed += 1) {
    const { findings } = await runSeed({ seed, steps: stepsEach, mutation, untilFirst: true });
    if (findings.length > 0) return red("simulation", findings, `--seed ${seed}`);
  }
  const options = { budgetMs: nthBudgetMs, seed: firstSeed, progress() {}, mutation, untilFirst: true };
  const { violations } = await runNth(options);
  const [first] = violations;
  return first === undefined ? verdict(undefined) : red("nth", violations, first.replay);
}
