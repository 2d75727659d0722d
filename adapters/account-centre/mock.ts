import { createHash } from "node:crypto";
import { defineMock } from "#mocks";
import type { Sample, WireRequest } from "#mocks";
import { readIdempotencyKey } from "#signature";
import { createAccounts } from "./mock/accounts.ts";
import type { Given } from "./mock/accounts.ts";
import { Refused } from "./mock/problems.ts";
import { customerIn, headerIn, limitIn, reasonIn } from "./mock/requests.ts";
import { asAnswer, createSigning } from "./mock/signing.ts";
import type { Unsigned } from "./mock/signing.ts";

/** The answer that was given to an Idempotency-Key. */
interface Stored {
  fingerprint: string;
  answer: Unsigned;
}

/** An opening by a customer of a magic name. */
function opening(name: string): Sample {
  const customer = { name, nationalId: "11010519491231002X", phone: "+8613800138000", reference: "CUSTOMER-1" };
  return { body: customer, keep: ["/name"] };
}

const collection = "/v1/customer-accounts";
const addresses: [method: string, path: RegExp, operation: string][] = [
  ["POST", /^\/v1\/customer-accounts$/, "customerAccounts.open"],
  ["GET", /^\/v1\/customer-accounts$/, "customerAccounts.list"],
  ["GET", /^\/v1\/customer-accounts\/[^/]+$/, "customerAccounts.get"],
  ["POST", /^\/v1\/customer-accounts\/[^/]+\/close$/, "customerAccounts.close"],
];

/** The account centre, played: our contract from the other side. Magic names stand in the README. */
export default defineMock({
  adapter: "account-centre",
  title: "Account centre",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),

  async create(context) {
    const signing = await createSigning(context);
    const accounts = createAccounts(context);
    const stored = context.table<Stored>("idempotency");

    function act(request: WireRequest, operation: string): Given {
      const partnerId = headerIn(request, "Partner-Id");
      const id = decodeURIComponent(request.path.slice(collection.length + 1).split("/")[0] ?? "");
      switch (operation) {
        case "customerAccounts.open":
          return accounts.open(partnerId, headerIn(request, "Resource-Id"), customerIn(request.body));
        case "customerAccounts.list":
          return accounts.list(partnerId, limitIn(request.query), request.query.get("cursor") ?? undefined);
        case "customerAccounts.get":
          return accounts.get(partnerId, id);
        case "customerAccounts.close":
          return accounts.close(partnerId, id, reasonIn(request.body));
        default:
          throw new Refused("not_found", "Check the method and path.");
      }
    }

    function answer(request: WireRequest, operation: string): Unsigned {
      try {
        const { status, body, location, trouble } = act(request, operation);
        return {
          status,
          headers: { "Content-Type": "application/json", ...(location === undefined ? {} : { Location: location }) },
          body: JSON.stringify(body),
          ...(trouble === undefined ? {} : { trouble }),
        };
      } catch (error) {
        if (error instanceof Refused) return asAnswer(error);
        throw error;
      }
    }

    /** A POST: the same key and bytes get the first answer again, but nothing that was only for now (503). */
    function once(request: WireRequest, operation: string): Unsigned {
      const field = request.headers["idempotency-key"];
      if (field === undefined) return asAnswer(new Refused("idempotency_key_missing", "Send an Idempotency-Key."));
      const key = readIdempotencyKey(field);
      if (key === undefined)
        return asAnswer(new Refused("idempotency_key_malformed", "Send visible ASCII characters."));
      const name = JSON.stringify([request.headers["partner-id"], key]);
      const fingerprint = createHash("sha256").update(`${request.path}\n`).update(request.body).digest("hex");
      const first = stored.get(name);
      if (first === undefined) {
        const given = answer(request, operation);
        const { trouble: _trouble, ...kept } = given;
        if (given.status < 500 && !given.trouble?.lost) stored.set(name, { fingerprint, answer: kept });
        return given;
      }
      if (first.fingerprint !== fingerprint) {
        return asAnswer(new Refused("idempotency_key_reused", "The key was used for another request."));
      }
      return { ...first.answer, covered: { "Idempotency-Replayed": "?1" } };
    }

    const { privateJwk, platformJwks } = signing.credentials;
    return {
      credentials: { origin: context.origin, jwk: privateJwk, gatewayJwks: platformJwks },
      config: { baseUrl: context.origin, privateJwk, platformJwks },
      operationOf: ({ method, path }) => addresses.find(([verb, at]) => verb === method && at.test(path))?.[2],
      async handle(request, operation) {
        const verdict = await signing.verify(request);
        if (!verdict.ok) return signing.sign(verdict.answer, verdict.binding);
        const given = request.method === "POST" ? once(request, operation) : answer(request, operation);
        return signing.sign(given, verdict.binding);
      },
      notFound: (request) =>
        signing.sign(asAnswer(new Refused("not_found", "Check the method and path.")), signing.unverified(request)),
      kit: {
        lies: { "customerAccounts.open": { signature: [opening("Forged"), opening("Tampered"), opening("Unsigned")] } },
        async refusal(request, _operation, { code, message }) {
          const { binding } = await signing.verify(request);
          return signing.sign(asAnswer(new Refused(code, message), 422), binding);
        },
        effects: () => context.table("accounts").entries().length,
      },
    };
  },
});
