/** One round of load: closed (each connection sends again at once) or open (arrivals by the clock, whoever is ready). */
import { setTimeout as sleep } from "node:timers/promises";
import type { Jwk } from "../../../mocks/partner/profile.ts";
import type { Workload } from "../exchange.ts";
import { Connection } from "./connection.ts";
import { signedRequest, signerOf } from "./requests.ts";
import type { Signer } from "./requests.ts";

export interface RoundOptions {
  workload: Workload;
  port: number;
  publicOrigin: string;
  partners: readonly { id: string; jwk: Jwk }[];
  connections: number;
  seconds: number;
  /** Arrivals a second; absent: as fast as answers come. */
  ratePerSecond?: number;
  bodyBytes?: number;
  /** So many of the requests, of 1, are effects and the others reads, whatever `workload` says. */
  effectShare?: number;
  /** Of a closed round: so many requests at a time, over all the connections in turn; absent: one on each. */
  inFlight?: number;
  /** Requests signed beforehand for a closed round; when they are used up the round ends. */
  maxRequests: number;
}

export interface RoundResult {
  seconds: number;
  /** Answers by status; `0` counts connections that broke. */
  statuses: Record<string, number>;
  /** Milliseconds from the moment a request was due to its answer; successes only, in order of arrival. */
  latenciesMs: Float64Array;
}

/** Fewer than a listening socket's queue holds, with a pause for its emptying: what does not fit there waits for seconds. */
const openedAtOnce = 100;
const pauseMs = 50;
const okStatuses = new Set([200, 201]);

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  return (await prepareRound(options))();
}

/** Signs the requests and opens the connections of a round, which the result then carries out. */
export async function prepareRound(options: RoundOptions): Promise<() => Promise<RoundResult>> {
  const { connections, ratePerSecond, seconds, maxRequests } = options;
  const count = ratePerSecond === undefined ? maxRequests : Math.ceil(ratePerSecond * seconds);
  const requests = prepare(options, count);
  const open: Connection[] = [];
  while (open.length < connections) {
    const length = Math.min(openedAtOnce, connections - open.length);
    open.push(...(await Promise.all(Array.from({ length }, () => Connection.open(options.port)))));
    if (open.length < connections) await sleep(pauseMs);
  }
  return () => carryOut(options, requests, open);
}

async function carryOut(
  { seconds, ratePerSecond, connections, inFlight = connections }: RoundOptions,
  requests: Buffer[],
  open: readonly Connection[],
): Promise<RoundResult> {
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  const fire = async (connection: Connection, request: Buffer, dueMs: number): Promise<void> => {
    const status = await connection.send(request).catch(() => 0);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (okStatuses.has(status)) latencies.push(performance.now() - dueMs);
  };
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  if (ratePerSecond === undefined) {
    const free = [...open];
    const sender = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const request = requests.pop();
        const connection = free.shift();
        if (request === undefined || connection === undefined) return;
        await fire(connection, request, performance.now());
        if (connection.isOpen) free.push(connection);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sender));
  } else await arrive(open, requests, ratePerSecond, startMs, fire);
  const elapsed = (performance.now() - startMs) / 1_000;
  for (const connection of open) connection.close();
  return { seconds: elapsed, statuses, latenciesMs: Float64Array.from(latencies) };
}

function prepare(options: RoundOptions, count: number): Buffer[] {
  const { publicOrigin, port, partners, bodyBytes, effectShare } = options;
  const signers: Signer[] = partners.map(({ jwk }) => signerOf(jwk));
  const host = `127.0.0.1:${port}`;
  const more = bodyBytes === undefined ? {} : { bodyBytes };
  // Spread evenly: the n-th request is an effect where n times the share passes a whole number.
  const mixed = (index: number, share: number): Workload =>
    Math.floor((index + 1) * share) > Math.floor(index * share) ? "effect" : "read";
  return Array.from({ length: count }, (_, index) => {
    const workload = effectShare === undefined ? options.workload : mixed(index, effectShare);
    const signer = signers[index % signers.length] as Signer;
    return signedRequest({ workload, publicOrigin, host, signer, ...more });
  });
}

/** Arrivals by the clock, in steps of a millisecond; waiting for a free connection is part of the latency. */
async function arrive(
  open: readonly Connection[],
  requests: Buffer[],
  ratePerSecond: number,
  startMs: number,
  fire: (connection: Connection, request: Buffer, dueMs: number) => Promise<void>,
): Promise<void> {
  const free = [...open];
  const due: { request: Buffer; dueMs: number }[] = [];
  const running = new Set<Promise<void>>();
  const sendOver = async (connection: Connection, request: Buffer, dueMs: number): Promise<void> => {
    await fire(connection, request, dueMs);
    if (connection.isOpen) free.push(connection);
    match();
  };
  let over = false;
  const match = (): void => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop() as Connection;
      const { request, dueMs } = due.shift() as (typeof due)[number];
      const sent = sendOver(connection, request, dueMs);
      running.add(sent);
      void sent.finally(() => running.delete(sent));
    }
    // What still waits for its answer keeps its own connection, and no others.
    if (over && due.length === 0) for (const connection of free.splice(0)) connection.close();
  };
  for (let index = 0; requests.length > 0;) {
    const nowMs = performance.now();
    for (; requests.length > 0 && startMs + (index * 1_000) / ratePerSecond <= nowMs; index += 1) {
      due.push({ request: requests.pop() as Buffer, dueMs: nowMs });
    }
    match();
    await sleep(1);
  }
  over = true;
  match();
  while (running.size > 0 || (due.length > 0 && open.some(({ isOpen }) => isOpen)))
    await Promise.race([...running, sleep(10)]);
}
