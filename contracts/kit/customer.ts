/** The customer, simulated: opens the vendor's page, presses what the mock says, and things move on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceName } from "#specs";
import { operations } from "#specs";
import type { OperationId } from "#capability";
import { visit } from "../journeys/browser.ts";
import type { Bench } from "./bench.ts";
import { KitError } from "./kit-error.ts";
import type { KitGateway } from "./gateway.ts";

type Resource = Record<string, unknown>;

const pollEveryMs = 40;
const patienceMs = 8_000;

/** The address of the vendor's page in a resource, if it shows one. */
export function pageIn(bench: Bench, resource: Resource): string | undefined {
  return Object.values(resource).find(
    (value): value is string => typeof value === "string" && value.startsWith(`${bench.mock.origin}/`),
  );
}

/** The button for one decision. Throws a `KitError` where the mock does not name it. */
export function buttonFor(bench: Bench, decision: "agrees" | "declines"): RegExp {
  const button = bench.facts().customer?.[decision];
  if (button !== undefined) return button;
  throw new KitError(
    `adapters/${bench.mock.adapter}/mock.ts: kit.customer.${decision} is missing: which button is it?`,
  );
}

/** Has the customer act once where there is a page, and reads until the resource is in one of the states. */
export async function bringTo(
  bench: Bench,
  gateway: KitGateway,
  capability: ResourceName,
  resource: Resource,
  states: readonly string[],
): Promise<Resource> {
  const until = performance.now() + patienceMs;
  const page = pageIn(bench, resource);
  if (page !== undefined && !states.includes(String(resource["status"]))) await visit(page, buttonFor(bench, "agrees"));
  for (let now = resource; ;) {
    if (states.includes(String(now["status"]))) return now;
    if (performance.now() > until) {
      throw new KitError(
        `${capability}: still ${String(now["status"])} after ${patienceMs} ms, wanted ${states.join(" or ")}`,
      );
    }
    await sleep(pollEveryMs);
    now = await read(gateway, capability, String(resource["id"]));
  }
}

/** A resource as its `get` shows it now. */
export async function read(gateway: KitGateway, capability: ResourceName, id: string): Promise<Resource> {
  const { path } = operations[`${capability}.get` as OperationId];
  const answer = await gateway.partner.request("GET", path.replace(/\{[^}]+\}/, id));
  return (answer.body ?? {}) as Resource;
}
