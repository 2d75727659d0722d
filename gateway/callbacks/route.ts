import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { Problem } from "#problem";
import { callOf } from "../inbound/call.ts";
import type { OperationPorts } from "../operations/index.ts";
import { takeCallback } from "./index.ts";

/** `GET|POST /callbacks/<adapter>`: vendors' servers, and customers' browsers on their way back from a vendor's page. */
export const callbackRoute =
  (ports: OperationPorts, logger: Logger, count: (adapter: string, result: string) => void): RequestHandler =>
  async (request, response) => {
    const call = callOf(request);
    const name = String(request.params["adapter"]);
    const adapter = ports.routing.adapter(name);
    if (adapter?.manifest.callbacks === undefined) throw new Problem("not_found");
    call.log.adapter = name;
    const search = request.originalUrl.indexOf("?");
    const target = search === -1 ? "" : request.originalUrl.slice(search);
    const { acknowledgement, result, why } = await takeCallback(
      ports,
      adapter,
      {
        method: request.method,
        target,
        query: new URLSearchParams(target),
        headers: singleValued(request.rawHeaders),
        body: call.body,
      },
      { requestId: call.requestId, traceparent: call.traceparent },
    );
    count(name, result);
    const line = { requestId: call.requestId, adapter: name, result, why };
    if (result === "accepted" || result === "ignored") logger.info(line, "callback");
    else logger.warn(line, "callback");
    response
      .status(acknowledgement.status)
      .set({ "Request-Id": call.requestId, "Cache-Control": "no-store", ...acknowledgement.headers });
    response.end(acknowledgement.body ?? "");
  };

/** A header that came twice could be read either way, so such a callback is not read at all. */
function singleValued(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (Object.hasOwn(headers, name)) throw new Problem("duplicate_header");
    headers[name] = rawHeaders[at + 1] ?? "";
  }
  return headers;
}
