/** The signature profile: RFC 9421 + RFC 9530 for requests, answers and webhooks. See README.md. */
export type { RequestBinding } from "./base.ts";
export { checkContentDigest, contentDigest } from "./digest.ts";
export { type Difference, type Explanation, explainRefusal, firstDifference } from "./explain.ts";
export type { RawHeaders } from "./fields.ts";
export { readIdempotencyKey } from "./idempotencyKey.ts";
export {
  KeyRefused,
  type SignKey,
  type SignatureAlgorithm,
  type VerifyKey,
  generateJwk,
  loadKeySet,
  loadSignKey,
  loadVerifyKey,
  publicJwks,
} from "./keys.ts";
export * as signatureLimits from "./limits.ts";
export { type Refusal, type RefusalCode, refusal, refusals } from "./refusal.ts";
export { type NonceStore, NonceWindowFull, createNonceWindow } from "./replay.ts";
export {
  type KnownKey,
  type ReceivedRequest,
  type VerifiedRequest,
  requestTag,
  unverifiedBinding,
  verifyRequest,
} from "./request.ts";
export { type ResponseToSign, type SignedResponseHeaders, responseTag, signResponse } from "./response.ts";
export { signBase, verifyBase } from "./crypto.ts";
export { ed25519 } from "./ed25519.ts";
export { type RequestToSign, type SignedRequest, signRequest } from "./signRequest.ts";
export { type ReceivedResponse, type VerifiedResponse, verifyResponse } from "./verifyResponse.ts";
export {
  type ReceivedWebhook,
  type VerifiedWebhook,
  type WebhookToSign,
  signWebhook,
  verifyWebhook,
  webhookTag,
} from "./webhook.ts";
