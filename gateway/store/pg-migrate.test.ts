import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { migratePostgres } from "./pg-migrate.ts";
import { describeOnPostgres, freshSchema, openPostgres, query } from "./pg-setting.fixture.ts";
import { sealer } from "./seal.ts";
import { databasePath, newKey, oldKey } from "./sqlite-setting.fixture.ts";
import { creation } from "./suite-samples.ts";

const files = readdirSync(new URL("./migrations/postgres/", import.meta.url)).toSorted();

/** `npm run migrate`, as its process. */
function migrate(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const script = fileURLToPath(new URL("./migrate.ts", import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script],
      { env: { PATH: process.env.PATH, ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describeOnPostgres("postgres: migrations", () => {
  it("two at once apply each file once between them, and a third has nothing to do", async () => {
    const url = await freshSchema({ migrated: false });
    const runs = await Promise.all([migrate({ QIAO_DATABASE_URL: url }), migrate({ QIAO_DATABASE_URL: url })]);
    expect(runs.map(({ code, err }) => ({ code, err }))).toEqual(Array(2).fill({ code: 0, err: "" }));
    expect(runs.map(({ out }) => out).toSorted()).toEqual([
      files.map((name) => `applied ${name}\n`).join(""),
      "nothing to do: the schema is up to date\n",
    ]);
    const config = databasePath();
    writeFileSync(config, JSON.stringify({ store: { url, keys: [] } }));
    expect(await migrate({ QIAO_CONFIG: config })).toMatchObject({
      code: 0,
      out: expect.stringContaining("up to date"),
    });
    const applied = await query(url, "SELECT name FROM schema_migrations ORDER BY version");
    expect(applied.map(({ name }) => name)).toEqual(files);
  });

  it("what cannot be done is said in one line, with the exit code", async () => {
    const unreachable = await migrate({ QIAO_DATABASE_URL: "postgres://127.0.0.1:1/none" });
    expect(unreachable).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^migrate: store_unavailable: .*\n$/),
    });
    expect(await migrate({})).toMatchObject({ code: 1, err: expect.stringContaining("QIAO_DATABASE_URL") });
    const config = databasePath();
    writeFileSync(config, JSON.stringify({ store: { file: "qiao.sqlite" } }));
    expect(await migrate({ QIAO_CONFIG: config })).toMatchObject({ code: 0, out: expect.stringContaining("embedded") });
  });

  it.each([
    ["a newer schema", "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', '', 0)", "newer"],
    ["another text of a migration", "UPDATE schema_migrations SET digest = 'x' WHERE version = 1", files[0] ?? ""],
  ])("refuses %s, to migrate and to open", async (_what, change, words) => {
    const url = await freshSchema();
    await query(url, change);
    await expect(migratePostgres(url)).rejects.toMatchObject({ code: "schema_mismatch", effect: "none" });
    await expect(openPostgres(url)).rejects.toMatchObject({ code: "schema_mismatch" });
    await expect(openPostgres(url)).rejects.toThrow(words);
  });

  it("a store does not open on a schema that is not there or not whole, and changes nothing", async () => {
    const url = await freshSchema({ migrated: false });
    await expect(openPostgres(url)).rejects.toThrow("npm run migrate");
    expect(await query(url, "SELECT 1 FROM pg_tables WHERE schemaname = current_schema()")).toEqual([]);
  });

  it("refuses another key than the one that it was sealed with, and opens after rotation", async () => {
    const url = await freshSchema();
    await (await openPostgres(url)).begin(creation("a"));
    for (const keys of [[{ ...oldKey, key: newKey.key }], [newKey], [oldKey, newKey]]) {
      await expect(openPostgres(url, { sealer: sealer({ keys }) })).rejects.toMatchObject({ code: "wrong_key" });
    }
    const rotated = await openPostgres(url, { sealer: sealer({ keys: [newKey, oldKey] }) });
    expect(await rotated.resourceByReference("ref-a")).toMatchObject({ id: "pay_a" });
  });
});

describeOnPostgres("postgres: evidence", () => {
  it("is never changed, deleted or emptied", async () => {
    const url = await freshSchema();
    await (await openPostgres(url)).appendAudit([{ atMs: 1, requestId: "r", kind: "exchange", facts: {} }]);
    for (const change of ["UPDATE audit SET hash = ''", "DELETE FROM audit", "TRUNCATE audit"]) {
      await expect(query(url, change)).rejects.toThrow("append-only");
    }
  });
});
