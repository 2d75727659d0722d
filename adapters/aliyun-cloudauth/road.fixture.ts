/** A sandbox with this vendor alone: a partner's signed call in, the vendor's wire out. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import type { RunningMock } from "#mocks";
import { partner } from "../../mocks/partner/client.ts";
import type { Answered, Partner } from "../../mocks/partner/client.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import { startSandbox } from "../../mocks/sandbox/start.ts";

export interface Road {
  /** The gateway's public origin. */
  origin: string;
  partner: Partner;
  mock: RunningMock;
  /** Everything that the gateway logged, as text. */
  logged(): string;
  close(): Promise<void>;
}

export async function openRoad(): Promise<Road> {
  const dir = await mkdtemp(join(tmpdir(), "qiao-aliyun-"));
  const lines: string[] = [];
  const sandbox = await startSandbox({
    dir,
    adapters: ["aliyun-cloudauth"],
    gatewayPort: 0,
    adminPort: 0,
    vendorPort: 0,
    logger: pino({ level: "debug" }, { write: (line: string) => void lines.push(line) }),
  });
  const caller = partner(sandboxPartner(dir, "a"));
  const [mock] = sandbox.mocks;
  if (mock === undefined) throw new Error("the sandbox plays nobody");
  return {
    origin: sandbox.info.gateway,
    partner: caller,
    mock,
    logged: () => lines.join(""),
    async close() {
      caller.close();
      await sandbox.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const person = { name: "张三", nationalId: "11010519491231002X" };

export function post(road: Road, path: string, body: object): Promise<Answered> {
  return road.partner.request("POST", path, { body });
}

export interface Bill {
  calls: number;
  billed: number;
  entries: { id: string; action: string; result: string; billed: boolean; at: string }[];
}

/** The vendor's own count of what it charges for. */
export async function billOf(mock: RunningMock): Promise<Bill> {
  const answer = await fetch(`${mock.origin}/ledger`);
  return (await answer.json()) as Bill;
}

/** The customer on the H5 page; gives the answer's status and where the browser is sent. */
export async function customer(url: string, outcome: string, code?: string) {
  const body = new URLSearchParams({ outcome, ...(code === undefined ? {} : { code }) });
  const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
  return { status: answer.status, location: answer.headers.get("location") };
}

export const exchangesOf = (mock: RunningMock, operation: string) =>
  mock.exchanges.filter((exchange) => exchange.operation === operation);

const waitMs = 5_000;

export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${waitMs} ms`);
    await sleep(10);
  }
}
