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
      return { raw: await http.send(request, call.budget.signal), body: undefined };
    } catch (error) {
      throw classifyTransport(error, call.budget.signal);
    }
  };
