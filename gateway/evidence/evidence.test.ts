import type { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linkHash } from "#store";
import type { AuditRow } from "#store";
import { verifyDocument } from "./independent.fixture.ts";
import { auditText, callsMade, canary, inSandbox, name, removeFolders, run, tampered } from "./setting.fixture.ts";
import type { Past } from "./setting.fixture.ts";
import { chainLines } from "./report.ts";
import { readSource } from "./source.ts";
import type { EvidenceSource } from "./source.ts";
import { verifyChains } from "./verify.ts";

let past: Past;

beforeAll(async () => {
  past = await callsMade();
}, 60_000);

afterAll(removeFolders);

const idOf = (what: keyof Past["answers"]): string => past.answers[what].headers["request-id"] ?? "";

async function rowsOf(requestId: string): Promise<AuditRow[]> {
  return read(past.dir, ({ store }) => store.auditOf(requestId));
}

/** What `audit:verify` prints of each chain. */
function linesOf(dir: string): Promise<string[]> {
  return read(dir, async ({ store, gatewayKeys }) => {
    const reports = await Array.fromAsync(verifyChains({ store, keys: gatewayKeys }));
    return reports.flatMap(chainLines);
  });
}

async function read<T>(dir: string, work: (source: EvidenceSource) => Promise<T>): Promise<T> {
  const source = await readSource(["--sandbox", dir], {}).open();
  try {
    return await work(source);
  } finally {
    await source.store.close();
  }
}

describe("what is recorded", () => {
  it("is each signed exchange: who, what, both signatures and what became of it", async () => {
    const { sent, status } = past.answers.checked;
    expect(status).toBe(201);
    const [row, ...more] = await rowsOf(idOf("checked"));
    expect(more).toEqual([]);
    expect(row).toMatchObject({ kind: "exchange", partner: "partner-a" });
    expect(row?.facts).toMatchObject({
      operation: "identityChecks.create",
      method: "POST",
      target: sent.url,
      signatureInput: sent.signatureInput,
      signature: sent.signature,
      status: 201,
      outcome: "done",
      answerSignature: past.answers.checked.headers["signature"],
      answerSignatureInput: past.answers.checked.headers["signature-input"],
      answerContentDigest: past.answers.checked.headers["content-digest"],
    });
    expect(row?.facts["adapter"]).toEqual(expect.any(String));
  });

  it("tells a replay, and keeps the query and an unusual key as digests only", async () => {
    expect((await rowsOf(idOf("replayed")))[0]?.facts).toMatchObject({ replayed: 1, status: 201 });
    const listed = (await rowsOf(idOf("listed")))[0]?.facts;
    expect(listed?.["target"]).toBe(past.answers.listed.sent.url.replace("?limit=5", ""));
    const keyed = (await rowsOf(idOf("keyed")))[0]?.facts;
    expect(keyed?.["idempotencyKey"]).toBeUndefined();
    expect(keyed?.["withheldFields"]).toMatch(/^idempotency-key=[0-9a-f]{64}$/);
  });

  it("is a refused request too, without anything that it claims in words", async () => {
    const [row] = await rowsOf(idOf("refused"));
    expect(row?.partner).toBeUndefined();
    expect(row?.facts).toMatchObject({ code: "digest_mismatch", status: 401, method: "POST" });
    expect(row?.facts["claimedKeyid"]).toEqual(expect.any(String));
    expect(row?.facts["signature"]).toBeUndefined();
  });

  it("is nothing personal", () => {
    const text = auditText(past.dir);
    expect(text).toContain(idOf("checked"));
    for (const word of [canary, name, encodeURIComponent(name), "r-1"]) {
      for (const form of [word, Buffer.from(word).toString("base64").replace(/=+$/, "")]) {
        expect(text).not.toContain(form);
      }
    }
  });
});

const renumber = (db: DatabaseSync, from: number, to: number): void =>
  void db.prepare("UPDATE audit SET number = ? WHERE number = ?").run(to, from);

/** Row 3 with another status, and every hash from there on made to fit: only a signature can tell. */
function rewriteFrom3(db: DatabaseSync): void {
  db.exec(`UPDATE audit SET facts = replace(facts, '"status":201', '"status":409') WHERE number = 3`);
  const rows = db.prepare("SELECT * FROM audit ORDER BY number").all() as Record<string, string & number>[];
  let previous = String(rows[1]?.["hash"]);
  for (const row of rows.slice(2)) {
    const { chain = "", number = 0, at_ms: atMs = 0, request_id: requestId = "", kind, partner: owner } = row;
    const facts = JSON.parse(String(row["facts"])) as AuditRow["facts"];
    previous = linkHash(previous, {
      chain,
      number,
      atMs,
      requestId,
      kind: kind as unknown as AuditRow["kind"],
      facts,
      ...(owner === null || owner === undefined ? {} : { partner: owner }),
    });
    db.prepare("UPDATE audit SET hash = ? WHERE number = ?").run(previous, number);
  }
}

describe("audit:verify", () => {
  it("finds all well, while the gateway runs and after its drain, which leaves nothing unsigned", async () => {
    expect(past.whileRunning).toMatchObject({ code: 0 });
    expect(past.whileRunning.out).toMatch(/: intact\n$/);
    const { code, out } = await run("verify", "--sandbox", past.dir);
    // The start, and the seven calls.
    expect(out).toMatch(
      /^chain_\w+: 8 entries, last checkpoint #8 of \S+, 0 after it: intact\n1 chains, 8 entries: intact\n$/,
    );
    expect(code).toBe(0);
  });

  it.each<[string, (db: DatabaseSync) => void, string]>([
    [
      "an altered row",
      (db) => db.exec(`UPDATE audit SET facts = replace(facts, '"status":201', '"status":409') WHERE number = 3`),
      "#3 altered",
    ],
    [
      "a row of another partner",
      (db) => db.exec("UPDATE audit SET partner = 'partner-b' WHERE number = 2"),
      "#2 altered",
    ],
    [
      "a row that is no JSON of ours",
      (db) => db.exec(`UPDATE audit SET facts = '{"a":1.5}' WHERE number = 4`),
      "#4 altered",
    ],
    ["a deleted row", (db) => db.exec("DELETE FROM audit WHERE number = 4"), "#4 missing"],
    ["deleted rows", (db) => db.exec("DELETE FROM audit WHERE number IN (4, 5)"), "#4 to #5 missing"],
    ["a cut tail", (db) => db.exec("DELETE FROM audit WHERE number > 6"), "#7 to #8 cut off"],
    [
      "swapped rows",
      (db) => {
        renumber(db, 4, 100);
        renumber(db, 5, 4);
        renumber(db, 100, 5);
      },
      "#4 to #5 reordered",
    ],
    ["rows rewritten with their hashes", rewriteFrom3, "#8 rewritten"],
    ["a forged checkpoint", (db) => db.exec("UPDATE audit_checkpoints SET at_ms = at_ms + 1"), "#8 forged checkpoint"],
    [
      "a stranger's checkpoint",
      (db) => db.exec("UPDATE audit_checkpoints SET keyid = 'x'"),
      "#8 checkpoint of an unknown key",
    ],
  ])("names %s", async (_what, change, named) => {
    const lines = await linesOf(await tampered(past.dir, change));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/: NOT INTACT$/);
    expect(lines[1]).toMatch(new RegExp(`^  chain_[0-9a-f]+ ${named}`));
  });

  it("ends with 1 when something was altered", async () => {
    const dir = await tampered(past.dir, (db) => db.exec("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 5"));
    const { code, out } = await run("verify", "--sandbox", dir);
    expect(out).toMatch(/\n {2}chain_[0-9a-f]+ #5 altered.*\n1 chains, 8 entries: NOT INTACT: 1 of 1 chains\n$/);
    expect(code).toBe(1);
  });

  it("names a chain that was taken away whole, by what the next one says of it", async () => {
    const dir = await tampered(past.dir, () => undefined);
    await inSandbox((a) => a.request("GET", "/v1/capabilities"), { dir, adapters: [] });
    expect(await linesOf(dir)).toEqual([
      expect.stringMatching(/ 2 entries.*: intact$/),
      expect.stringMatching(/ 8 entries.*: intact$/),
    ]);
    const first = "(SELECT chain FROM audit ORDER BY id LIMIT 1)";
    const beheaded = await tampered(dir, (db) => db.exec(`DELETE FROM audit WHERE number = 1 AND chain = ${first}`));
    expect((await linesOf(beheaded)).at(-1)).toMatch(/^ {2}chain_[0-9a-f]+ #1 missing/);
    const gone = await tampered(dir, (db) => {
      db.exec(`DELETE FROM audit WHERE chain = ${first}`);
      db.exec("DELETE FROM audit_checkpoints WHERE chain NOT IN (SELECT chain FROM audit)");
    });
    expect((await linesOf(gone)).at(-1)).toMatch(/^ {2}chain_[0-9a-f]+ #1 to #8 cut off/);
  });

  it("takes no evidence at all for no proof", async () => {
    const dir = await tampered(past.dir, (db) => db.exec("DELETE FROM audit; DELETE FROM audit_checkpoints"));
    const { code, out } = await run("verify", "--sandbox", dir);
    expect(out).toMatch(/^no chain: /);
    expect(code).toBe(1);
  });

  it("ends with 2 for a store that is not there, and makes none", async () => {
    const { code, err } = await run("verify", "--sandbox", "/nowhere");
    expect(err).toContain("no sandbox was started in /nowhere");
    expect(code).toBe(2);
  });
});

describe("audit:export", () => {
  it("gives a document that a stranger verifies: the row, its place, both signatures", async () => {
    const { code, out } = await run("export", idOf("checked"), "--sandbox", past.dir);
    expect(code).toBe(0);
    expect(verifyDocument(out)).toEqual([
      { partner: "partner-a", request: true, answer: true, linkedToCheckpoint: true },
    ]);
    expect(out).not.toContain("partner-b");
    expect(out).not.toContain('"d":');
    const changed = JSON.parse(out) as { rows: { links: string[] }[] };
    expect(changed.rows[0]?.links.length).toBeGreaterThan(0);
    changed.rows[0]?.links.reverse();
    expect(() => verifyDocument(JSON.stringify(changed))).toThrow("the checkpoint of these links");
  });

  it.each([
    ["the answer's status", '"status": 201', '"status": 200', "the row's hash"],
    ["a head's time", '"atMs": 1', '"atMs": 2', "does not hold"],
  ])("is not verified with %s changed", async (_what, from, to, why) => {
    const { out } = await run("export", idOf("checked"), "--sandbox", past.dir);
    expect(out).toContain(from);
    expect(() => verifyDocument(out.replaceAll(from, to))).toThrow(why);
  });

  it("proves a target with its query to whoever has it", async () => {
    const { out } = await run("export", idOf("listed"), "--sandbox", past.dir);
    expect(verifyDocument(out, past.answers.listed.sent.url)).toMatchObject([{ request: true, answer: true }]);
    expect(() => verifyDocument(out, past.answers.listed.sent.url.replace("5", "6"))).toThrow("the target");
    expect(() => verifyDocument(out)).toThrow("the target");
  });

  it("shows a refused request as what it was: nobody's", async () => {
    const { out } = await run("export", idOf("refused"), "--sandbox", past.dir);
    expect(verifyDocument(out)).toMatchObject([{ partner: undefined, request: false, answer: true }]);
  });

  it("gives nobody another's row under the same request id, and nothing of a broken chain", async () => {
    const requestId = "shared-request-id";
    const headers = { "Request-Id": requestId };
    const asked = { dir: await tampered(past.dir, () => undefined), adapters: [] };
    const { dir } = await inSandbox(async (a, b) => {
      await a.request("GET", "/v1/capabilities", { headers });
      await b.request("GET", "/v1/capabilities", { headers });
    }, asked);
    const both = await run("export", requestId, "--sandbox", dir);
    expect(both).toMatchObject({ code: 1, out: "" });
    expect(both.err).toContain("add --partner partner-a | partner-b");
    const one = await run("export", requestId, "--partner", "partner-a", "--sandbox", dir);
    expect(verifyDocument(one.out)).toMatchObject([{ partner: "partner-a" }]);
    expect(one.out).not.toContain("partner-b");
    const broken = await tampered(dir, (db) =>
      db.exec("UPDATE audit SET at_ms = 1 WHERE request_id = 'shared-request-id'"),
    );
    expect(await run("export", requestId, "--partner", "partner-a", "--sandbox", broken)).toMatchObject({
      code: 1,
      out: "",
    });
    expect((await run("export", "req_unknown", "--sandbox", dir)).err).toContain(
      "no evidence of a request req_unknown",
    );
  });
});
