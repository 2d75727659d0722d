import { Fault } from "#capability";
import { z } from "zod";
import { invalidAnswer } from "./bank.ts";

const maxCursorLength = 512;

const cursor = z.strictObject({
  /** Query of the bank's page. */
  q: z.string().max(maxCursorLength),
  /** How many of its entries were given already. */
  o: z.int().min(0).max(100_000),
});

/** A position in the bank's pages: banks choose their page size, partners choose theirs. */
export interface Position {
  query: Record<string, string>;
  offset: number;
}

/** Our opaque cursor. Throws `vendor_invalid_answer` if the bank's link is too long for one. */
export function writeCursor({ query, offset }: Position): string {
  const text = Buffer.from(JSON.stringify({ q: new URLSearchParams(query).toString(), o: offset })).toString(
    "base64url",
  );
  if (text.length > maxCursorLength) throw invalidAnswer("the link to the next page is too long");
  return text;
}

const notOurs = { parameter: "cursor", detail: "is not a cursor of this list" };

/** Reads a cursor of ours. Throws `request_invalid` for any other. */
export function readCursor(text: string): Position {
  const parsed = cursor.safeParse(json(text));
  if (!parsed.success) throw new Fault("request_invalid", { outcome: "rejected", errors: [notOurs] });
  return { query: Object.fromEntries(new URLSearchParams(parsed.data.q)), offset: parsed.data.o };
}

function json(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * The query of the bank's `Links.Next`. The link may differ from the page it stands on in its query only: it is followed
 * with the customer's token, so it must not lead elsewhere. Throws `vendor_invalid_answer`.
 */
export function queryOfNext(next: string, page: URL): Record<string, string> {
  const url = URL.parse(next, page);
  if (url === null || url.origin !== page.origin || url.pathname !== page.pathname) {
    throw invalidAnswer("the link to the next page leads elsewhere");
  }
  return Object.fromEntries(url.searchParams);
}
