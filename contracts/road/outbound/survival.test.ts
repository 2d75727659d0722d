/** A capability that two vendors offer survives the death of the first on the route, whichever of them that is. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Adapter, CapabilityName } from "#capability";
import { adapterFolders } from "#gateway";
import { operationsOf } from "../../../specs/generate/document.ts";
import type { Bundle } from "../../../specs/generate/document.ts";
import { adaptersDir, newKey, openGateway, registered } from "../gateway.fixture.ts";
import type { Gateway, KeyPair } from "../gateway.fixture.ts";

/** One capability, and two adapters that claim to create it, in the order of the route. */
interface Pair {
  capability: CapabilityName;
  first: string;
  second: string;
}

/** What a partner may ask, by the contract's own examples. */
interface Wish {
  title: string;
  path: string;
  body: unknown;
}

const contract = new URL("../../../specs/generated/bundle.json", import.meta.url);
const bundle = JSON.parse(await readFile(contract, "utf8")) as Bundle;
const manifests = await Promise.all(
  (await adapterFolders(adaptersDir)).map(async (folder) => {
    const { href } = pathToFileURL(join(adaptersDir, folder, "index.ts"));
    return ((await import(href)) as { default: Adapter }).default;
  }),
);
const pairs = manifests.flatMap((one): Pair[] =>
  manifests
    .filter((other) => other !== one)
    .flatMap((other) =>
      creatable(one)
        .filter((capability) => creatable(other).includes(capability))
        .map((capability) => ({ capability, first: one.name, second: other.name })),
    ),
);

function creatable({ capabilities }: Adapter): CapabilityName[] {
  const names = Object.keys(capabilities) as CapabilityName[];
  return names.filter((name) => Object.hasOwn(capabilities[name] ?? {}, "create"));
}

/** The path that creates, and every example of its body. */
function wishesOf(capability: CapabilityName): Wish[] {
  const create = operationsOf(bundle).find(({ operation }) => operation.operationId === `${capability}.create`);
  const { examples = {} } = create?.operation.requestBody?.content["application/json"] ?? {};
  return Object.entries(examples).map(([title, { value: body }]) => ({ title, path: create?.path ?? "", body }));
}

it("is offered by two vendors at least once", () => {
  expect(pairs.length).toBeGreaterThan(0);
  expect(pairs.filter(({ capability }) => wishesOf(capability).length === 0)).toEqual([]);
});

describe.each(pairs)("$capability at $first, then $second", ({ capability, first, second }) => {
  let key: KeyPair;
  let road: Gateway;
  beforeAll(async () => {
    key = await newKey();
    road = await openGateway(
      {
        partners: [registered("partner", [key])],
        routes: [
          {
            capability,
            adapters: [
              { name: first, priority: 1 },
              { name: second, priority: 2 },
            ],
          },
        ],
      },
      { adapters: [first, second] },
    );
  });
  afterAll(() => road.close());

  const mockOf = (name: string) => {
    const mock = road.mocks.find(({ adapter }) => adapter === name);
    if (mock === undefined) throw new Error(`nobody plays ${name}`);
    return mock;
  };
  const seenBy = (name: string): number => mockOf(name).exchanges.filter(({ operation }) => operation).length;
  /** Creates, reads it back, and says how often each vendor was asked meanwhile. */
  const create = async ({ path, body }: Wish) => {
    const before = { first: seenBy(first), second: seenBy(second) };
    const partner = road.as(key.jwk);
    const created = await partner.request("POST", path, { body });
    expect([201, 202], created.text).toContain(created.status);
    const { id, status } = created.body as { id: string; status: string };
    expect(status).not.toBe("unknown");
    const read = await partner.request("GET", created.headers["location"] ?? "");
    expect(read.body, read.text).toMatchObject({ id, status });
    return { first: seenBy(first) - before.first, second: seenBy(second) - before.second };
  };

  it.each(wishesOf(capability))("$title, while both live: the first serves", async (wish) => {
    const asked = await create(wish);
    expect(asked.first).toBeGreaterThan(0);
    expect(asked.second).toBe(0);
  });

  describe("once the first is dead", () => {
    beforeAll(() => mockOf(first).kill());

    it.each(wishesOf(capability))("$title: the second serves", async (wish) => {
      const asked = await create(wish);
      expect(asked.first).toBe(0);
      expect(asked.second).toBeGreaterThan(0);
    });

    it("nothing left the spec of either", () => {
      expect([...mockOf(first).violations, ...mockOf(second).violations]).toEqual([]);
    });
  });
});
