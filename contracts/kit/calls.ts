/** One operation of ours, called as a partner calls it, with everything made before that it needs. */
import { randomBytes, randomUUID } from "node:crypto";
import type { OperationId } from "#capability";
import { operations } from "#specs";
import type { ResourceName } from "#specs";
import type { Sample } from "#mocks";
import type { Passed, Plan } from "../../mocks/faults/index.ts";
import type { Answered } from "../../mocks/partner/client.ts";
import type { Bench } from "./bench.ts";
import { plant } from "./canaries.ts";
import type { KitGateway } from "./gateway.ts";
import { bringTo } from "./customer.ts";
import { inWords } from "./findings.ts";
import { KitError } from "./kit-error.ts";
import { samplesOf } from "./samples.ts";

/** A request that is ready to be sent. */
export interface Prepared {
  operationId: OperationId;
  target: string;
  body: Record<string, unknown> | undefined;
  /** The resource that it is about, as partners see it. */
  resource: Record<string, unknown> | undefined;
}

export interface Performed extends Prepared {
  answer: Answered;
  /** The answer's body; empty if it has none. */
  said: Record<string, unknown>;
  trace: string;
  key: string | undefined;
  /** What reached the vendor. */
  passed: Passed[];
}

/** The operation that creates resources of a kind. */
export function creationOf(capability: string): OperationId {
  const found = Object.entries(operations).find(([id, spec]) => spec.creates && id.startsWith(`${capability}.`));
  if (found === undefined) throw new KitError(`the contract has no operation that creates ${capability}`);
  return found[0] as OperationId;
}

/** Makes what the operation needs (its resource, its parents in the right state) and the request itself. */
export async function prepare(
  bench: Bench,
  gateway: KitGateway,
  operationId: OperationId,
  sample: Sample | undefined = samplesOf(bench, operationId)[0],
): Promise<Prepared> {
  const { path, parents, resource: kind, resourceParam, creates, effect } = operations[operationId];
  const query = new URLSearchParams(sample?.query);
  let body = sample?.body === undefined ? undefined : { ...sample.body };
  if (body !== undefined) {
    const planted = plant(operationId, body, sample?.keep);
    body = planted.body;
    for (const canary of planted.canaries) bench.canaries.add(canary);
    if (typeof body["reference"] === "string") body["reference"] = `kit-${randomBytes(8).toString("hex")}`;
  }
  for (const { from, resource, states } of parents) {
    const [part = "", name = ""] = from.split(".");
    const make = async (): Promise<string> => {
      const parent = await made(bench, gateway, resource, sample?.on);
      return String((states === undefined ? parent : await bringTo(bench, gateway, resource, parent, states))["id"]);
    };
    const isShared = effect === "read" && sample?.on === undefined;
    const id = await (isShared ? bench.shared(`${gateway.origin} ${resource} ${String(states)}`, make) : make());
    if (part === "query") query.set(name, id);
    else body = { ...body, [name]: id };
  }
  let resource: Record<string, unknown> | undefined;
  let target = path;
  for (const [slot, name] of path.matchAll(/\{([^}]+)\}/g)) {
    const isOwn = !creates && kind !== undefined && name === resourceParam;
    if (isOwn) resource = await made(bench, gateway, kind, sample?.on);
    target = target.replace(slot, isOwn ? String(resource?.["id"]) : await listed(bench, gateway, operationId, query));
  }
  return { operationId, target: query.size === 0 ? target : `${target}?${query.toString()}`, body, resource };
}

/** Sends a prepared request, with what is planned to go wrong at the vendor. */
export async function send(
  bench: Bench,
  gateway: KitGateway,
  prepared: Prepared,
  { plans = [], key = randomUUID(), deadlineMs }: { plans?: readonly Plan[]; key?: string; deadlineMs?: number } = {},
): Promise<Performed> {
  const { method, idempotent } = operations[prepared.operationId];
  const trace = randomBytes(16).toString("hex");
  for (const plan of plans) bench.layer.plan(trace, plan);
  const answer = await gateway.partner.request(method, prepared.target, {
    headers: { traceparent: `00-${trace}-${randomBytes(8).toString("hex")}-01` },
    idempotencyKey: idempotent ? key : false,
    ...(prepared.body === undefined ? {} : { body: prepared.body }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  const said = (answer.body ?? {}) as Record<string, unknown>;
  return { ...prepared, answer, said, trace, key: idempotent ? key : undefined, passed: bench.layer.of(trace) };
}

/** `prepare` and `send` in one. */
export async function perform(
  bench: Bench,
  gateway: KitGateway,
  operationId: OperationId,
  { sample, ...options }: Parameters<typeof send>[3] & { sample?: Sample | undefined } = {},
): Promise<Performed> {
  return send(bench, gateway, await prepare(bench, gateway, operationId, sample), options);
}

/** A resource that was just made. Throws a `KitError` if it could not be. */
async function made(
  bench: Bench,
  gateway: KitGateway,
  capability: ResourceName,
  sample?: Sample,
): Promise<Record<string, unknown>> {
  const operationId = creationOf(capability);
  const { answer, said } = await perform(bench, gateway, operationId, {
    sample: { ...samplesOf(bench, operationId)[0], ...sample },
  });
  if (answer.status < 300 && typeof said["id"] === "string") return said;
  throw new KitError(`${operationId} was to make what other checks need, and answered ${inWords(answer)}`);
}

/** The id of something that the capability lists, for operations on what is no resource of ours. */
async function listed(
  bench: Bench,
  gateway: KitGateway,
  operationId: OperationId,
  query: URLSearchParams,
): Promise<string> {
  const list = `${operationId.split(".")[0]}.list` as OperationId;
  return bench.shared(`${gateway.origin} first of ${list} ${query.toString()}`, async () => {
    const { method, path } = operations[list];
    const answer = await gateway.partner.request(method, `${path}?${query.toString()}`);
    const first = (answer.body as { data?: { id?: string }[] } | undefined)?.data?.[0]?.id;
    if (first === undefined) throw new KitError(`${list} was to list one at least, and answered ${inWords(answer)}`);
    return first;
  });
}

/** Maps with at most so many at work at once. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>, atOnce = 24): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
