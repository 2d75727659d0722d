import { randomBytes } from "node:crypto";
import { defineMock } from "#mocks";
import type { MockContext, MockVendor, WireAnswer, WireRequest } from "#mocks";
import { GatewayRefusal, newRequestId, ProductRefusal, refusal, success } from "./mock/answer.ts";
import { check, isBilled } from "./mock/checks.ts";
import { openFaces, sceneId, type Session } from "./mock/faces.ts";
import { keepFreshness } from "./mock/freshness.ts";
import { makeKeys } from "./mock/keys.ts";
import { openLedger, type LedgerEntry } from "./mock/ledger.ts";
import { refuseByName, spoilOf } from "./mock/magic.ts";
import { notifier } from "./mock/notify.ts";
import { pages } from "./mock/page.ts";
import { actionOf, isRpcSigned, readCall, type VerifiedCall } from "./mock/read.ts";

/** A mobile browser, as the vendor's script tells it. */
const metaInfo =
  '{"zimVer":"3.0.0","appVersion":"1","bioMetaInfo":"4.1.0:11501568,0","deviceType":"h5","osVersion":"iOS 18.0"}';

/** What an action did: its answer, and what the bill says of it. */
interface Performed {
  answer: object;
  result: string;
  billed: boolean;
}

export default defineMock({
  adapter: "aliyun-cloudauth",
  title: "Alibaba Cloud cloudauth (阿里云实人认证)",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  create,
});

async function create(context: MockContext): Promise<MockVendor> {
  const keys = await context.keep("keys", makeKeys);
  const callbackSecret = await context.keep("callbackSecret", () => randomBytes(32).toString("base64url"));
  const [key, deniedKey, inactiveKey] = keys;
  const { accessKeyId = "", accessKeySecret = "" } = key ?? {};
  const fresh = keepFreshness(() => context.now());
  const faces = openFaces(context, context.table<Session>("sessions"));
  const ledger = openLedger(context.table<LedgerEntry>("ledger"));

  function perform({ action, parameters }: VerifiedCall): Performed {
    if (action === "InitFaceVerify") return { answer: faces.open(parameters), result: "200", billed: false };
    if (action === "DescribeFaceVerify") return { answer: faces.describe(parameters), result: "200", billed: false };
    const answer = check(action, parameters);
    const result = answer.SubCode === undefined ? answer.BizCode : `${answer.BizCode}/${answer.SubCode}`;
    return { answer, result, billed: isBilled(answer) };
  }

  function handle(request: WireRequest): WireAnswer {
    const requestId = newRequestId();
    const at = context.now().toISOString();
    try {
      const call = readCall(request, keys, fresh);
      const name = call.parameters.get("UserName") ?? call.parameters.get("CertName");
      refuseByName(name, call.action === "InitFaceVerify");
      const { answer, result, billed } = perform(call);
      ledger.add(requestId, { action: call.action, result, billed, at });
      const { offSpec, ...spoil } = spoilOf(name);
      if (offSpec === undefined) return { ...success(answer, requestId), ...spoil };
      return { ...success({ Outcome: "a field that no document has" }, requestId), offSpec };
    } catch (error) {
      if (!(error instanceof GatewayRefusal) && !(error instanceof ProductRefusal)) throw error;
      ledger.add(requestId, { action: actionOf(request) ?? "", result: error.code, billed: false, at });
      return refusal(error, requestId, request.headers["host"] ?? "");
    }
  }

  return {
    credentials: { accessKeyId, accessKeySecret, deniedKey, inactiveKey, sceneId },
    config: { baseUrl: context.origin, accessKeyId, accessKeySecret, sceneId, metaInfo, callbackSecret },
    operationOf(request) {
      const action = actionOf(request);
      if (action === undefined || request.path !== "/") return undefined;
      if (request.method === "GET") return "AnyActionByGet";
      if (request.method !== "POST") return undefined;
      return isRpcSigned(request) ? "AnyActionBySignatureV1" : action;
    },
    handle,
    notFound: handle,
    page: pages(faces, ledger, notifier(context)),
    kit: {
      customer: { agrees: /good face/i, declines: /another face/i },
      refusal: (request, _operation, { code, message }) => {
        const error = /^\d+$/.test(code) ? new ProductRefusal(code, message) : new GatewayRefusal(400, code, message);
        return refusal(error, newRequestId(), request.headers["host"] ?? "");
      },
      effects: () => ledger.report().billed,
    },
  };
}
