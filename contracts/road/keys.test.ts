import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "#gateway";
import { coverageOf, unboundCoverage } from "./answer.fixture.ts";
import { adaptersDir, newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway, KeyPair } from "./gateway.fixture.ts";
import { raw, requestBytes } from "./socket.fixture.ts";
import type { RawAnswer } from "./socket.fixture.ts";

const algorithms = ["EdDSA", "ES256", "PS256"] as const;
let keys: Record<(typeof algorithms)[number], KeyPair>;
let next: KeyPair;
let stranger: KeyPair;
let past: KeyPair;
let signing: KeyPair;
let road: Gateway;

beforeAll(async () => {
  const made = await Promise.all([
    newKey("EdDSA"),
    newKey("ES256"),
    newKey("PS256"),
    newKey(),
    newKey(),
    newKey(),
    newKey(),
  ]);
  const [eddsa, es256, ps256] = made;
  keys = { EdDSA: eddsa, ES256: es256, PS256: ps256 };
  [, , , next, stranger, past, signing] = made;
  const partners = [
    ...algorithms.slice(1).map((alg) => registered(`partner-${alg.toLowerCase()}`, [keys[alg]])),
    registered("partner-rotating", [keys.EdDSA, next]),
  ];
  road = await openGateway({ partners }, { signing, archived: [past] });
});

afterAll(() => road.close());

describe("partners' keys", () => {
  it.each(algorithms)("%s signs, and the answer verifies", async (alg) => {
    const partner = road.as(keys[alg].jwk);
    expect(await partner.request("GET", "/v1/capabilities")).toMatchObject({ status: 200, verified: true });
  });

  it("overlap is rotation: the old and the next key are one partner", async () => {
    for (const key of [keys.EdDSA, next]) {
      expect(await road.as(key.jwk).request("GET", "/v1/capabilities")).toMatchObject({ status: 200 });
    }
    const partners = road.lines.filter(({ msg }) => msg === "call").slice(-2);
    expect(partners.map(({ partner }) => partner)).toEqual(["partner-rotating", "partner-rotating"]);
  });

  it("a key that is registered nowhere is refused", async () => {
    const answer = await road.as(stranger.jwk).request("GET", "/v1/capabilities");
    expect(answer).toMatchObject({ status: 401, body: { code: "signature_invalid" } });
  });

  it.each(algorithms.slice(1))("a broken %s signature is refused", async (alg) => {
    const answer = await road.as(keys[alg].jwk).request("GET", "/v1/capabilities", {
      tamper: (wire) => ({
        ...wire,
        headers: wire.headers.map(([name, value]) =>
          name === "Signature" ? [name, value.replace(/:(.)/, (_all, c) => (c === "A" ? ":B" : ":A"))] : [name, value],
        ),
      }),
    });
    expect(answer).toMatchObject({ status: 401, body: { code: "signature_invalid" } });
  });
});

describe("the gateway's keys", () => {
  it("are published with those of the past, public halves only, and signed for", async () => {
    const target = "/.well-known/jwks.json";
    const { answers } = await raw(road.gateway.origin, requestBytes("GET", target, []), { answers: 1 });
    const answer = answers[0] as RawAnswer;
    const { keys: published } = JSON.parse(answer.body.toString()) as { keys: Record<string, unknown>[] };
    expect(published).toEqual([signing.published, past.published]);
    for (const key of published) {
      expect(key).toMatchObject({ kid: expect.any(String) as string, alg: "EdDSA", use: "sig" });
      expect(key).not.toHaveProperty("d");
    }
    const asked = { method: "GET", url: road.gateway.origin + target };
    expect(coverageOf(answer, asked, { keys: [signing.jwk] })).toEqual(unboundCoverage);
    expect(Object.fromEntries(answer.headers)["Cache-Control"]).toMatch(/^public, max-age=\d+$/);
  });
});

describe("a registration that cannot be believed stops the start", () => {
  const start = (partners: Parameters<typeof startGateway>[0]["partners"]): Promise<unknown> =>
    startGateway({
      profile: "sandbox",
      publicOrigin: "http://127.0.0.1:1",
      listen: { host: "127.0.0.1", port: 0 },
      admin: { host: "127.0.0.1", port: 0 },
      adaptersDir,
      store: { file: ":memory:", keys: [{ id: "1", key: "A".repeat(43) }] },
      signing: { keys: [signing.jwk as never] },
      partners,
      adapters: {},
      logLevel: "silent",
    });

  it("one key for two partners", async () => {
    const both = ["one", "two"].map((id) => registered(id, [next]));
    await expect(start(both)).rejects.toThrow("partners one and two share a key");
  });

  it("a key of a kind that does not sign here", async () => {
    const secret = { kty: "oct", k: "c2VjcmV0c2VjcmV0c2VjcmV0" };
    await expect(start([registered("one", [{ jwk: {}, published: secret }])])).rejects.toThrow(
      "only Ed25519, P-256 and RSA keys sign here",
    );
  });
});
