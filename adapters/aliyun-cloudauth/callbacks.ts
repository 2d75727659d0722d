import { z } from "zod";
import { Fault, rejected } from "#capability";
import type { CallbackRequest, Callbacks } from "#capability";
import { referenceIn } from "./callback-token.ts";
import type { Config } from "./config.ts";
import { readSession, stateSchema } from "./session.ts";
import type { operations } from "./vendor.d.ts";

const certifyIdPattern = /^[0-9A-Za-z_-]{1,64}$/;
const passedPattern = /^\d{3}$/;

/**
 * `GET CallbackUrl?callbackToken=&certifyId=&passed=`, unsigned: the session's token says that the vendor sent it, and
 * nothing in it is believed but which session it is about. The verdict is asked for; a callback that contradicts it is none.
 */
export const callbacks: Callbacks<Config, operations> = {
  verify(request, { config }) {
    const said = read(request);
    if (typeof said === "string") return { verdict: "refused", why: said };
    const handle = referenceIn(said.token, config.callbackSecret);
    if (handle === undefined) return { verdict: "refused", why: "the token is not one of ours" };
    return { verdict: "verified", capability: "faceVerifications", handle, event: said };
  },

  receive: {
    faceVerifications(call, vendor) {
      const { certifyId, passed } = eventSchema.parse(call.event);
      const { state } = call.resource ?? {};
      if (state === undefined) {
        throw new Fault("internal_error", { outcome: "not_sent", detail: "the session's answer is not stored yet" });
      }
      if (stateSchema.parse(state).certifyId !== certifyId) {
        throw rejected("vendor_rejected", "another session's certifyId");
      }
      return readSession(call, vendor, passed);
    },
  },

  /** Anything but 200 brings the vendor's second and last try, within three seconds. */
  acknowledge: ({ result }) => ({
    status: { accepted: 200, ignored: 200, refused: 401, unmatched: 404, failed: 503 }[result],
  }),
};

const eventSchema = z.object({ certifyId: z.string(), passed: z.string() });

/** The three parameters, each exactly once, or what is wrong with them. */
function read({ method, query }: CallbackRequest): { token: string; certifyId: string; passed: string } | string {
  if (method !== "GET") return "not a GET";
  const [token, certifyId, passed] = ["callbackToken", "certifyId", "passed"].map((name) => query.getAll(name));
  if (token?.length !== 1 || certifyId?.length !== 1 || passed?.length !== 1) {
    return "callbackToken, certifyId and passed have to come once each";
  }
  if (!certifyIdPattern.test(certifyId[0] ?? "")) return "certifyId is malformed";
  if (!passedPattern.test(passed[0] ?? "")) return "passed is malformed";
  return { token: token[0] ?? "", certifyId: certifyId[0] ?? "", passed: passed[0] ?? "" };
}
