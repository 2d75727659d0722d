/** What callback tests need: a vendor's secrets, to speak in its name, and the gateway's own record of a resource. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Road } from "../setup.fixture.ts";

/** A secret that a mock vendor keeps in the sandbox folder. */
export function keptBy<T>(road: Road, adapter: string, name: string): T {
  return JSON.parse(
    String(query(vendorFile(road, adapter), "SELECT value FROM kept WHERE name = ?", name)[0]?.["value"]),
  ) as T;
}

/** The rows of a mock vendor's table, in order of insertion. */
export function rowsOf<T>(road: Road, adapter: string, table: string): T[] {
  const rows = query(vendorFile(road, adapter), "SELECT value FROM rows WHERE tbl = ? ORDER BY seq", table);
  return rows.map(({ value }) => JSON.parse(String(value)) as T);
}

/** The keys of such a table: tokens, codes. */
export function keysOf(road: Road, adapter: string, table: string): string[] {
  return query(vendorFile(road, adapter), "SELECT key FROM rows WHERE tbl = ?", table).map(({ key }) => String(key));
}

/** A resource's whole history in the gateway's store: which status, and why. */
export function historyOf(road: Road, id: string): string[] {
  const sql = "SELECT to_status || ' ' || cause AS step FROM transitions WHERE resource_id = ? ORDER BY version";
  return query(join(road.sandbox.dir, "qiao.sqlite"), sql, id).map(({ step }) => String(step));
}

/** Calls the gateway back; redirects are not followed. */
export async function callBack(
  road: Road,
  target: string,
  request: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const { method = "POST", headers = {}, body } = request;
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) };
  const answer = await fetch(`${road.origin}/callbacks/${target}`, { method, headers, redirect: "manual", ...sent });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** The same work `times` times at once. */
export function atOnce<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, work));
}

function vendorFile(road: Road, adapter: string): string {
  return join(road.sandbox.dir, "vendors", `${adapter}.sqlite`);
}

function query(file: string, sql: string, value: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all(value);
  } finally {
    database.close();
  }
}
