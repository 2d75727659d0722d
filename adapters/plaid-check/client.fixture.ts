import { errorRow, Fault } from "#capability";
import type { Credential, VendorClient } from "#capability";
import type { Config } from "./config.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

const paths: Record<keyof operations, string> = {
  userCreate: "/user/create",
  craCheckReportCreate: "/cra/check_report/create",
  craCheckReportBaseReportGet: "/cra/check_report/base_report/get",
  craCheckReportLendScoreGet: "/cra/check_report/lend_score/get",
  webhookVerificationKeyGet: "/webhook_verification_key/get",
};

/** The adapter's way to the mock without the core's road: signs, sends, reads failures by the error table, caches keys. */
export function clientOf(config: Config): VendorClient<operations> & { keysAsked: () => number } {
  const cache = new Map<string, Credential>();
  let keysAsked = 0;
  const client: VendorClient<operations> = {
    async call(operation, input) {
      if (operation === "webhookVerificationKeyGet") keysAsked += 1;
      const url = new URL(paths[operation], protocol.baseUrl(config, operation));
      const request = {
        operation,
        method: "POST",
        url,
        headers: { "content-type": "application/json" } as Record<string, string>,
        body: Buffer.from(JSON.stringify(input.body)),
      };
      const context = { config, reference: "", attempt: 1, now: new Date(), vendor: client };
      await protocol.authorize(request, context);
      const answer = await fetch(url, { method: "POST", headers: request.headers, body: request.body }).catch(() => {
        throw new Fault("vendor_fault", { outcome: "unknown", counts: true });
      });
      const headers = Object.fromEntries(answer.headers);
      const body: unknown = await answer.json().catch(() => {
        throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true });
      });
      const failure = protocol.failure({ status: answer.status, headers, body }, operation);
      if (failure === undefined) return { status: answer.status, headers, body: body as never };
      const row = errorRow(errors, failure.code, operation);
      throw new Fault(row?.problem ?? "vendor_fault", {
        outcome: row?.outcome ?? "unknown",
        vendor: { adapter: "plaid-check", ...failure },
      });
    },
    keep: async () => {},
    async credential(key, obtain) {
      const credential = cache.get(key) ?? (await obtain());
      cache.set(key, credential);
      return credential.value;
    },
  };
  return { ...client, keysAsked: () => keysAsked };
}
