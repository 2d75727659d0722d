import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { computed } from "../../deploy/capacity.ts";
import { bounds, scattered } from "../../deploy/capacity/inputs.ts";
import type { StoreCosts } from "../../deploy/capacity/inputs.ts";
import { databaseRows, scatteredOf, serversNeeded } from "../../deploy/capacity/database.ts";
import { gatewayRows } from "../../deploy/capacity/gateway.ts";
import { bytes, number } from "../../deploy/capacity/numbers.ts";
import { gatewayConfig } from "../../gateway/config/schema.ts";
import { projectDir } from "../road/process.fixture.ts";
import { filesIn, textOf } from "../road/rooms.fixture.ts";

const page = textOf("deploy/capacity.md");
const store = JSON.parse(textOf("deploy/capacity-store.json")) as StoreCosts;

/** The benchmark's results, or undefined before it was run here. */
function benchResults(): unknown {
  try {
    return JSON.parse(readFileSync(join(projectDir, "contracts/bench/results.json"), "utf8"));
  } catch {
    return undefined;
  }
}

describe("capacity.md", () => {
  it("is what its numbers give; else: node deploy/capacity.ts", () => {
    expect(computed(page, store, benchResults())).toBe(page);
  });

  it("changes with each of its sources", () => {
    const bench = { read: { cpuMs: 1.5 }, effect: { cpuMs: 3 } };
    const filled = computed(page, store, bench);
    expect(filled).toContain("| cores busy | (10,000 × 3 ms + 10,000 × 1.5 ms) ÷ 1,000 | 45 |");
    expect(filled).toContain("| processes, by CPU | cores ÷ 0.65, one core each | 70 |");
    expect(filled).not.toContain("not measured");
    const heavier = { ...store, effect: { ...store.effect, walBytes: store.effect.walBytes * 2 } };
    expect(computed(page, heavier, undefined)).not.toBe(computed(page, store, undefined));
  });

  it("says what is not measured, and takes no results of another form", () => {
    expect(computed(page, store, undefined)).toContain("not measured: needs contracts/bench/results.json");
    expect(() => computed(page, store, { read: { cpuMs: "3" } })).toThrow();
    expect(() => computed("no place", store, undefined)).toThrow("no place for the table");
  });

  it("reckons with the gateway's own bounds and retention", () => {
    const partners = [{ id: "a", name: "A", scopes: ["*"], jwks: { keys: [{ kty: "OKP" }] } }];
    const listen = { host: "127.0.0.1", port: 0 };
    const config = gatewayConfig.parse({
      profile: "sandbox",
      publicOrigin: "http://127.0.0.1",
      listen,
      admin: listen,
      adaptersDir: "adapters",
      store: { file: "x", keys: [{ id: "1", key: "k".repeat(43) }] },
      signing: { keys: [{ kty: "OKP" }] },
      partners,
      adapters: {},
    });
    expect(bounds).toMatchObject({
      resourceDays: config.retention.resourcesDays,
      eventDays: config.retention.eventsDays,
      claimDays: 2,
      connectionsPerProcess: 10,
    });
    expect(textOf("gateway/telemetry/upkeep.ts")).toContain("const pruneEveryMs = 60_000;");
    const sql = filesIn("gateway/store/migrations/postgres").map(textOf).join("\n");
    const measured = Object.values(store.effect.tables).flatMap(({ indexes }) => Object.keys(indexes));
    expect(scattered.filter((index) => !measured.includes(index))).toEqual([]);
    // The page says that no table is partitioned.
    expect(sql).not.toMatch(/PARTITION BY/i);
  });

  it("was measured: an effect writes what the store's code writes", () => {
    const { tables, batched } = store.effect;
    const whole = (name: string): number => Math.round(tables[name]?.inserted ?? 0);
    expect(["claims", "nonces", "resources", "events", "deliveries", "attempts", "audit"].map(whole)).toEqual(
      Array(7).fill(1),
    );
    expect(whole("transitions")).toBe(3);
    expect(Object.keys(batched)).toEqual(["begin", "complete", "appendAudit"]);
    expect(store.read.walBytes).toBeLessThan(store.effect.walBytes / 2);
  });
});

describe("the arithmetic", () => {
  it("spreads over no more servers than it must", () => {
    const servers = serversNeeded(store);
    expect(servers).toBeGreaterThan(1);
    const small = structuredClone(store);
    for (const each of [small.effect, small.read]) {
      each.walBytes = 100;
      each.walFullPages = 0;
      each.tables = {};
    }
    expect(serversNeeded(small)).toBe(1);
    expect(databaseRows(store).find(({ what }) => what === "**servers needed**")?.value).toBe(`**${number(servers)}**`);
  });

  it("writes at most one full page for each scattered insert, and fewer than there are pages", () => {
    const one = scatteredOf(store.effect, 10_000, 1);
    const inserts = Object.values(store.effect.tables).reduce(
      (sum, { inserted, indexes }) =>
        sum + inserted * Object.keys(indexes).filter((each) => scattered.includes(each)).length,
      0,
    );
    expect(one.fullPages).toBeGreaterThan(0);
    expect(one.fullPages).toBeLessThanOrEqual(10_000 * inserts);
    expect(scatteredOf(store.effect, 10_000, 10).fullPages).toBeLessThan(one.fullPages / 5);
  });

  it("takes the greatest of the reasons for a process", () => {
    const value = (what: string, cpuMs: number): string | undefined =>
      gatewayRows({ read: { cpuMs }, effect: { cpuMs } }).find((row) => row.what === what)?.value;
    expect(value("connections to PostgreSQL", 0.01)).toBe("600");
    expect(value("connections to PostgreSQL", 6.5)).toBe("2,000");
  });

  it("writes numbers as people do", () => {
    expect([number(1234.5), bytes(0), bytes(999), bytes(1_500), bytes(2.5e12)]).toEqual([
      "1,230",
      "0 B",
      "999 B",
      "1.5 kB",
      "2.5 TB",
    ]);
  });
});
