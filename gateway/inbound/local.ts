import type { OperationId } from "#capability";
import { Problem } from "#problem";
import { publicJwks } from "#signature";
import type { VerifyKey } from "#signature";
import type { OperationAnswer } from "../operations/index.ts";
import type { LocalCall, WebhookAnswers } from "../webhooks/index.ts";
import { capabilityMatrix } from "../routing/matrix.ts";
import type { Routing } from "../routing/index.ts";

/** Operations that the gateway answers itself; those that are open to everybody have no call. */
export type LocalAnswers = (operationId: OperationId, call?: LocalCall) => Promise<OperationAnswer>;

/** How long partners may keep our keys; the next key is published at least a day before its first use. */
const jwksMaxAgeSeconds = 3_600;

export function localAnswers(ports: {
  routing: Routing;
  published: readonly VerifyKey[];
  webhooks: WebhookAnswers;
}): LocalAnswers {
  const jwks = Buffer.from(JSON.stringify(publicJwks(ports.published)));
  const capabilities = Buffer.from(JSON.stringify({ data: capabilityMatrix(ports.routing) }));
  return async (operationId, call) => {
    const answer = ports.webhooks[operationId];
    if (answer !== undefined && call !== undefined) return answer(call);
    switch (operationId) {
      case "capabilities.list":
        return { status: 200, contentType: "application/json", headers: {}, body: capabilities };
      case "keys.list":
        return {
          status: 200,
          contentType: "application/json",
          headers: { "Cache-Control": `public, max-age=${jwksMaxAgeSeconds}` },
          body: jwks,
        };
      default:
        throw new Problem("not_found");
    }
  };
}
