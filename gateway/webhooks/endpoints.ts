/** `webhookEndpoints.*`: where a partner wants its events. */
import { createHash, randomBytes } from "node:crypto";
import { Problem } from "#problem";
import { StoreError } from "#store";
import type { EndpointRow, EndpointSecret } from "#store";
import { lanes } from "../operations/index.ts";
import type { OperationAnswer } from "../operations/index.ts";
import { answerWith, instant, pageOf } from "./answer.ts";
import type { LocalCall, WebhookAnswerPorts, WebhookAnswers } from "./answer.ts";
import { maxEndpointsPerPartner, maxSecrets, secretOverlapMs } from "./limits.ts";
import { secretPrefix } from "./sign.ts";
import { UrlRefused } from "./url.ts";

const secretBytes = 32;
const idChars = 32;

interface EndpointBody {
  url?: string;
  types?: string[];
  description?: string;
  standardWebhooks?: boolean;
}

export function endpointAnswers(ports: WebhookAnswerPorts): WebhookAnswers {
  const { store } = ports;
  const inTurn = lanes();
  const nowMs = (): number => ports.now().getTime();

  const admit = async (url: string): Promise<void> => {
    try {
      await ports.guard.admit(url);
    } catch (error) {
      if (!(error instanceof UrlRefused)) throw error;
      throw new Problem("webhook_url_refused", {
        errors: [{ pointer: "/url", detail: `The URL ${error.message}.`, code: error.why }],
      });
    }
  };

  /** The partner's own endpoint that the path names; another partner's is as if it did not exist. */
  const own = async ({ partner, input }: LocalCall): Promise<EndpointRow> => {
    const row = await store.endpoint(input.path["webhookEndpointId"] ?? "");
    if (row === undefined || row.partner !== partner) throw new Problem("resource_not_found");
    return row;
  };

  const reread = async (id: string): Promise<EndpointRow> => {
    const row = await store.endpoint(id);
    if (row === undefined) throw new Problem("resource_not_found");
    return row;
  };

  async function create(call: LocalCall): Promise<OperationAnswer> {
    const { partner, input } = call;
    const { url = "", types = [], description, standardWebhooks = false } = input.body as EndpointBody;
    const id = idOf(call);
    // Only one who died between doing and answering leaves one behind under this id.
    if ((await store.endpoint(id)) === undefined) {
      await admit(url);
      if ((await store.endpoints(partner, { limit: maxEndpointsPerPartner })).length >= maxEndpointsPerPartner) {
        throw new Problem("webhook_endpoint_limit", { detail: `A partner may have ${maxEndpointsPerPartner}.` });
      }
      const createdAtMs = nowMs();
      const secrets = standardWebhooks ? [newSecret(createdAtMs)] : [];
      const endpoint = { id, partner, url, types, secrets, createdAtMs };
      await store.addEndpoint(description === undefined ? endpoint : { ...endpoint, description }).catch(unlessThere);
    }
    const row = await reread(id);
    const headers = { Location: `/v1/webhook-endpoints/${id}` };
    return answerWith(ports, "webhookEndpoints.create", 201, { ...viewOf(row), ...shownSecret(row) }, headers);
  }

  async function update(call: LocalCall): Promise<OperationAnswer> {
    const { id } = await own(call);
    const { url, types, description } = call.input.body as EndpointBody;
    if (url !== undefined) await admit(url);
    const change = {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { types }),
      ...(description === undefined ? {} : { description }),
    };
    await store.changeEndpoint(id, change, nowMs());
    return answerWith(ports, "webhookEndpoints.update", 200, viewOf(await reread(id)));
  }

  async function pause(call: LocalCall): Promise<OperationAnswer> {
    const { id, status } = await own(call);
    if (status === "disabled") {
      throw new Problem("resource_state_conflict", { detail: `${id} is disabled: nothing is delivered to it.` });
    }
    await store.changeEndpoint(id, { status: "paused" }, nowMs());
    return answerWith(ports, "webhookEndpoints.pause", 200, viewOf(await reread(id)));
  }

  async function resume(call: LocalCall): Promise<OperationAnswer> {
    const { id } = await own(call);
    await store.changeEndpoint(id, { status: "active" }, nowMs());
    ports.nudge();
    return answerWith(ports, "webhookEndpoints.resume", 200, viewOf(await reread(id)));
  }

  async function rotate(call: LocalCall): Promise<OperationAnswer> {
    const { id, secrets } = await own(call);
    const now = nowMs();
    const former = secrets
      .map((secret) => ({ ...secret, expiresAtMs: secret.expiresAtMs ?? now + secretOverlapMs }))
      .filter(({ expiresAtMs }) => expiresAtMs > now);
    await store.changeEndpoint(id, { secrets: [newSecret(now), ...former].slice(0, maxSecrets) }, now);
    const row = await reread(id);
    return answerWith(ports, "webhookEndpoints.rotate", 200, { ...viewOf(row), ...shownSecret(row) });
  }

  async function remove(call: LocalCall): Promise<OperationAnswer> {
    const id = call.input.path["webhookEndpointId"] ?? "";
    const removed = await own(call).then(
      () => store.removeEndpoint(id),
      (error: unknown) => {
        // One who died after removing it leaves nothing to find.
        if (error instanceof Problem && call.claim?.takenOver === true) return true;
        throw error;
      },
    );
    if (!removed) throw new Problem("resource_not_found");
    return answerWith(ports, "webhookEndpoints.remove", 200, { id, status: "removed" });
  }

  return {
    "webhookEndpoints.create": (call) => inTurn(call.partner, () => create(call)),
    "webhookEndpoints.update": update,
    "webhookEndpoints.pause": pause,
    "webhookEndpoints.resume": resume,
    "webhookEndpoints.rotate": (call) => inTurn(call.input.path["webhookEndpointId"] ?? "", () => rotate(call)),
    "webhookEndpoints.remove": remove,
    "webhookEndpoints.get": async (call) => answerWith(ports, "webhookEndpoints.get", 200, viewOf(await own(call))),
    "webhookEndpoints.list": async (call) => {
      const { rows, next } = await pageOf(call, (page) => store.endpoints(call.partner, page));
      return answerWith(ports, "webhookEndpoints.list", 200, { data: rows.map(viewOf), ...next });
    },
  };
}

/** Derived from the claim, so that doing it again after a crash makes no second one. */
function idOf({ claim }: LocalCall): string {
  if (claim === undefined) throw new Error("a creation without a claim");
  const { partner, operationId, key, fingerprint } = claim.request;
  const digest = createHash("sha256")
    .update(JSON.stringify([partner, operationId, key, fingerprint]))
    .digest("hex");
  return `whe_${digest.slice(0, idChars)}`;
}

function newSecret(createdAtMs: number): EndpointSecret {
  return { secret: `${secretPrefix}${randomBytes(secretBytes).toString("base64")}`, createdAtMs };
}

/** A twin that took the same claim over was faster: its endpoint is this one. */
function unlessThere(error: unknown): void {
  if (!(error instanceof StoreError) || error.code !== "conflict") throw error;
}

/** What partners see of an endpoint; a secret only where it was just made. */
function viewOf(row: EndpointRow): Record<string, unknown> {
  const { id, status, disabledBecause, url, types, description, secrets, createdAtMs, updatedAtMs } = row;
  return {
    id,
    status,
    ...(status === "disabled" && disabledBecause !== undefined ? { disabledBecause } : {}),
    url,
    types,
    ...(description === undefined ? {} : { description }),
    standardWebhooks: secrets.length > 0,
    createdAt: instant(createdAtMs),
    updatedAt: instant(updatedAtMs),
  };
}

function shownSecret({ secrets: [newest] }: EndpointRow): { secret?: string } {
  return newest === undefined ? {} : { secret: newest.secret };
}
