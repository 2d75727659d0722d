import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { startMock } from "#mocks";
import type { MockDefinition } from "#mocks";
import type { Partner } from "../../mocks/partner/client.ts";
import { adaptersDir, newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway, KeyPair } from "./gateway.fixture.ts";

const publicOrigin = "https://gateway.example";
const entries = readdirSync(adaptersDir, { withFileTypes: true });
const folders = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
let key: KeyPair;

beforeAll(async () => {
  key = await newKey();
});

const config = (more: Partial<Record<keyof GatewayConfigInput, unknown>> = {}): GatewayConfigInput =>
  ({
    profile: "production",
    publicOrigin,
    listen: { host: "127.0.0.1", port: 0 },
    admin: { host: "127.0.0.1", port: 0 },
    adaptersDir,
    store: { file: ":memory:", keys: [{ id: "1", key: "A".repeat(43) }] },
    signing: { keys: [key.jwk] },
    partners: [registered("partner", [key])],
    adapters: {},
    logLevel: "silent",
    ...more,
  }) as GatewayConfigInput;

describe("production does not start", () => {
  it("on a public origin without TLS", async () => {
    await expect(startGateway(config({ publicOrigin: "http://gateway.example" }))).rejects.toThrow(
      "publicOrigin: production needs https",
    );
  });

  it.each(folders)("with %s pointed at this machine", async (name) => {
    const file = pathToFileURL(join(adaptersDir, name, "mock.ts"));
    const { default: definition } = (await import(file.href)) as { default: MockDefinition };
    const mock = await startMock(definition, { gatewayJwks: { keys: [key.published] } });
    try {
      const refused = startGateway(config({ adapters: { [name]: mock.config } }));
      await expect(refused).rejects.toThrow(/is a sandbox host, which the production profile refuses/);
    } finally {
      await mock.stop();
    }
  });
});

describe("no gateway starts", () => {
  const fault = (input: GatewayConfigInput): Promise<string> =>
    startGateway(input).then(
      () => "it started",
      ({ name, message }: Error) => `${name}: ${message}`,
    );

  it("without a configuration, and every fault is named with its place and no value", async () => {
    const secret = "s3cret-value";
    const told = await fault(config({ partners: [], publicOrigin: `https://${secret}/path`, more: secret } as object));
    expect(told).toMatch(/^ConfigError: gateway configuration:\n/);
    expect(told).toMatch(/\n {2}publicOrigin: an origin/);
    expect(told).toMatch(/\n {2}partners: /);
    expect(told).not.toContain(secret);
    expect(await fault({} as GatewayConfigInput)).toMatch(/\n {2}profile: .*\n {2}publicOrigin: /);
  });

  it("with an adapter that is not there or is configured wrongly", async () => {
    expect(await fault(config({ adapters: { nobody: {} } }))).toContain("ConfigError: adapters.nobody: no folder");
    for (const name of folders) {
      expect(await fault(config({ adapters: { [name]: {} } }))).toContain(`configuration of adapter ${name}:\n  `);
    }
  });
});

describe("production", () => {
  let road: Gateway;
  let partner: Partner;

  beforeAll(async () => {
    road = await openGateway({ profile: "production", publicOrigin, partners: [registered("partner", [key])] });
    partner = road.as(key.jwk);
  });

  afterAll(() => road.close());

  it("has no signature check", async () => {
    const answer = await partner.request("POST", "/v1/signature-check", { body: {} });
    expect(answer).toMatchObject({ status: 404, verified: true, body: { code: "not_found" } });
    const unsigned = await fetch(`${road.gateway.origin}/v1/signature-check`, { method: "POST", body: "{}" });
    expect(unsigned.status).toBe(400);
  });

  it("takes what was signed for its public origin, and only under its name", async () => {
    expect(await partner.request("GET", "/v1/capabilities")).toMatchObject({ status: 200, verified: true });
    const elsewhere = { headers: { Host: new URL(road.gateway.origin).host } };
    expect(await partner.request("GET", "/v1/capabilities", elsewhere)).toMatchObject({
      status: 400,
      body: { code: "host_mismatch" },
    });
  });
});
