import { expect, it } from "vitest";
import { pickDueDeliveries } from "./pg-deliveries.ts";
import { inheritDueTouches, leaseDueResources } from "./pg-recovery.ts";
import { describeOnPostgres, freshSchema, query } from "./pg-setting.fixture.ts";

const rows = 5_000;

const filled = `
  INSERT INTO resources (id, kind, partner, adapter, operation_id, reference_index, reference, status, version, body,
    cause, created_at_ms, updated_at_ms)
  SELECT 'pay_' || n, 'payments', 'acme', 'bank', 'payments.create', int4send(n), 'r', 'pending', 1, 'b', 'created', n, n
  FROM generate_series(1, ${rows}) n;
  INSERT INTO asks (resource_id, due_at_ms) SELECT 'pay_' || n, n FROM generate_series(1, ${rows}) n;
  INSERT INTO touches SELECT 'acme', int4send(n), 'pay_' || n, n FROM generate_series(1, ${rows}) n;
  INSERT INTO endpoints (id, partner, url, types, secrets, status, created_at_ms, updated_at_ms)
  SELECT 'whe_' || n, 'acme', 'u', '{*}', 's', 'active', n, n FROM generate_series(1, 5) n;
  INSERT INTO deliveries
    (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms, due_at_ms)
  SELECT 'd' || n, 'evt_' || n, 'whe_' || n % 5 + 1, 'acme', 'pay_' || n, 2, 'pending', n, n
  FROM generate_series(1, ${rows}) n;
  ANALYZE;`;

/** How PostgreSQL would run it: the indexes that it uses, and the tables that it reads from end to end. */
async function plan(
  url: string,
  text: string,
  ...values: unknown[]
): Promise<{ indexes: string[]; scanned: string[] }> {
  const [row] = await query(url, `EXPLAIN (FORMAT JSON) ${text}`, ...values);
  const json = JSON.stringify(row);
  const found = (pattern: RegExp) => [...json.matchAll(pattern)].map((match) => match[1] ?? "");
  return {
    indexes: found(/"Index Name":"(\w+)"/g),
    scanned: found(/"Node Type":"Seq Scan"[^{}]*?"Relation Name":"(\w+)"/g),
  };
}

describeOnPostgres("postgres: plans", () => {
  it("what is due is found by index, however much is not due", async () => {
    const url = await freshSchema();
    await query(url, filled);
    const resources = await plan(url, leaseDueResources, 10, 50, 99_999);
    expect(resources.indexes).toContain("asks_due");
    expect(resources.scanned).toEqual([]);
    const touches = await plan(url, inheritDueTouches, 10, 50);
    expect(touches.indexes).toContain("touches_due");
    expect(touches.scanned).toEqual([]);
    const deliveries = await plan(url, pickDueDeliveries, 10, 50, []);
    expect(deliveries.indexes).toContain("deliveries_due");
    expect(deliveries.scanned.filter((table) => table !== "endpoints")).toEqual([]);
  });
});
