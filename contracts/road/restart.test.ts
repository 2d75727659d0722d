import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../mocks/sandbox/ports.ts";
import { problemOf } from "./answer.fixture.ts";
import { bytesOf, checkDraft, seal } from "./draft.fixture.ts";
import { newDir, openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";
import { raw } from "./socket.fixture.ts";

let road: Road;
let dir: string;
let gatewayPort: number;
const adapters = ["account-centre", "tencent-faceid"];

beforeAll(async () => {
  dir = await newDir();
  gatewayPort = await freePort("127.0.0.1");
  road = await openRoad({ adapters, dir, gatewayPort });
});

afterAll(async () => {
  await road.close();
  await rm(dir, { recursive: true, force: true });
});

/** What the gateway asked of vendors; the sandbox's own probes are none of their operations. */
const vendorCalls = (): number =>
  road.sandbox.mocks.flatMap((mock) => mock.exchanges.filter(({ operation }) => operation !== undefined)).length;

it("a restart forgets no answer, no resource and no nonce", async () => {
  const customer = { name: "李四", nationalId: "11010519491231002X", phone: "+8613800138000", reference: "C-1" };
  const asked = { body: customer, idempotencyKey: randomUUID() };
  const opened = await road.a.request("POST", "/v1/customer-accounts", asked);
  expect(opened.status).toBe(201);
  const refusal = { body: { ...customer, name: "Refused", reference: "C-2" }, idempotencyKey: randomUUID() };
  const refused = await road.a.request("POST", "/v1/customer-accounts", refusal);
  expect(refused.status).toBe(422);
  const { jwk, keyid } = road.sandbox.keys.partners.a;
  const captured = bytesOf(seal(checkDraft(road.origin, keyid), jwk));
  expect((await raw(road.origin, captured, { answers: 1 })).answers[0]?.status).toBe(201);
  await road.close();

  road = await openRoad({ adapters, dir, gatewayPort });
  const again = await road.a.request("POST", "/v1/customer-accounts", asked);
  expect(again).toMatchObject({ status: 201, text: opened.text, verified: true });
  expect(again.headers["idempotency-replayed"]).toBe("?1");
  const refusedAgain = await road.a.request("POST", "/v1/customer-accounts", refusal);
  expect(refusedAgain).toMatchObject({ status: 422, text: refused.text });
  const replayed = (await raw(road.origin, captured, { answers: 1 })).answers[0];
  expect(replayed?.status).toBe(401);
  expect(problemOf(replayed ?? { body: Buffer.from("{}") }).code).toBe("signature_replay");
  expect(vendorCalls()).toBe(0);

  const { id } = opened.body as { id: string };
  expect(await road.a.request("GET", `/v1/customer-accounts/${id}`)).toMatchObject({ status: 200, body: opened.body });
  const lines = JSON.stringify(road.lines);
  expect(lines).toContain('"replayed":true');
});
