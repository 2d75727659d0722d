import { randomBytes } from "node:crypto";
import type { DueResource } from "#store";
import { isStuck, nextAskAtMs, refresh } from "../operations/index.ts";
import type { OperationPorts, OperationTrace } from "../operations/index.ts";

const pollEveryMs = 500;
const maxAsksInFlight = 16;

export interface Recovery {
  /** Looks for what is due now instead of at the next poll. */
  nudge(): void;
  stop(): Promise<void>;
}

/**
 * Asks vendors about what is open: at start what a dead process left behind, then whatever is due. Several instances share
 * the work, since a due resource is leased to one of them.
 */
export function startRecovery(ports: OperationPorts): Recovery {
  const stopping = new AbortController();
  let wake = () => {};
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const asked = await recoveryRound(ports);
      if (asked >= maxAsksInFlight || stopping.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollEveryMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    nudge: () => wake(),
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/** One round: leases what is due and asks about all of it. Returns how many; a store that is down is tried again later. */
async function recoveryRound(ports: OperationPorts): Promise<number> {
  const nowMs = ports.now().getTime();
  try {
    const leaseUntilMs = nowMs + ports.recovery.leaseMs;
    const due = await ports.store.dueResources({ nowMs, leaseUntilMs, limit: maxAsksInFlight });
    await Promise.all(due.map((each) => ask(ports, each)));
    return due.length;
  } catch (error) {
    ports.alarm("recovery round failed", { reason: (error as Error).name });
    return 0;
  }
}

/** One ask about one resource. What it learns moves the resource; what it does not learn sets the next ask. */
export async function ask(ports: OperationPorts, due: DueResource): Promise<OperationTrace> {
  const { resource, asks, leaseUntilMs } = due;
  const trace: OperationTrace = {};
  const asker = {
    requestId: `req_${randomBytes(12).toString("hex")}`,
    traceparent: rootTrace(),
    partner: resource.partner,
  };
  const after = await refresh(ports, asker, resource, trace);
  if (after.version !== resource.version) return trace;
  const nowMs = ports.now().getTime();
  const askAtMs = nextAskAtMs(resource.kind, resource.status, asks + 1, nowMs, ports.random, ports.recovery);
  const stuck = isStuck(resource.status, asks + 1, ports.recovery);
  if (stuck) ports.alarm("outcome still unknown", { id: resource.id, adapter: resource.adapter, asks: asks + 1 });
  const lease = leaseUntilMs === undefined ? {} : { leaseUntilMs };
  await ports.store.asked({ id: resource.id, nowMs, askAtMs, stuck, ...lease });
  return trace;
}

function rootTrace(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
