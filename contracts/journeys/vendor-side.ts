import type { Exchange, RunningMock } from "#mocks";
import { isBody } from "./fill.ts";
import type { Body } from "./step.ts";

/** Members by which the vendors name their own things, the most telling first. */
const idMembers = [
  "trade_no",
  "BizToken",
  "DomesticPaymentId",
  "ConsentId",
  "report_id",
  "user_id",
  "accountId",
  "accountNumber",
  "RequestId",
  "request_id",
];
const maxDepth = 6;

/** What a vendor was asked, and its own id for it. */
export interface Asked {
  operation: string;
  id: string | undefined;
}

/** Watches the vendors of a sandbox in this process: each call of the function tells what they were asked since the last one. */
export function watchVendors(mocks: readonly RunningMock[]): () => Asked[] {
  const last = new Map<RunningMock, Exchange | undefined>(mocks.map((mock) => [mock, mock.exchanges.at(-1)]));
  return () =>
    mocks.flatMap((mock) => {
      const seen = last.get(mock);
      const fresh = mock.exchanges.slice(seen === undefined ? 0 : mock.exchanges.lastIndexOf(seen) + 1);
      last.set(mock, mock.exchanges.at(-1));
      return fresh.flatMap(({ operation, answer }) =>
        operation === undefined ? [] : [{ operation, id: idIn(parsed(answer.body)) }],
      );
    });
}

/** One line of it, each thing once. */
export function told(asked: readonly Asked[]): string {
  return [...new Set(asked.map(({ operation, id }) => (id === undefined ? operation : `${operation} ${id}`)))].join(
    ", ",
  );
}

/** What a step with a callback promised about the vendor's side and did not keep. */
export function unkept(callback: { asked?: string; unasked?: string }, asked: readonly Asked[]): string[] {
  const has = (operation: string | undefined): boolean => asked.some((one) => one.operation === operation);
  return [
    ...(callback.asked !== undefined && !has(callback.asked) ? [`the gateway did not ask for ${callback.asked}`] : []),
    ...(callback.unasked !== undefined && has(callback.unasked)
      ? [`the gateway had to ask for ${callback.unasked}: no callback had told it`]
      : []),
  ];
}

/** What an answer of the gateway shows of the vendor's side: the token in a hosted page's address, a vendor's own words. */
export function vendorSideOf(body: unknown): string {
  if (!isBody(body)) return "";
  const url = body["url"] ?? body["authorisationUrl"] ?? body["payUrl"];
  if (typeof url === "string" && URL.canParse(url)) {
    const { searchParams } = new URL(url);
    const token = searchParams.get("token") ?? searchParams.get("BizToken") ?? searchParams.get("request_uri");
    if (token !== null) return token;
  }
  const { accountNumber } = body;
  return typeof accountNumber === "string" ? accountNumber : "";
}

function idIn(value: unknown): string | undefined {
  const members = stringsIn(value);
  return idMembers.map((member) => members[member]).find((id) => id !== undefined);
}

/** Every string member of a value, at any depth, the outermost of a name first. */
function stringsIn(value: unknown, depth = 0): Record<string, string> {
  if (depth > maxDepth) return {};
  if (Array.isArray(value)) return stringsIn(value[0], depth + 1);
  if (!isBody(value)) return {};
  const inner = Object.values(value).map((member) => stringsIn(member, depth + 1));
  const own = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.assign({}, ...inner.toReversed(), Object.fromEntries(own)) as Record<string, string>;
}

function parsed(body: string | Buffer | undefined): Body | undefined {
  try {
    const value: unknown = JSON.parse(String(body ?? ""));
    return isBody(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
