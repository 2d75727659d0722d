import { z } from "zod";
import { done, Fault, unsuitable } from "#capability";
import type { Call, Capability, Output, VendorClient } from "#capability";
import { invalidAnswer, resultOf } from "./answers.ts";
import type { Config } from "./config.ts";
import { failureOf, sessionExpired, similarityOf } from "./face-results.ts";
import type { components, operations } from "./vendor.d.ts";

type Verification = Output<"faceVerifications.get">;
type GetCall = Call<"faceVerifications.get", Config>;
type Text = components["schemas"]["DetectInfoText"];

/** How long the customer may use a session (DetectAuth, BizToken). */
const sessionSeconds = 7_200;
/** A face shown in the last second is still being compared when the session ends; clocks may differ by five minutes. */
const expiryGraceSeconds = 600;
const maxNameCharacters = 32;
const maxRedirectUrlCharacters = 1_024;
/** Text only: the gateway has no use for pictures and videos of a face, so it never fetches them. */
const textOnly = "1";

const stateSchema = z.object({
  bizToken: z.string(),
  ruleId: z.string(),
  url: z.string(),
  expiresAt: z.iso.datetime(),
});

/** Hosted face verification (慧眼 H5): DetectAuth opens the session, GetDetectInfoEnhanced tells how it ended. */
export const faceVerifications: Capability<"faceVerifications", operations, Config> = {
  async create(call, vendor) {
    const { name, nationalId, returnUrl, level, reference } = call.input.body;
    const ruleId = level === "enhanced" ? call.config.enhancedRuleId : call.config.ruleId;
    if (ruleId === undefined) {
      throw new Fault("operation_unsupported", { outcome: "rejected", detail: "no enhancedRuleId is configured" });
    }
    if ([...name].length > maxNameCharacters) throw tooLong("name", maxNameCharacters);
    if (returnUrl.length > maxRedirectUrlCharacters) throw tooLong("returnUrl", maxRedirectUrlCharacters);
    const { body } = await vendor.call("DetectAuth", {
      body: { RuleId: ruleId, IdCard: nationalId, Name: name, RedirectUrl: returnUrl, Extra: call.reference },
    });
    const { Url: url, BizToken: bizToken } = resultOf(body.Response);
    const expiresAt = new Date(call.now.getTime() + sessionSeconds * 1000).toISOString();
    const opened: Verification = {
      id: call.id,
      status: "pending",
      url,
      expiresAt,
      ...(reference === undefined ? {} : { reference }),
      createdAt: call.now.toISOString(),
    };
    return done(opened, { state: { bizToken, ruleId, url, expiresAt } });
  },

  async get(call, vendor) {
    const resource = call.resource;
    if (resource === undefined) throw new Fault("internal_error", { outcome: "not_sent", detail: "no resource" });
    // A session whose BizToken was never learned cannot be asked about, nor can anyone have its URL: it will never be used.
    if (resource.state === undefined) return done(expired(call, resource));
    const state = stateSchema.parse(resource.state);
    const text = await fetchText(state, vendor);
    if (text === "expired") return done(expired(call, resource));
    if (text === null || text.ErrCode === null) {
      const isOver = call.now.getTime() > Date.parse(state.expiresAt) + expiryGraceSeconds * 1000;
      if (isOver) return done(expired(call, resource));
      return done({ ...base(call, resource), status: "pending", url: state.url, expiresAt: state.expiresAt });
    }
    const similarity = similarityOf(text);
    const ended = { ...base(call, resource), ...(similarity === undefined ? {} : { similarity }) };
    if (text.ErrCode !== 0) return done({ ...ended, status: "failed", failure: failureOf(text.ErrCode, text) });
    checkVerified(text, resource.reference, resource.request);
    return done({ ...ended, status: "verified" });
  },
};

type Resource = NonNullable<GetCall["resource"]>;

/** What stays the same whatever became of it. */
function base(call: GetCall, resource: Resource): Pick<Verification, "id" | "createdAt" | "reference"> {
  const { reference } = requestSchema.parse(resource.request);
  return {
    id: call.id,
    ...(reference === undefined ? {} : { reference }),
    createdAt: resource.createdAt.toISOString(),
  };
}

function expired(call: GetCall, resource: Resource): Verification {
  return { ...base(call, resource), status: "expired", failure: sessionExpired };
}

const requestSchema = z.object({ nationalId: z.string(), reference: z.string().optional() });

async function fetchText(
  { bizToken, ruleId }: { bizToken: string; ruleId: string },
  vendor: VendorClient<operations>,
): Promise<Text | null | "expired"> {
  try {
    const { body } = await vendor.call("GetDetectInfoEnhanced", {
      body: { BizToken: bizToken, RuleId: ruleId, InfoType: textOnly },
    });
    return resultOf(body.Response).Text;
  } catch (error) {
    if (error instanceof Fault && error.vendor?.code === "InvalidParameterValue.BizTokenExpired") return "expired";
    throw error;
  }
}

/** `verified` needs every sign of it: both stages passed, for the person who was asked about, in this very session. */
function checkVerified(text: Text, reference: string, request: unknown): void {
  if (text.LiveStatus !== 0 || text.Comparestatus !== 0) throw invalidAnswer("ErrCode 0 but a stage did not pass");
  if (text.IdCard !== requestSchema.parse(request).nationalId)
    throw invalidAnswer("another identity number than asked");
  if (text.Extra && text.Extra !== reference) throw invalidAnswer("another session's Extra");
}

/** Said before anything is sent. */
function tooLong(field: string, maxCharacters: number): Fault {
  return unsuitable({
    pointer: `/${field}`,
    detail: `is longer than the ${maxCharacters} characters that the vendor takes`,
  });
}
