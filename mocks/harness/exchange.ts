import type { IncomingMessage, ServerResponse } from "node:http";
import type { MockVendor, WireAnswer, WireRequest } from "../types.ts";
import { checkAnswer, checkRequest } from "./check.ts";
import { headOf, receive } from "./receive.ts";
import { thrownAt, type Transcript } from "./record.ts";
import { respond } from "./respond.ts";
import type { VendorSpec } from "./spec.ts";

/**
 * One exchange with the vendor. A page comes first, then the operation; the request is checked against the vendor's spec,
 * and whatever was found the vendor still answers, for it has errors of its own for bad parameters. Its answer is checked
 * too, unless it leaves the spec on purpose.
 */
export async function exchange(
  vendor: MockVendor,
  spec: VendorSpec,
  transcript: Transcript,
  now: () => Date,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = vendor.unread?.(headOf(message));
  if (fault !== undefined) return respond(response, { status: 200, fault });
  const request = await receive(message);
  if (request === undefined) {
    if (!response.destroyed) response.writeHead(413, { connection: "close" }).end();
    return;
  }
  const at = now();
  let operation: string | undefined;
  let answer: WireAnswer;
  try {
    const page = await vendor.page?.(request);
    operation = page === undefined ? vendor.operationOf(request) : undefined;
    answer = page ?? (operation === undefined ? vendor.notFound(request) : await handle(operation, request));
  } catch (error) {
    transcript.left(operation ?? "page", "answer", [`/: the mock threw ${thrownAt(error)}`]);
    const text = `The mock failed: ${error instanceof Error ? error.message : "unknown"}\n`;
    answer = { status: 500, headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
  }
  transcript.saw({ operation, request, answer, at });
  await respond(response, answer);

  async function handle(id: string, wire: WireRequest): Promise<WireAnswer> {
    const known = spec.get(id);
    const specBody = vendor.specBody?.bind(vendor) ?? (() => undefined);
    transcript.left(
      id,
      "request",
      known === undefined ? ["/: the spec has no such operation"] : checkRequest(known, wire, specBody),
    );
    const given = await vendor.handle(wire, id);
    if (known !== undefined && given.offSpec !== true && given.fault === undefined) {
      transcript.left(id, "answer", checkAnswer(known, given, specBody));
    }
    return given;
  }
}
