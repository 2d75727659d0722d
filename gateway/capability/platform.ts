import { operations, resources } from "#specs";
import type { OperationSpec, ResourceName } from "#specs";
import { loadKeySet, loadSignKey, signRequest, verifyResponse } from "#signature";
import type { SignedRequest, SignKey, VerifyKey } from "#signature";
import type { Call, ResourceView } from "./call.ts";
import type { Capability } from "./adapter.ts";
import type { CapabilityName, OperationId } from "./contract.ts";
import { Fault } from "./fault.ts";
import { nameOf } from "./name.ts";
import { done } from "./outcome.ts";
import type { Protocol, VendorRequest } from "./protocol.ts";
import type { VendorClient, VendorOperations } from "./vendor.ts";

/** Headers of ours that a platform gets beside the contract's, covered by the signature. */
const platformHeaders = ["partner-id", "resource-id"];

/**
 * For a platform that speaks our signature profile (RFC 9421): signs each attempt with the gateway's key, and takes an
 * answer only if it is signed by a key of the platform's and bound to this very request.
 */
export function messageSignatures<Config extends object>(keys: {
  /** The gateway's private JWK towards this platform. */
  privateJwk(config: Config): unknown;
  /** The platform's public JWKS. */
  platformJwks(config: Config): unknown;
}): Pick<Protocol<Config>, "authorize" | "verify"> {
  const loaded = new WeakMap<Config, Promise<{ own: SignKey; theirs: ReadonlyMap<string, VerifyKey> }>>();
  const bindings = new WeakMap<VendorRequest, SignedRequest["binding"]>();
  const keysOf = (config: Config) => {
    const known = loaded.get(config);
    if (known !== undefined) return known;
    const loading = Promise.all([loadSignKey(keys.privateJwk(config)), loadKeySet(keys.platformJwks(config))]).then(
      ([own, theirs]) => ({ own, theirs }),
    );
    loaded.set(config, loading);
    return loading;
  };
  return {
    async authorize(request, { config, now }) {
      const { own } = await keysOf(config);
      const signed = signRequest({
        method: request.method,
        targetUri: request.url.href,
        headers: request.headers,
        body: request.body ?? new Uint8Array(),
        key: own,
        created: Math.floor(now.getTime() / 1_000),
        cover: platformHeaders.filter((name) => request.headers[name] !== undefined),
      });
      for (const [name, value] of Object.entries(signed.headers)) request.headers[name.toLowerCase()] = value;
      bindings.set(request, signed.binding);
    },
    async verify(answer, request, { config, now }) {
      const { theirs } = await keysOf(config);
      const binding = bindings.get(request);
      if (binding === undefined) throw new Error("an answer to a request that was not signed here");
      const verdict = verifyResponse({
        status: answer.status,
        rawHeaders: Object.entries(answer.headers).flat(),
        body: answer.bytes,
        request: binding,
        nowMs: now.getTime(),
        resolveKey: (keyid) => theirs.get(keyid),
      });
      if (verdict.ok) return;
      throw new Fault("vendor_invalid_answer", {
        outcome: "unknown",
        counts: true,
        detail: `the platform's signature: ${verdict.code}`,
      });
    },
  };
}

/** How long a creation may still be under way: only after that does "unknown to the platform" mean that it never was. */
const absentAfterMs = 20_000;

type AnyVendor = VendorClient<Record<string, { responses: { 200: { content: { "application/json": unknown } } } }>>;

/**
 * The handlers of a platform whose API is our contract: same paths, parameters and bodies. On creation it takes
 * `Resource-Id` as the id of what it makes; every call names the partner in `Partner-Id`, and every POST carries our
 * reference as `Idempotency-Key`.
 */
export function sameContract<C extends CapabilityName & ResourceName>(
  capability: C,
): Capability<C, VendorOperations, unknown> {
  const handlers: Record<string, unknown> = {};
  for (const [operationId, spec] of Object.entries(operations)) {
    const { capability: name, verb } = nameOf(operationId as OperationId);
    if (name !== capability) continue;
    handlers[verb] = async (call: Call<OperationId>, vendor: AnyVendor) => {
      try {
        return done((await vendor.call(operationId, forwarded(call, spec))).body);
      } catch (error) {
        const gone = verb === "get" && error instanceof Fault && error.code === "resource_not_found";
        if (!gone || call.resource === undefined) throw error;
        const waitedMs = call.now.getTime() - call.resource.createdAt.getTime();
        return done(waitedMs < absentAfterMs ? call.resource.body : neverMade(capability, call.resource));
      }
    };
  }
  return handlers as Capability<C, VendorOperations, unknown>;
}

function forwarded(call: Call<OperationId>, spec: OperationSpec): Parameters<AnyVendor["call"]>[1] {
  const { method, creates, resourceParam } = spec;
  const id = call.resource?.id;
  return {
    path: { ...call.input.path, ...(resourceParam === undefined || id === undefined ? {} : { [resourceParam]: id }) },
    query: call.input.query,
    body: call.input.body,
    header: {
      "Partner-Id": call.partner.id,
      ...(method === "POST" ? { "Idempotency-Key": call.reference } : {}),
      ...(creates ? { "Resource-Id": call.id } : {}),
    },
  } as never;
}

/** The platform does not know what we asked it to make: it surely was not made. */
function neverMade(capability: ResourceName, resource: ResourceView): Record<string, unknown> {
  return {
    ...(resource.body as Record<string, unknown>),
    status: resources[capability].failedState,
    failure: { code: "never_received", detail: "The platform never received the request, so nothing was made." },
  };
}
