import { createPrivateKey, createPublicKey, createSign, createVerify } from "node:crypto";
import type { WireAnswer, WireRequest } from "#mocks";
import { readWallMs } from "./clock.ts";
import type { AppKeys } from "./keys.ts";

/** How far a timestamp may be off. Ours: the vendor does not publish its window. */
const timestampWindowMs = 15 * 60 * 1_000;

/** What an operation says: the response value, in the vendor's order of fields. */
export type Said = { code: string; msg: string; sub_code?: string; sub_msg?: string } & Record<string, unknown>;

/** A request that passed the gateway. */
export interface Accepted {
  content: Record<string, unknown>;
  notifyUrl: string | undefined;
}

export interface Gateway {
  /** Judges the envelope as the vendor's gateway does, before any business. */
  receive(request: WireRequest): { accepted: Accepted } | { answer: WireAnswer };
  /** An answer signed over the exact text of its value. */
  answer(operation: string, said: Said): WireAnswer;
  /** The same answer with a signature of somebody else's, or without one. */
  badlySigned(operation: string, said: Said, how: "wrong" | "none"): WireAnswer;
  /** What the vendor says to somebody it does not know: unsigned. */
  stranger(said: Said): WireAnswer;
  /** Signs the parameters of a notification (without sign_type). */
  signNotification(parameters: readonly (readonly [string, string])[]): string;
}

const missing = (subCode: string, subMsg: string): Said => ({
  code: "40001",
  msg: "Missing Required Arguments",
  sub_code: subCode,
  sub_msg: subMsg,
});
const invalid = (subCode: string, subMsg: string): Said => ({
  code: "40002",
  msg: "Invalid Arguments",
  sub_code: subCode,
  sub_msg: subMsg,
});

/** The gateway for one application. */
export function createGateway(app: AppKeys, now: () => Date): Gateway {
  const alipay = createPrivateKey({
    key: Buffer.from(app.alipayPrivateKey, "base64"),
    format: "der",
    type: "pkcs8",
  });
  const application = createPublicKey({
    key: Buffer.from(app.appPublicKey, "base64"),
    format: "der",
    type: "spki",
  });
  const signature = (text: string): string => createSign("RSA-SHA256").update(text, "utf8").sign(alipay, "base64");
  let traces = 0;

  function wire(body: string): WireAnswer {
    traces += 1;
    const headers = {
      "content-type": "text/html;charset=utf-8",
      trace_id: `0603${now().getTime()}${`${traces}`.padStart(4, "0")}`,
    };
    return { status: 200, headers, body };
  }

  function judge(all: Map<string, string>): Said | undefined {
    if (!all.has("sign_type")) return missing("isv.missing-signature-type", "缺少签名类型参数");
    if (all.get("sign_type") !== "RSA2") return invalid("isv.invalid-signature-type", "无效的签名类型");
    if (!all.has("sign")) return missing("isv.missing-signature", "缺少签名参数");
    if (!all.has("version")) return missing("isv.missing-version", "缺少版本参数");
    if (!all.has("timestamp")) return missing("isv.missing-timestamp", "缺少时间戳参数");
    const off = Math.abs(readWallMs(all.get("timestamp") ?? "") - now().getTime());
    if (!(off <= timestampWindowMs)) return invalid("isv.invalid-timestamp", "非法的时间戳参数");
    if (all.get("charset")?.toLowerCase() !== "utf-8") return invalid("isv.invalid-charset", "字符集错误");
    const text = covered(all);
    const genuine = createVerify("RSA-SHA256")
      .update(text, "utf8")
      .verify(application, all.get("sign") ?? "", "base64");
    if (genuine) return undefined;
    const advice = "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：";
    return invalid("isv.invalid-signature", advice + text.replaceAll("&", "&amp;"));
  }

  const gateway: Gateway = {
    receive(request) {
      const pairs = [...request.query, ...new URLSearchParams(request.body.toString("utf8"))];
      const all = new Map(pairs);
      if (!all.has("app_id")) return { answer: gateway.stranger(missing("isv.missing-app-id", "缺少appId参数")) };
      if (all.get("app_id") !== app.appId)
        return { answer: gateway.stranger(invalid("isv.invalid-app-id", "无效的appId参数")) };
      const operation = all.get("method") ?? "";
      const twice = all.size === pairs.length ? undefined : invalid("isv.invalid-parameter", "参数无效");
      const refusal = judge(all) ?? twice;
      if (refusal !== undefined) return { answer: gateway.answer(operation, refusal) };
      const content = object(all.get("biz_content"));
      if (content === undefined)
        return { answer: gateway.answer(operation, invalid("isv.invalid-parameter", "参数无效")) };
      return { accepted: { content, notifyUrl: all.get("notify_url") } };
    },
    answer(operation, said) {
      // The real gateway writes `\/`, so whoever re-serialises before verifying fails.
      const value = JSON.stringify(said).replaceAll("/", "\\/");
      return wire(`{"${operation.replaceAll(".", "_")}_response":${value},"sign":"${signature(value)}"}`);
    },
    badlySigned(operation, said, how) {
      const value = JSON.stringify(said);
      const tail = how === "none" ? "" : `,"sign":"${signature(`${value} `)}"`;
      return {
        ...wire(`{"${operation.replaceAll(".", "_")}_response":${value}${tail}}`),
        offSpec: true,
      };
    },
    stranger: (said) => wire(`{"error_response":${JSON.stringify(said)}}`),
    signNotification: (parameters) => signature(covered(new Map(parameters))),
  };
  return gateway;
}

/** name=value joined by `&` in the order of the names, raw, without `sign` and without empty ones. */
function covered(all: ReadonlyMap<string, string>): string {
  const names = [...all.keys()].filter((name) => name !== "sign" && all.get(name) !== "");
  names.sort();
  return names.map((name) => `${name}=${all.get(name)}`).join("&");
}

function object(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
