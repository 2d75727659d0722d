import { errorRow, Fault } from "#capability";
import type { VendorClient } from "#capability";
import type { Config } from "./config.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

/** The adapter's way to the mock without the core's road: encodes, signs, sends, verifies, reads failures by the error table. */
export function clientOf(config: Config, deadlineMs = 2_000, now = () => new Date()): VendorClient<operations> {
  const client: VendorClient<operations> = {
    async call(operation, input) {
      const url = new URL("/gateway.do", protocol.baseUrl(config, operation));
      const parts = input as { query?: Record<string, string>; body: { biz_content: object } };
      for (const [name, value] of Object.entries(parts.query ?? {})) url.searchParams.set(name, value);
      const form = new URLSearchParams({ biz_content: JSON.stringify(parts.body.biz_content) });
      const request = {
        operation,
        method: "POST",
        url,
        headers: {} as Record<string, string>,
        body: Buffer.from(form.toString()),
      };
      const context = { config, reference: "", attempt: 1, now: now(), vendor: client };
      await protocol.authorize(request, context);
      const { status, headers, bytes } = await exchange(request, deadlineMs);
      if (status >= 500) throw new Fault("vendor_fault", { outcome: "unknown", counts: true });
      if (typeof protocol.verify === "function") await protocol.verify({ status, headers, bytes }, request, context);
      const body: unknown = JSON.parse(bytes.toString("utf8"));
      const failure = protocol.failure({ status, headers, body }, operation);
      if (failure === undefined) return { status, headers, body: body as never };
      const row = errorRow(errors, failure.code, operation);
      throw new Fault(row?.problem ?? "vendor_fault", {
        outcome: row?.outcome ?? "unknown",
        vendor: { adapter: "alipay-huabei", ...failure },
      });
    },
    credential: () => Promise.reject(new TypeError("Alipay has no tokens")),
    keep: () => Promise.reject(new TypeError("Alipay keeps nothing half-way")),
  };
  return client;
}

async function exchange(
  request: { url: URL; headers: Record<string, string>; body: Buffer },
  deadlineMs: number,
): Promise<{ status: number; headers: Record<string, string>; bytes: Buffer }> {
  try {
    const { headers, body } = request;
    const signal = AbortSignal.timeout(deadlineMs);
    const answer = await fetch(request.url, { method: "POST", headers, body: new Uint8Array(body), signal });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: Object.fromEntries(answer.headers), bytes };
  } catch (cause) {
    throw new Fault("vendor_timeout", { outcome: "unknown", counts: true, cause });
  }
}
