/** Two gateways that count together in one Redis, and each by itself while that is away. */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { describeOnPostgres, freshSchema } from "../../gateway/store/pg-setting.fixture.ts";
import type { Answered, Partner } from "../../mocks/partner/client.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";
import { killLeftovers } from "./process.fixture.ts";
import { until } from "./setup.fixture.ts";
import { describeOnRedis, keysOf, newPrefix, redisProxy, redisUrl } from "./shared-limits.fixture.ts";
import { startWorkers } from "./workers.fixture.ts";

const publicOrigin = "http://gateway.example";
const timeoutMs = 100;
/** What an answer may take while Redis is silent: its patience and a margin for a busy machine. */
const patienceMs = timeoutMs + 900;

interface Twin {
  gateway: Gateway;
  partner: Partner;
  /** Another partner, with ten requests in ten seconds. */
  hasty: Partner;
}

/** Gateways behind one name, with signing keys of their own. */
async function twins(
  shared: { url: string; prefix: string },
  store?: Parameters<typeof openGateway>[0]["store"],
): Promise<[Twin, Twin]> {
  const [key, hastyKey] = await Promise.all([newKey(), newKey()]);
  const partners = [
    registered("partner", [key], { requestsPerSecond: 1_000 }),
    registered("hasty", [hastyKey], { requestsPerSecond: 1 }),
  ];
  const open = async (): Promise<Twin> => {
    const config = { publicOrigin, partners, shared: { ...shared, timeoutMs } };
    const gateway = await openGateway({ ...config, ...(store === undefined ? {} : { store }) });
    onTestFinished(() => gateway.close());
    return { gateway, partner: gateway.as(key.jwk), hasty: gateway.as(hastyKey.jwk) };
  };
  return [await open(), await open()];
}

const read = ({ partner }: Twin, nonce?: string): Promise<Answered> =>
  partner.request("GET", "/v1/capabilities", nonce === undefined ? {} : { nonce });
const readHastily = ({ hasty }: Twin): Promise<Answered> => hasty.request("GET", "/v1/capabilities");
const newNonce = (): string => randomBytes(16).toString("hex");
const metric = async ({ gateway }: Twin, name: string): Promise<number> => {
  const text = await (await fetch(`${gateway.gateway.adminOrigin}/metrics`)).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(name))
      ?.split(" ")
      .at(-1) ?? 0,
  );
};
const isAway = async (twin: Twin): Promise<boolean> =>
  (await metric(twin, 'qiao_shared_limits_away{at="redis"}')) === 1;
const countedAlone = 'qiao_counted_alone_total{at="redis",what="quota"}';
const alarms = ({ gateway }: Twin): number =>
  gateway.lines.filter(({ alarm }) => alarm === "shared limits away").length;

describeOnRedis("two gateways that share a Redis", () => {
  it("hold one limit for a partner", async () => {
    const both = await twins({ url: redisUrl, prefix: newPrefix() });
    for (let left = 9; left >= 0; left -= 1) {
      const answer = await readHastily(both[left % 2 === 0 ? 0 : 1]);
      expect(answer.status).toBe(200);
      expect(answer.headers["ratelimit-policy"]).toBe('"partner";q=10;w=10');
      expect(answer.headers["ratelimit"]).toMatch(new RegExp(`^"partner";r=${left};t=(10|[1-9])$`));
    }
    for (const twin of both) {
      const refused = await readHastily(twin);
      expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(10);
    }
  });

  it("refuse a nonce that the other has seen, also when both get it at once", async () => {
    const both = await twins({ url: redisUrl, prefix: newPrefix() });
    const nonce = newNonce();
    expect(await read(both[0], nonce)).toMatchObject({ status: 200 });
    expect(await read(both[1], nonce)).toMatchObject({ status: 401, body: { code: "signature_replay" } });
    const once = newNonce();
    const raced = await Promise.all([0, 1, 0, 1, 0, 1].map((at) => read(both[at === 0 ? 0 : 1], once)));
    expect(raced.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401, 401]);
  });

  it("write keys that expire, and that tell of no person and no nonce", async () => {
    const prefix = newPrefix();
    const [one] = await twins({ url: redisUrl, prefix });
    const nonce = newNonce();
    await read(one, nonce);
    const keys = await keysOf(prefix);
    expect(keys.map((each) => each.key.slice(prefix.length)).toSorted()).toEqual([
      expect.stringMatching(/^:nonce:[\w-]{43}$/),
      ":rate:partner",
    ]);
    for (const { key: name, ttlMs } of keys) {
      expect(name).not.toContain(nonce);
      expect(ttlMs).toBeGreaterThan(0);
      expect(ttlMs).toBeLessThanOrEqual(120_000);
    }
  });
});

describeOnRedis("a gateway of several workers", () => {
  afterEach(killLeftovers);

  describeOnPostgres("on one database", () => {
    it("counts along with another gateway", async () => {
      const [key, hasty] = await Promise.all([newKey(), newKey()]);
      const partners = [
        registered("partner", [key], { requestsPerSecond: 1_000 }),
        registered("hasty", [hasty], { requestsPerSecond: 1 }),
      ];
      const shared = { url: redisUrl, prefix: newPrefix() };
      const store = { url: await freshSchema() };
      const workers = await startWorkers({
        args: ["--workers", "2"],
        partners,
        store,
        more: { shared, logLevel: "error" },
      });
      onTestFinished(() => workers.close());
      const { origin } = workers;
      const other = await openGateway({ publicOrigin: origin, partners, shared });
      onTestFinished(() => other.close());
      await workers.untilReady(2);

      const ask = (of: Partner): Promise<Answered> => of.request("GET", "/v1/capabilities");
      const burst = await Promise.all(
        Array.from({ length: 24 }, (_, at) => ask(at % 2 === 0 ? workers.as(hasty) : other.as(hasty.jwk))),
      );
      expect(burst.filter(({ status }) => status === 200).length).toBe(10);
      expect(burst.filter(({ status }) => status === 429).length).toBe(14);
      const nonce = newNonce();
      const raced = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (at % 2 === 0 ? workers.as(key) : other.as(key.jwk)).request("GET", "/v1/capabilities", { nonce }),
        ),
      );
      expect(raced.filter(({ status }) => status === 200).length).toBe(1);
    });
  });
});

describeOnRedis("while Redis is away", () => {
  it.each<["stands still" | "is gone"]>([["stands still"], ["is gone"]])(
    "(it %s) each counts by itself, says so once, and both count together again afterwards",
    async (how) => {
      const proxy = await redisProxy();
      const both = await twins({ url: proxy.url, prefix: newPrefix() });
      const [one, other] = both;
      const before = newNonce();
      expect(await read(one, before)).toMatchObject({ status: 200 });
      expect(await isAway(one)).toBe(false);

      if (how === "is gone") await proxy.down();
      else proxy.pause();
      const during = newNonce();
      const first = await read(one, during);
      expect(first.status).toBe(200);
      expect(first.durationMs).toBeLessThan(patienceMs);
      // It has seen both of these, so it refuses them without Redis too.
      for (const nonce of [before, during]) {
        expect(await read(one, nonce)).toMatchObject({ status: 401, body: { code: "signature_replay" } });
      }
      await until("away for both", async () => {
        await Promise.all(both.map((twin) => read(twin)));
        return (await isAway(one)) && (await isAway(other));
      });
      // A limit of its own: ten in ten seconds each.
      for (const twin of both) {
        const burst = await Promise.all(Array.from({ length: 12 }, () => readHastily(twin)));
        expect(burst.filter(({ status }) => status === 200).length).toBe(10);
        expect(burst.filter(({ status }) => status === 429).length).toBe(2);
      }
      // Once it is known to be away, nobody waits for it.
      const alone = await metric(one, countedAlone);
      const quick: number[] = [];
      for (let count = 0; count < 5; count += 1) quick.push((await read(one)).durationMs);
      expect(Math.min(...quick)).toBeLessThan(timeoutMs);
      expect(await metric(one, countedAlone)).toBe(alone + 5);
      for (const twin of both) {
        expect(alarms(twin)).toBe(1);
        expect(await metric(twin, 'qiao_alarms_total{what="shared limits away"}')).toBe(1);
        expect(await metric(twin, countedAlone)).toBeGreaterThan(0);
        expect((await fetch(`${twin.gateway.gateway.adminOrigin}/readyz`)).status).toBe(200);
      }

      if (how === "is gone") await proxy.up();
      else proxy.resume();
      await until("shared again", async () => !(await isAway(one)) && !(await isAway(other)));
      expect(one.gateway.lines.filter(({ msg }) => msg === "shared limits are back").length).toBe(1);
      const after = newNonce();
      expect(await read(other, after)).toMatchObject({ status: 200 });
      expect(await read(one, after)).toMatchObject({ status: 401, body: { code: "signature_replay" } });
      expect(alarms(one)).toBe(1);
    },
  );

  it("a gateway starts all the same, and counts together when it comes", async () => {
    const proxy = await redisProxy();
    await proxy.down();
    const [one, other] = await twins({ url: proxy.url, prefix: newPrefix() });
    expect(await read(one)).toMatchObject({ status: 200 });
    expect(await isAway(one)).toBe(true);
    await proxy.up();
    await until("shared", async () => !(await isAway(one)) && !(await isAway(other)));
    const nonce = newNonce();
    expect(await read(one, nonce)).toMatchObject({ status: 200 });
    expect(await read(other, nonce)).toMatchObject({ status: 401 });
  });

  describeOnPostgres("with one database", () => {
    it("a request with an effect is refused at the other gateway, by the claim in the store", async () => {
      const proxy = await redisProxy();
      const keys = [{ id: "1", key: randomBytes(32).toString("base64url") }];
      const store = { url: await freshSchema(), keys };
      const [one, other] = await twins({ url: proxy.url, prefix: newPrefix() }, store);
      await proxy.down();
      const asked = {
        nonce: newNonce(),
        idempotencyKey: "the-same-key",
        body: { url: "http://127.0.0.1:4999/hook", types: ["*"] },
      };
      const send = ({ partner }: Twin): Promise<Answered> => partner.request("POST", "/v1/webhook-endpoints", asked);
      expect(await send(one)).toMatchObject({ status: 201 });
      expect(await isAway(one)).toBe(true);
      expect(await send(other)).toMatchObject({ status: 401, body: { code: "signature_replay" } });
      const { body } = await other.partner.request("GET", "/v1/webhook-endpoints");
      expect((body as { data: unknown[] }).data.length).toBe(1);
    });
  });
});

describe("the configuration of shared limits", () => {
  it("is refused for an address that is no Redis", async () => {
    const key = await newKey();
    const partners = [registered("partner", [key])];
    await expect(openGateway({ partners, shared: { url: "http://127.0.0.1:6379" } })).rejects.toThrow(/shared\.url/);
  });
});
