import { randomUUID } from "node:crypto";
import type { WireAnswer } from "#mocks";

/** The gateway in front of the product says no: HTTP 4xx or 5xx, a code in words. */
export class GatewayRefusal extends Error {
  override readonly name = "GatewayRefusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The product says no: HTTP 200, a number. */
export class ProductRefusal extends Error {
  override readonly name = "ProductRefusal";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function newRequestId(): string {
  return randomUUID().toUpperCase();
}

export function success(result: object, requestId: string): WireAnswer {
  return json(200, { RequestId: requestId, Code: "200", Message: "success", ResultObject: result }, requestId);
}

export function refusal(error: GatewayRefusal | ProductRefusal, requestId: string, hostId: string): WireAnswer {
  const said = { Code: error.code, Message: error.message };
  if (error instanceof ProductRefusal) return json(200, { RequestId: requestId, ...said }, requestId);
  const page = new URL("https://api.aliyun.com/troubleshoot");
  page.searchParams.set("q", error.code);
  page.searchParams.set("product", "Cloudauth");
  return json(error.status, { RequestId: requestId, HostId: hostId, ...said, Recommend: page.href }, requestId);
}

function json(status: number, body: unknown, requestId: string): WireAnswer {
  const headers = { "content-type": "application/json;charset=utf-8", "x-acs-request-id": requestId };
  return { status, headers, body: JSON.stringify(body) };
}
