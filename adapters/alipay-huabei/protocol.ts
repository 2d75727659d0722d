import { Fault } from "#capability";
import type { Protocol, RawAnswer, VendorFailure } from "#capability";
import { rawMembers } from "./answer.ts";
import type { RawMembers } from "./answer.ts";
import type { Config } from "./config.ts";
import { keysOf } from "./keys.ts";
import { invalidAnswer } from "./money.ts";
import { rsa2, signedText, verifiesRsa2 } from "./sign.ts";
import { gmt8 } from "./time.ts";
import type { operations } from "./vendor.d.ts";

const reads: ReadonlySet<string> = new Set<keyof operations>([
  "alipay.trade.query",
  "alipay.trade.fastpay.refund.query",
]);
const successCode = "10000";
const waitsForBuyerCode = "10003";
const maxMessageLength = 512;
// isv.invalid-signature quotes the whole request after these words, the buyer's account included.
const quotation = /[，,]?\s*网关生成的验签字符串为[\s\S]*$/u;

/** `alipay.trade.create` → `alipay_trade_create_response`. */
function responseKey(operation: string): string {
  return `${operation.replaceAll(".", "_")}_response`;
}

/** Alipay's gateway.do, version 1.0: RSA2 over raw values out, RSA2 over the answer's raw text back. */
export const protocol: Protocol<Config, operations> = {
  baseUrl: (config) => config.baseUrl,

  authorize(request, { config, now }) {
    const query = request.url.searchParams;
    query.set("app_id", config.appId);
    query.set("method", request.operation);
    query.set("charset", "utf-8");
    query.set("sign_type", "RSA2");
    query.set("timestamp", gmt8(now));
    query.set("version", "1.0");
    query.delete("sign");
    const form = new URLSearchParams(request.body?.toString("utf8") ?? "");
    query.set("sign", rsa2(signedText([...query, ...form], ["sign"]), keysOf(config).app));
    request.headers["content-type"] = "application/x-www-form-urlencoded;charset=utf-8";
    request.headers["accept"] = "application/json";
  },

  verify(answer, { operation }, { config }) {
    const members = membersOf(answer);
    const own = members.text.get(responseKey(operation));
    const gateway = members.text.get("error_response");
    const signed = own ?? gateway;
    if (signed === undefined) throw invalidAnswer("neither the operation's response nor error_response");
    if (own !== undefined && gateway !== undefined) throw invalidAnswer("two responses in one answer");
    if (members.sign !== undefined) {
      if (verifiesRsa2(signed, members.sign, keysOf(config).alipay)) return;
      throw invalidAnswer("the vendor's signature does not cover the answer");
    }
    // Alipay cannot sign what it says to an application that it does not know. Nobody may learn from such words that money
    // did not move, so they count only where nothing can have moved.
    if (gateway === undefined || !reads.has(operation)) throw invalidAnswer("the answer is not signed");
  },

  failure({ body }, operation): VendorFailure | undefined {
    const said = member(body, responseKey(operation)) ?? member(body, "error_response");
    const code = textOf(said, "code");
    if (code === undefined) return undefined;
    if (code === successCode || (code === waitsForBuyerCode && operation === "alipay.trade.pay")) return undefined;
    const message = (textOf(said, "sub_msg") ?? textOf(said, "msg"))?.replace(quotation, "").slice(0, maxMessageLength);
    return {
      code: textOf(said, "sub_code") ?? code,
      ...(message === undefined ? {} : { message }),
    };
  },
};

function membersOf(answer: RawAnswer): RawMembers {
  if (answer.status !== 200) throw invalidAnswer(`HTTP ${answer.status}: Alipay answers 200 only`);
  try {
    return rawMembers(answer.bytes);
  } catch (cause) {
    const detail = "the answer is not one JSON object";
    throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail, cause });
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  return typeof text === "string" && text !== "" ? text : undefined;
}
