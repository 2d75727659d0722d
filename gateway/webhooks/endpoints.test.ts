/** What the API's tests cannot reach: a process that died between doing and answering. */
import { describe, expect, it } from "vitest";
import { Problem } from "#problem";
import type { Store } from "#store";
import type { OperationAnswer } from "../operations/index.ts";
import type { LocalCall, WebhookAnswers } from "./answer.ts";
import { endpointAnswers } from "./endpoints.ts";
import { createGuard } from "./guard.ts";
import { maxSecrets, secretOverlapMs } from "./limits.ts";
import { endpointOf, openStore, partner, register } from "./outbox.fixture.ts";

const url = "http://127.0.0.1:9399/hook";

function setting(store: Store) {
  let nowMs = Date.parse("2026-11-22T12:00:00Z");
  const answers = endpointAnswers({
    store,
    guard: createGuard({ allowLoopback: true }),
    now: () => new Date(nowMs),
    checkAnswer: () => undefined,
    alarm: () => {},
    nudge: () => {},
  });
  return { answers, pass: (ms: number) => void (nowMs += ms) };
}

function call(key: string, change: Partial<LocalCall["input"]> = {}, takenOver = false): LocalCall {
  const input = { path: {}, query: {}, body: { url, types: ["*"], standardWebhooks: true }, ...change };
  const request = {
    partner,
    operationId: "webhookEndpoints.create" as const,
    input,
    requestId: "",
    traceparent: "",
    key,
    fingerprint: "5e",
    nonce: { keyid: "k", nonce: "n", expiresAtMs: 0 },
  };
  return { partner, input, claim: { request, takenOver } };
}

async function run(answers: WebhookAnswers, operation: keyof WebhookAnswers, of: LocalCall): Promise<OperationAnswer> {
  const answer = answers[operation];
  if (answer === undefined) throw new Error(`no ${operation}`);
  return answer(of);
}
const textOf = ({ body }: OperationAnswer): string => Buffer.from(body).toString();

describe("done again after a crash", () => {
  it("a creation finds what it made, with the same secret", async () => {
    const store = await openStore();
    const { answers } = setting(store);
    const first = await run(answers, "webhookEndpoints.create", call("k"));
    const heirs = await Promise.all([1, 2, 3].map(() => run(answers, "webhookEndpoints.create", call("k", {}, true))));
    expect(heirs.map(textOf)).toEqual(heirs.map(() => textOf(first)));
    expect((await store.endpoints(partner, { limit: 10 })).length).toBe(1);
    await run(answers, "webhookEndpoints.create", call("another"));
    expect((await store.endpoints(partner, { limit: 10 })).length).toBe(2);
  });

  it("a removal that happened is a removal; one that never was asked for is not found", async () => {
    const store = await openStore();
    const { answers } = setting(store);
    const path = { webhookEndpointId: await register(store, "a", url) };
    const first = await run(answers, "webhookEndpoints.remove", call("k", { path }));
    expect(textOf(await run(answers, "webhookEndpoints.remove", call("k", { path }, true)))).toBe(textOf(first));
    await expect(run(answers, "webhookEndpoints.remove", call("k2", { path }))).rejects.toBeInstanceOf(Problem);
  });
});

describe("a rotation", () => {
  it("lets the secret before sign along for a day, keeps few, and starts with none where there was none", async () => {
    const store = await openStore();
    const { answers, pass } = setting(store);
    const path = { webhookEndpointId: await register(store, "a", url) };
    const rotate = (key: string) => run(answers, "webhookEndpoints.rotate", call(key, { path }));
    const lives = async () => (await endpointOf(store, "whe_a")).secrets.map(({ expiresAtMs }) => expiresAtMs);
    const atMs = Date.parse("2026-11-22T12:00:00Z");
    await rotate("1");
    expect(await lives()).toEqual([undefined]);
    await rotate("2");
    expect(await lives()).toEqual([undefined, atMs + secretOverlapMs]);
    pass(secretOverlapMs / 2);
    await rotate("3");
    expect(await lives()).toEqual([undefined, atMs + 1.5 * secretOverlapMs, atMs + secretOverlapMs]);
    pass(secretOverlapMs / 2);
    await rotate("4");
    expect(await lives()).toEqual([undefined, atMs + 2 * secretOverlapMs, atMs + 1.5 * secretOverlapMs]);
    for (let n = 5; n < 12; n += 1) await rotate(String(n));
    expect((await lives()).length).toBe(maxSecrets);
  });

  it("loses no secret to another at the same time", async () => {
    const store = await openStore();
    const { answers } = setting(store);
    const path = { webhookEndpointId: await register(store, "a", url) };
    const made = await Promise.all(
      ["1", "2", "3"].map((key) => run(answers, "webhookEndpoints.rotate", call(key, { path }))),
    );
    const shown = made.map((answer) => (JSON.parse(textOf(answer)) as { secret: string }).secret);
    const kept = (await endpointOf(store, "whe_a")).secrets.map(({ secret }) => secret);
    expect(kept.toSorted()).toEqual(shown.toSorted());
  });
});
