import { describe, expect, it } from "vitest";
import { type Refusal, explainRefusal, firstDifference, verifyRequest } from "./index.ts";
import { param, tampered } from "./testing/changed.ts";
import { nowMs, resolveKey } from "./testing/messages.ts";

function refused(message: Parameters<typeof verifyRequest>[0]): Refusal & { base: string } {
  const verdict = verifyRequest(message);
  if (verdict.ok || verdict.base === undefined) throw new Error("expected a refusal with a base");
  return { ...verdict, base: verdict.base };
}

const invalid = refused({ ...tampered(() => ({ originalUrl: "/v1/payments?dry=2" })), resolveKey });

describe("an explanation", () => {
  it("shows the base that was computed and the first line of the sender's that differs", () => {
    const explained = explainRefusal(invalid, invalid.base.replace("dry=2", "dry=1"));
    expect(explained).toMatchObject({
      code: "signature_invalid",
      rule: 14,
      base: invalid.base,
      firstDifference: {
        line: 2,
        expected: '"@target-uri": https://gw.example.com/v1/payments?dry=2',
        received: '"@target-uri": https://gw.example.com/v1/payments?dry=1',
      },
    });
    expect(explained.hints.join()).toContain("public origin");
  });

  it.each<[string, (base: string) => string, string]>([
    ["equal bases", (base) => base, "key differs"],
    ["CR LF", (base) => base.replaceAll("\n", "\r\n"), "not with CR LF"],
    ["a line break at the end", (base) => `${base}\n`, "no line break after"],
    ["parameters in another order", (base) => base.replace(/;nonce="[^"]+"/, ""), "text of Signature-Input"],
  ])("has a hint for %s", (_, change, hint) => {
    expect(explainRefusal(invalid, change(invalid.base)).hints.join()).toContain(hint);
  });

  it("asks for the sender's base when there is none", () => {
    expect(explainRefusal(invalid).hints).toEqual([expect.stringContaining("first line that differs")]);
  });

  it("has the base of an expired signature too, and none of a message refused before", () => {
    const expired = refused({ ...param("created", "created=1"), resolveKey });
    expect(explainRefusal(expired, expired.base)).toMatchObject({ code: "signature_expired", hints: [] });
    const early = verifyRequest({ ...tampered(() => ({ originalUrl: "*" })), nowMs, resolveKey });
    if (early.ok) throw new Error("accepted");
    expect(explainRefusal(early)).toEqual({ code: "target_malformed", rule: 2, detail: early.detail, hints: [] });
  });
});

describe("the first difference", () => {
  it("counts lines from one, and knows when one side has more", () => {
    expect(firstDifference("a\nb", "a\nb")).toBeUndefined();
    expect(firstDifference("a\nb", "a")).toEqual({ line: 2, expected: "b" });
    expect(firstDifference("a", "a\nb")).toEqual({ line: 2, received: "b" });
    expect(firstDifference("a\nb\nc", "a\nB\nC")).toEqual({ line: 2, expected: "b", received: "B" });
  });
});
