import { defineMock } from "#mocks";
import type { MockContext, MockVendor, WireAnswer, WireRequest } from "#mocks";
import { failure, newRequestId, Refusal, success } from "./mock/answer.ts";
import { check, isBilled } from "./mock/checks.ts";
import { detectInfo } from "./mock/detect-info.ts";
import { openFaces, ruleIds, type Session } from "./mock/faces.ts";
import { admit, makeKeys } from "./mock/keys.ts";
import { openLedger, type LedgerEntry } from "./mock/ledger.ts";
import { refuseByName, spoilOf } from "./mock/magic.ts";
import { pages } from "./mock/page.ts";
import { checkParameters, type Action, type Parameters } from "./mock/parameters.ts";
import { actionOf, isJsonCall, readCall } from "./mock/read.ts";

/** What an action did: its answer, and what the bill says of it. */
interface Performed {
  answer: Record<string, unknown>;
  result: string;
  billed: boolean;
}

export default defineMock({
  adapter: "tencent-faceid",
  title: "Tencent Cloud faceid (慧眼人脸核身)",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  create,
});

async function create(context: MockContext): Promise<MockVendor> {
  const keys = await context.keep("keys", makeKeys);
  const [key, mfaKey, deniedKey] = keys;
  const { secretId = "", secretKey = "" } = key ?? {};
  const faces = openFaces(context, context.table<Session>("sessions"));
  const ledger = openLedger(context.table<LedgerEntry>("ledger"));

  function perform(action: Action, sent: Parameters): Performed {
    if (action === "DetectAuth") return { answer: faces.open(sent), result: "0", billed: false };
    if (action === "GetDetectInfoEnhanced") {
      const answer = detectInfo(faces.asked(sent), sent.text("InfoType") ?? "0");
      return { answer, result: "0", billed: false };
    }
    const answer = { ...check(action, sent) };
    return { answer, result: answer.Result, billed: isBilled(action, answer.Result) };
  }

  function handle(request: WireRequest): WireAnswer {
    const requestId = newRequestId();
    const at = context.now().toISOString();
    const named = actionOf(request);
    try {
      const call = readCall(request, keys, context.now());
      admit(call.key);
      const sent = checkParameters(call.action, call.parameters);
      const name = sent.text("Name");
      refuseByName(name);
      const { answer, result, billed } = perform(call.action, sent);
      ledger.add(requestId, { action: call.action, result, billed, at });
      const { offSpec, ...spoil } = spoilOf(name);
      if (offSpec === undefined) return { ...success(answer, requestId), ...spoil };
      return { ...success({ Outcome: "a field that no document has" }, requestId), offSpec };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ledger.add(requestId, { action: named ?? "", result: error.code, billed: false, at });
      return failure(error, requestId);
    }
  }

  return {
    credentials: { secretId, secretKey, mfaKey, deniedKey, region: "ap-guangzhou", ruleId: ruleIds.standard },
    config: {
      baseUrl: context.origin,
      secretId,
      secretKey,
      ruleId: ruleIds.standard,
      enhancedRuleId: ruleIds.enhanced,
    },
    operationOf(request) {
      const action = actionOf(request);
      if (action === undefined || request.path !== "/") return undefined;
      if (request.method === "GET") return "AnyActionByQuery";
      if (request.method !== "POST") return undefined;
      return isJsonCall(request) ? action : "AnyActionByForm";
    },
    handle,
    notFound: handle,
    page: pages(faces, ledger),
    kit: {
      customer: { agrees: /good face/i, declines: /another face/i },
      refusal: (_request, _operation, { code, message }) => failure(new Refusal(code, message), newRequestId()),
      effects: () => ledger.report().billed,
    },
  };
}
