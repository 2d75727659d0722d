import { Fault } from "#capability";
import type { VendorRequest } from "#capability";
import { classifyTransport } from "../classify.ts";
import type { Http } from "../http.ts";
import type { Exchange } from "../types.ts";

/** One request over the wire. Whatever the socket does ends as a `Fault` with what is known of the effect. */
export const send =
  (http: Http): Exchange =>
  async (call) => {
    const request = call.request as VendorRequest;
    // A process that stood still wakes with its timers overdue: nothing leaves after the deadline, whatever was waited for.
    if (call.budget.remainingMs() <= 0) {
      throw new Fault("vendor_timeout", { outcome: "not_sent", detail: "the deadline had passed before it was sent" });
    }
    try {
      const answer = await http.client.request<Buffer>({
        url: request.url.href,
        method: request.method,
        // axios would add a Content-Type to a POST without a body, after it was signed.
        headers: { "content-type": false, ...request.headers },
        data: request.body,
        signal: call.budget.signal,
      });
      return {
        raw: { status: answer.status, headers: { ...answer.headers } as Record<string, string>, bytes: answer.data },
        body: undefined,
      };
    } catch (error) {
      throw classifyTransport(error, call.budget.signal);
    }
  };
