/** The fictitious vendor, played in the harness: good answers, and each wire fault that the harness has. */
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MockDefinition, WireAnswer, WireFault, WireRequest } from "#mocks";

export const vendorKey = "0123456789abcdef0123456789abcdef";

/** References of the orders that were made: the vendor's own truth. */
export type Ledger = Set<string>;

/** `lost` is a reset before anything was done; all others happen after the effect. */
const wireFaults: Record<string, WireFault> = {
  hang: "hang",
  hang_after_headers: "hang_after_headers",
  drip: "drip",
  reset: "reset",
  lost: "reset",
  reset_mid_body: "reset_mid_body",
  truncate: "truncate",
  html_502: "html_502",
};

export interface VendorOptions {
  adapter: string;
  adaptersDir: string;
  ledger: Ledger;
  /** It has none of the faults. */
  well?: boolean;
  /** Answers instead of the vendor; undefined leaves it to the vendor. */
  instead?: (request: WireRequest, operation: string) => WireAnswer | undefined;
}

/** The mock of one adapter folder. */
export function vendorMock({ adapter, adaptersDir, ledger, well, instead }: VendorOptions): MockDefinition {
  return {
    adapter,
    title: "Fictitious",
    spec: pathToFileURL(join(adaptersDir, adapter, "vendor.openapi.yaml")),
    create: ({ origin }) => ({
      credentials: {},
      config: { baseUrl: origin, key: vendorKey, faults: [] },
      operationOf: ({ path }) => operationOf(path),
      notFound: () => ({ status: 404 }),
      handle(request, operation) {
        const other = instead?.(request, operation);
        if (other !== undefined) return other;
        if (operation === "status") {
          const reference = request.path.slice("/status/".length);
          return signed(200, { reference, state: ledger.has(reference) ? "made" : "absent" });
        }
        const { reference } = JSON.parse(request.body.toString()) as { reference: string };
        const [effect = "", name = ""] = operation.split(".");
        const fault = well ? undefined : wireFaults[name];
        if (effect === "once" && name !== "lost") ledger.add(reference);
        return { ...goodAnswer(reference), ...(fault === undefined ? {} : { fault }) };
      },
    }),
  };
}

/** What the vendor says when all is well. Long, so that it drips for longer than any deadline. */
export function goodAnswer(reference: string): WireAnswer & { body: string; headers: Record<string, string> } {
  return signed(200, { reference, note: "x".repeat(600) });
}

/** An answer of the vendor's, signed as it signs. */
export function signed(status: number, body: unknown): WireAnswer & { body: string; headers: Record<string, string> } {
  const text = JSON.stringify(body);
  return { status, headers: { "content-type": "application/json", "x-answer-signature": hmac(text) }, body: text };
}

export function hmac(text: string | Buffer): string {
  return createHmac("sha256", vendorKey).update(text).digest("hex");
}

function operationOf(path: string): string | undefined {
  if (path.startsWith("/status/")) return "status";
  if (path === "/token") return "token";
  return /^\/(read|charged|once)\/(\w+)$/.test(path) ? path.slice(1).replace("/", ".") : undefined;
}
