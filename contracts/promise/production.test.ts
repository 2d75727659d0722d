/** The production profile routes to what is proven, and says why it does not route to the rest. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "#gateway";
import type { RunningGateway } from "#gateway";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { makeAdapters } from "../road/outbound/folder.fixture.ts";
import type { AdapterFolders } from "../road/outbound/folder.fixture.ts";
import { calls, gatewayConfig } from "../road/outbound/gateway.fixture.ts";

const publicOrigin = "https://gateway.example";
const usual = { baseUrl: "http://vendor.invalid", key: "0123456789abcdef0123456789abcdef", faults: [] };
let folders: AdapterFolders;

beforeAll(async () => {
  folders = await makeAdapters(["hearsay", "seen"], ["good"]);
  const file = join(folders.adaptersDir, "seen", "index.ts");
  const text = await readFile(file, "utf8");
  const graded = text.replace('grade: "declared"', 'grade: "conforms"');
  expect(graded).not.toBe(text);
  await writeFile(file, graded);
});

afterAll(() => folders.remove());

async function within(adapters: string[], profile: "production" | "sandbox", use: (caller: Partner) => Promise<void>) {
  const routes = [{ capability: "instalments", adapters: adapters.map((name) => ({ name })) }];
  const configured = Object.fromEntries(adapters.map((name) => [name, usual]));
  const { input, jwk, gatewayJwks } = await gatewayConfig(folders, configured, routes);
  const gateway: RunningGateway = await startGateway({ ...input, profile, publicOrigin, logLevel: "silent" });
  const caller = partner({ origin: gateway.origin, publicOrigin, jwk, gatewayJwks });
  try {
    await use(caller);
  } finally {
    caller.close();
    await gateway.drain();
  }
}

const entries = async (caller: Partner): Promise<Record<string, unknown>[]> =>
  ((await caller.request("GET", "/v1/capabilities")).body as { data: Record<string, unknown>[] }).data;
const unreachable = { status: 503, body: { code: "vendor_unavailable" } };

describe("an adapter that is only declared", () => {
  it("gets nothing in production: the call is refused with the reason, and the matrix says it too", async () => {
    await within(["hearsay"], "production", async (caller) => {
      const refused = { status: 501, body: { code: "operation_unsupported", retry: "never" } };
      for (const answer of [await calls.once(caller, "good"), await calls.read(caller, ["good"], "good")]) {
        expect(answer).toMatchObject(refused);
        expect(answer.body).toMatchObject({
          detail: expect.stringMatching(/^hearsay: Only declared so far/) as string,
        });
      }
      const rows = await entries(caller);
      expect(rows.length).toBeGreaterThan(3);
      for (const row of rows) expect(row).toMatchObject({ support: "unsupported", proof: "declared" });
      const created = rows.find(({ operation }) => operation === "instalments.create");
      expect(created?.["why"]).toMatch(/Only declared/);
    });
  });

  it("is passed over for one that is proven", async () => {
    await within(["hearsay", "seen"], "production", async (caller) => {
      expect(await calls.once(caller, "good")).toMatchObject(unreachable);
      const rows = (await entries(caller)).filter(({ operation }) => operation === "instalments.create");
      expect(rows.map(({ adapter, support }) => [adapter, support])).toEqual([
        ["hearsay", "unsupported"],
        ["seen", "supported"],
      ]);
    });
  });

  it("is asked in the sandbox", async () => {
    await within(["hearsay"], "sandbox", async (caller) => {
      expect(await calls.once(caller, "good")).toMatchObject(unreachable);
    });
  });
});
