/** What is to be seen of a universe: by its partners' reading, in the vendors' books, in the store. */
import { resources } from "#specs";
import type { ResourceRow, Store } from "#store";
import { amountIn } from "../invariants/index.ts";
import type { CallSeen, Observed, ResourceSeen, WebhookSeen } from "../invariants/index.ts";
import type { Fleet } from "./fleet.ts";
import type { Ledger } from "./ledger.ts";
import type { Partner } from "./partner.ts";
import type { VirtualTime } from "./time.ts";

/** The partners of a universe. */
export const names = ["a", "b"] as const;
const kinds = ["instalments", "refunds"] as const;

/** The store of a gateway that lives, without its port. */
export function anyStore(fleet: Fleet): Store {
  const gateway = fleet.all()[0];
  if (gateway === undefined) throw new Error("no gateway lives");
  return gateway.peek;
}

/** Whether nothing can happen to a resource any more. */
export function isOver({ kind, status }: ResourceRow): boolean {
  return status === "void" || resources[kind as (typeof kinds)[number]].finalStates.includes(status);
}

const pageRows = 200;

/** All resources of both partners. */
export async function allRows(store: Store): Promise<ResourceRow[]> {
  const all: ResourceRow[] = [];
  for (const name of names) {
    for (const kind of kinds) {
      for (let afterId: string | undefined; ;) {
        const page = await store.resources(name, kind, { limit: pageRows, ...(afterId && { afterId }) });
        all.push(...page);
        afterId = page.at(-1)?.id;
        if (page.length < pageRows) break;
      }
    }
  }
  return all;
}

/** What is to be seen; with `partners`, everybody reads what is theirs first, and tries what is not. */
export async function observed(
  partners: Readonly<Record<"a" | "b", Partner>> | undefined,
  fleet: Fleet,
  time: VirtualTime,
  seen: { calls: CallSeen[]; arrivals: WebhookSeen[]; ledgers: ReadonlyMap<string, Ledger> },
): Promise<Observed> {
  const store = anyStore(fleet);
  const all: ResourceSeen[] = [];
  for (const row of await allRows(store)) {
    const own = partners && (await readBy(partners, row, time));
    const stored = row.body as {
      body: { amount?: { amount?: string } };
      request?: { subject?: string; reason?: string };
    };
    all.push({
      id: row.id,
      kind: row.kind as ResourceSeen["kind"],
      partner: row.partner,
      memo: stored.request?.subject ?? stored.request?.reason ?? "",
      status: row.status,
      amountFen: amountIn(stored.body),
      ...(own?.status === 200 && own.resource !== undefined ? { readStatus: own.resource.status } : {}),
      transitions: await store.transitions(row.id),
    });
  }
  return {
    calls: seen.calls,
    webhooks: seen.arrivals,
    resources: all,
    ledger: [...seen.ledgers.values()].flatMap(({ entries }) => entries),
    told: new Set<string>(names),
  };
}

/** Its owner reads it, and the other partner tries to. */
async function readBy(partners: Readonly<Record<"a" | "b", Partner>>, row: ResourceRow, time: VirtualTime) {
  const owner = row.partner as "a" | "b";
  await settled(time, partners[owner === "a" ? "b" : "a"].read(row.id, owner));
  return settled(time, partners[owner].read(row.id, owner));
}

/** Lets time pass until a promise of this world has come to its end. */
export async function settled<T>(time: VirtualTime, promise: Promise<T>): Promise<T> {
  const open = new Set([promise]);
  const end = (): void => void open.delete(promise);
  promise.then(end, end);
  while (open.size > 0 && (await time.step()));
  return promise;
}
