/** What hangs holds its own group's places and nobody else's. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { outboundLimits as limits } from "#outbound";
import type { Answered } from "../../../mocks/partner/client.ts";
import { exchangesOf, until } from "../setup.fixture.ts";
import { makeAdapters } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { calls, openGateway } from "./gateway.fixture.ts";
import type { TestGateway } from "./gateway.fixture.ts";
import { vendorMock } from "./vendor.fixture.ts";

const hanging = ["hang", "hang_after_headers"] as const;
const faults = ["good", ...hanging];
const places = limits.maxInFlightPerGroup;

let folders: AdapterFolders;
let mock: RunningMock;
let gateway: TestGateway;

const ask = (fault: string): Promise<Answered> => calls.read(gateway.partner, faults, fault);
const states = async (): Promise<Record<string, string>> => {
  const all = await gateway.admin<{ group: string; state: string }>("/breakers");
  return Object.fromEntries(all.map(({ group, state }) => [group, state]));
};

beforeAll(async () => {
  folders = await makeAdapters(["nowhere"], faults);
  mock = await startMock(vendorMock({ adapter: "nowhere", adaptersDir: folders.adaptersDir, ledger: new Set() }));
  gateway = await openGateway({ folders, adapters: { nowhere: { ...mock.config, faults } } });
  await ask("good");
});
afterAll(async () => {
  await gateway.stop();
  await mock.stop();
  await folders.remove();
});

it("lets a burst beyond its places wait for them", async () => {
  const answers = await Promise.all(Array.from({ length: places * 2 }, () => ask("good")));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

describe("two groups of a vendor that hang with every place taken", () => {
  let hung: Promise<Answered>[];

  beforeAll(async () => {
    hung = hanging.flatMap((fault) => Array.from({ length: places }, () => ask(fault)));
    const taken = (): number => hanging.flatMap((fault) => exchangesOf(mock, `read.${fault}`)).length;
    await until("every place is taken", () => taken() === hanging.length * places);
  });

  it("take no more, and say so after a short wait", async () => {
    for (const fault of hanging) {
      const answer = await ask(fault);
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: "vendor_unavailable" });
      expect(Number(answer.headers["retry-after"])).toBe(1);
      expect(answer.durationMs).toBeGreaterThan(limits.maxBulkheadWaitMs - 5);
      expect(answer.durationMs).toBeLessThan(limits.maxBulkheadWaitMs + 500);
      expect(exchangesOf(mock, `read.${fault}`)).toHaveLength(places);
    }
  });

  it("do not keep a third one from answering", async () => {
    for (let nth = 1; nth <= 3; nth += 1) {
      const answer = await ask("good");
      expect(answer.status).toBe(200);
      expect(answer.durationMs).toBeLessThan(500);
    }
  });

  it("are no failure of the vendor's yet: a full bulkhead opens no breaker", async () => {
    const more = await Promise.all(Array.from({ length: 20 }, () => ask("hang")));
    expect(new Set(more.map(({ status }) => status))).toEqual(new Set([503]));
    expect(await states()).toMatchObject({ "read.hang": "closed", "read.good": "closed" });
  });

  it("all end by their deadline, which opens their breakers and nobody else's", async () => {
    const answers = await Promise.all(hung);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([504]));
    expect(await states()).toEqual({ "read.hang": "open", "read.hang_after_headers": "open", "read.good": "closed" });
    expect((await ask("good")).status).toBe(200);
  });
});
