import { spawn } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { databasePath, oldKey, openStore } from "./sqlite-setting.fixture.ts";
import { beginAsked, leaseResources } from "./suite-recovery.ts";
import { endpointOf, lease, nowMs, tell } from "./suite-samples.ts";

/** A process that tells event after event, ended in the midst of it. */
async function killedTeller(path: string, afterMs: number): Promise<void> {
  const script = fileURLToPath(new URL("./sqlite-outbox-crash.fixture.ts", import.meta.url));
  const child = spawn(process.execPath, [script, path, JSON.stringify([oldKey])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
}

describe("sqlite: outbox", () => {
  it.each([3, 17, 41])("a kill -9 after %s ms parts no movement from its event, delivery and ask", async (afterMs) => {
    const path = databasePath();
    await killedTeller(path, afterMs);
    await (await openStore(path)).close();
    const db = new DatabaseSync(path);
    const count = (sql: string) => Number(Object.values(db.prepare(`SELECT count(*) ${sql}`).get() ?? {})[0]);
    const moved = count("FROM resources WHERE version = 2");
    expect(moved).toBeGreaterThan(0);
    expect(count("FROM events")).toBe(moved);
    expect(count("FROM deliveries WHERE status = 'pending'")).toBe(moved);
    expect(count("FROM transitions WHERE version = 2")).toBe(moved);
    expect(count("FROM answers")).toBe(moved);
    expect(count("FROM resources r JOIN events e ON e.resource_id = r.id AND e.version = r.version")).toBe(moved);
    // What was begun and not moved is asked about, and nothing else.
    expect(count("FROM resources WHERE version = 1 AND intent_ask_at_ms IS NOT NULL")).toBe(
      count("FROM resources WHERE version = 1"),
    );
    expect(count("FROM resources WHERE version > 1 AND intent_ask_at_ms IS NOT NULL")).toBe(0);
    expect(count("FROM asks")).toBe(0);
    db.close();
  });
});

describe("sqlite: two on one file", () => {
  it("share deliveries and asks, each to exactly one", async () => {
    const path = databasePath();
    const stores = [await openStore(path), await openStore(path)];
    await stores[0]!.addEndpoint(endpointOf("a"));
    for (let at = 0; at < 20; at += 1) {
      await tell(stores[0]!, `${at}`);
      await beginAsked(stores[0]!, `open-${at}`, nowMs);
    }
    const rounds = Array.from({ length: 25 }, () => stores).flat();
    const [leased, asked] = await Promise.all([
      Promise.all(rounds.map((store) => lease(store, nowMs + 1_000, 1))),
      Promise.all(rounds.map((store) => leaseResources(store, nowMs, 1))),
    ]);
    const deliveries = leased.flat().map(({ delivery }) => delivery.id);
    const resources = asked.flat().map(({ resource }) => resource.id);
    expect([deliveries.length, new Set(deliveries).size]).toEqual([20, 20]);
    expect([resources.length, new Set(resources).size]).toEqual([20, 20]);
  });
});
