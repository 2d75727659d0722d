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

const okStatuses = new Set([200, 201]);

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { connections, seconds, ratePerSecond, maxRequests } = options;
  const count = ratePerSecond === undefined ? maxRequests : Math.ceil(ratePerSecond * seconds);
  const requests = prepare(options, count);
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(options.port)));
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
    await Promise.all(
      open.map(async (connection) => {
        while (performance.now() < endMs && connection.isOpen) {
          const request = requests.pop();
          if (request === undefined) return;
          await fire(connection, request, performance.now());
        }
      }),
    );
  } else await arrive(open, requests, ratePerSecond, startMs, fire);
  const elapsed = (performance.now() - startMs) / 1_000;
  for (const connection of open) connection.close();
  return { seconds: elapsed, statuses, latenciesMs: Float64Array.from(latencies) };
}

function prepare({ workload, publicOrigin, port, partners, bodyBytes }: RoundOptions, count: number): Buffer[] {
  const signers: Signer[] = partners.map(({ jwk }) => signerOf(jwk));
  const host = `127.0.0.1:${port}`;
  const more = bodyBytes === undefined ? {} : { bodyBytes };
  return Array.from({ length: count }, (_, index) =>
    signedRequest({ workload, publicOrigin, host, signer: signers[index % signers.length] as Signer, ...more }),
  );
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
  const match = (): void => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop() as Connection;
      const { request, dueMs } = due.shift() as (typeof due)[number];
      const sent = fire(connection, request, dueMs).then(() => {
        running.delete(sent);
        if (connection.isOpen) free.push(connection);
        match();
      });
      running.add(sent);
    }
  };
  for (let index = 0; requests.length > 0;) {
    const nowMs = performance.now();
    for (; requests.length > 0 && startMs + (index * 1_000) / ratePerSecond <= nowMs; index += 1) {
      due.push({ request: requests.pop() as Buffer, dueMs: nowMs });
    }
    match();
    await sleep(1);
  }
  while (running.size > 0 || (due.length > 0 && open.some(({ isOpen }) => isOpen))) await Promise.race([...running, sleep(10)]);
}
