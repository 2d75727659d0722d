import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateJwk } from "#signature";
import type { Jwk } from "../../mocks/partner/profile.ts";
import { coverageOf, problemOf, unboundCoverage } from "./answer.fixture.ts";
import { bytesOf, checkDraft, listDraft, seal } from "./draft.fixture.ts";
import type { Draft, Message } from "./draft.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";
import { raw } from "./socket.fixture.ts";
import type { RawAnswer } from "./socket.fixture.ts";
import type { Tampering } from "./tamper.fixture.ts";
import { tamperings } from "./tampering.fixture.ts";

let road: Road;
let foreign: Jwk;

beforeAll(async () => {
  road = await openRoad({ adapters: ["tencent-faceid", "account-centre"] });
  foreign = await generateJwk();
});

afterAll(() => road.close());

const keyOf = (name: "a" | "b"): Jwk => road.sandbox.keys.partners[name].jwk;
const draft = (read?: true): Draft => (read ? listDraft : checkDraft)(road.origin, keyOf("a").kid ?? "");

async function send(message: Message): Promise<RawAnswer> {
  const { answers, end } = await raw(road.origin, bytesOf(message), { answers: 1, patienceMs: 5_000 });
  const [answer] = answers;
  if (answer === undefined) throw new Error(`no answer: ${end}`);
  return answer;
}

/** What the answer covers; throws if it does not verify for this request. */
function verified(answer: RawAnswer, { method, target, headers }: Message): string[] {
  const url = target.startsWith("/") ? road.origin + target : target;
  const fields = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  return coverageOf(answer, { method, url, fields }, road.sandbox.keys.gateway.jwks);
}

function vendorCalls(): number {
  return road.sandbox.mocks.reduce((sum, mock) => sum + mock.exchanges.length, 0);
}

function tampered({ read, meant, signer, tamper }: Tampering): Message {
  const jwk = signer === "foreign" ? foreign : keyOf(signer ?? "a");
  const asked = meant?.(draft(read)) ?? draft(read);
  const params = asked.params.map((each) => each.replace("{b}", keyOf("b").kid ?? ""));
  const sealed = seal({ ...asked, params }, jwk);
  return tamper?.(sealed, { ...asked, params }, jwk) ?? sealed;
}

describe("a good request", () => {
  it("is answered, bound to everything that it covers", async () => {
    const check = seal(draft(), keyOf("a"));
    const created = await send(check);
    expect(created.status).toBe(201);
    const req = ["@method", "@target-uri", "content-digest", "content-type", "idempotency-key"].map(
      (n) => `"${n}";req`,
    );
    const own = ['"@status"', '"content-digest"', '"content-type"'];
    const signature = ['"signature";req;key="sig"', '"signature-input";req;key="sig"'];
    expect(verified(created, check)).toEqual([...own, ...req, ...signature]);

    const list = seal(draft(true), keyOf("a"));
    const page = await send(list);
    expect(page.status).toBe(200);
    expect(verified(page, list)).toEqual([...own, ...req.slice(0, 2), ...signature]);
  });

  it("may carry foreign signatures, another label and expires", async () => {
    const { components, params, ...rest } = draft();
    const sealed = seal(
      { ...rest, components, params: [...params, `expires=${Math.floor(Date.now() / 1000) + 30}`] },
      keyOf("a"),
    );
    const headers = sealed.headers.map(([name, value]): [string, string] => {
      if (name === "Signature") return [name, `proxy=:AAAA:, ${value}`];
      return [name, name === "Signature-Input" ? `proxy=("@method");tag="other", ${value}` : value];
    });
    expect((await send({ ...sealed, headers })).status).toBe(201);
  });
});

describe.each(tamperings)("tampering: %s", (_group, rows) => {
  it.each(rows)("$name → $status $code", async (row) => {
    const before = vendorCalls();
    const message = tampered(row);
    const answer = await send(message);
    expect({ status: answer.status, code: problemOf(answer).code }).toEqual({ status: row.status, code: row.code });
    expect(verified(answer, message)).toEqual(unboundCoverage);
    expect(vendorCalls()).toBe(before);
  });
});

describe("what a refusal tells", () => {
  it("server time with an old signature, the field with a doubled one", async () => {
    const old = draft();
    const expired = await send(
      seal({ ...old, params: old.params.map((p) => p.replace(/^created=.*/, "created=1")) }, keyOf("a")),
    );
    const { serverTime } = problemOf(expired);
    expect(Math.abs(Date.parse(String(serverTime)) - Date.now())).toBeLessThan(5_000);

    const twice = seal(draft(), keyOf("a"));
    const doubled = await send({ ...twice, headers: [...twice.headers, ["DPOP", "x"]] });
    expect(problemOf(doubled)["errors"]).toEqual([{ header: "dpop", detail: expect.any(String) as string }]);
  });

  it("the same of an unknown key as of a wrong signature", async () => {
    const rows = tamperings.flatMap(([, all]) => all);
    const told = await Promise.all(
      ["unknown key", "signature byte 0"].map(async (name) => {
        const { requestId: _own, ...rest } = problemOf(
          await send(tampered(rows.find((row) => row.name === name) as Tampering)),
        );
        return rest;
      }),
    );
    expect(told[0]).toEqual(told[1]);
  });
});

describe("a nonce", () => {
  it.each([["GET", true] as const, ["POST", undefined] as const])(
    "replayed on %s is refused",
    async (_method, read) => {
      const message = seal(draft(read), keyOf("a"));
      expect((await send(message)).status).toBeLessThan(300);
      const before = vendorCalls();
      const again = await send(message);
      expect(again.status).toBe(401);
      expect(problemOf(again).code).toBe("signature_replay");
      expect(verified(again, message)).toEqual(expect.arrayContaining(unboundCoverage));
      expect(vendorCalls()).toBe(before);
    },
  );

  it("of one partner is free for another, and used once among many at a time", async () => {
    const { components, params, ...rest } = listDraft(road.origin, keyOf("b").kid ?? "");
    const nonce = params.find((each) => each.startsWith("nonce="));
    const ofA = {
      ...draft(true),
      params: draft(true).params.map((each) => (each.startsWith("nonce=") ? `${nonce}` : each)),
    };
    const many = await Promise.all(Array.from({ length: 20 }, () => send(seal(ofA, keyOf("a")))));
    expect(many.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
    expect((await send(seal({ ...rest, components, params }, keyOf("b")))).status).toBe(200);
  });
});

/** What a request says: field names in any case, optional white space and the minor version say nothing. */
function meaning(bytes: Buffer): string {
  const end = bytes.indexOf("\r\n\r\n");
  const [start = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const fields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  });
  return JSON.stringify([start.replace(/HTTP\/1\.[01]$/, ""), fields, bytes.subarray(end).toString("latin1")]);
}

describe("any one byte of the request changed", () => {
  it("never earns a 2xx, nor reaches a vendor", async () => {
    const before = vendorCalls();
    const property = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, mask) => {
      const good = bytesOf(seal(draft(), keyOf("a")));
      const bytes = Buffer.from(good);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      fc.pre(meaning(bytes) !== meaning(good));
      const { answers } = await raw(road.origin, bytes, { answers: 1, patienceMs: 150 });
      expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 200 });
    expect(vendorCalls()).toBe(before);
  });
});
