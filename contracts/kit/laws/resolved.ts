import { setTimeout as sleep } from "node:timers/promises";
import { resources } from "#specs";
import type { ResourceName } from "#specs";
import type { StrikeName } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import { inParallel } from "../calls.ts";
import type { Performed } from "../calls.ts";
import { read } from "../customer.ts";
import { fileOf, finding } from "../findings.ts";
import type { KitGateway } from "../gateway.ts";
import type { Finding } from "../types.ts";

const patienceMs = 2_500;
/** What is not known by then may be known a while later, of which the clocks are told: nothing is lost by asking then. */
const firstPatienceMs = 300;
const pollEveryMs = 100;
/** The connection broke before the vendor had read anything. */
const neverArrives: StrikeName = "reset_unread";
/** A vendor that knows nothing of a creation is believed only when none can still be under way. */
const aWhileMs = 25_000;

/** Every resource whose outcome was unknown is asked about until the vendor's truth is known. */
export async function proveResolved(
  bench: Bench,
  trials: readonly (Performed & { fault: string })[],
): Promise<Finding[]> {
  const open = trials.filter(({ answer, said }) => answer.status === 202 && said["status"] === "unknown");
  const hasty = await saidTooSoon(bench, open);
  const never = await neverKnown(bench, open);
  return [
    ...hasty,
    ...never.map(({ operationId, fault }) => {
      const expected = `the capability's get to tell what became of a creation struck by ${fault}`;
      return finding(bench.subject, fileOf(operationId), expected, `it is still unknown ${aWhileMs / 1_000} s later`);
    }),
  ];
}

/** The vendor never got these. Asked at once it knows of none, which it would also say of one that is still on its way. */
async function saidTooSoon(bench: Bench, open: readonly (Performed & { fault: string })[]): Promise<Finding[]> {
  const lost = open.filter(({ fault }) => fault === neverArrives);
  const statuses = await inParallel(lost, ({ operationId, said, answer }) =>
    known(gatewayOf(bench, answer.sent.url), operationId.split(".")[0] as ResourceName, String(said["id"]), 0),
  );
  return lost.flatMap(({ operationId }, nth) => {
    const status = statuses[nth];
    if (status !== resources[operationId.split(".")[0] as ResourceName].failedState) return [];
    const expected = `${operationId}: what the vendor does not know of yet to stay unknown for a while`;
    return [
      finding(bench.subject, fileOf(operationId), expected, `${status} at once, while it may still be on its way`),
    ];
  });
}

/** Runs something with every clock moved on, the vendor's and the gateways'. */
async function afterAWhile<T>(bench: Bench, run: () => Promise<T>): Promise<T> {
  const clocks = [bench.vendorClock, ...bench.gateways.map(({ clock }) => clock)];
  for (const clock of clocks) clock.offsetMs += aWhileMs;
  try {
    return await run();
  } finally {
    for (const clock of clocks) clock.offsetMs -= aWhileMs;
  }
}

/** Reads each resource until it is known, now or a while later; those that are known at neither time. */
export async function neverKnown<T extends Performed>(bench: Bench, open: readonly T[]): Promise<T[]> {
  const still = await stillUnknown(bench, open, firstPatienceMs);
  return still.length === 0 ? [] : afterAWhile(bench, () => stillUnknown(bench, still, patienceMs));
}

async function stillUnknown<T extends Performed>(bench: Bench, open: readonly T[], withinMs: number): Promise<T[]> {
  const statuses = await inParallel(open, ({ operationId, said, answer }) =>
    known(gatewayOf(bench, answer.sent.url), operationId.split(".")[0] as ResourceName, String(said["id"]), withinMs),
  );
  return open.filter((_, nth) => statuses[nth] === "unknown");
}

/** The status of a resource once it is no longer unknown, or `unknown` when patience ends. */
async function known(gateway: KitGateway, capability: ResourceName, id: string, withinMs: number): Promise<string> {
  const until = performance.now() + withinMs;
  for (;;) {
    const status = String((await read(gateway, capability, id))["status"]);
    if (status !== "unknown" || performance.now() > until) return status;
    await sleep(pollEveryMs);
  }
}

function gatewayOf(bench: Bench, url: string): KitGateway {
  const found = bench.gateways.find(({ origin }) => url.startsWith(`${origin}/`));
  if (found === undefined) throw new Error(`no gateway of the bench at ${url}`);
  return found;
}
