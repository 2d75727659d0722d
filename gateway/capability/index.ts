/** The language of the house: what an adapter is made of. Adapters import this door and nothing else of the gateway. */
export { defineAdapter } from "./adapter.ts";
export type { Adapter, Capability, Handler, Proof, Unsupported } from "./adapter.ts";
export type { Call, ResourceBody, ResourceView } from "./call.ts";
export type {
  Acknowledgement,
  CallbackCall,
  CallbackRequest,
  CallbackResult,
  Callbacks,
  CallbackVerdict,
} from "./callback.ts";
export type { CapabilityName, Input, OperationId, Output, VerbOf } from "./contract.ts";
export { errorRow } from "./errors.ts";
export type { ErrorRow, ErrorTable } from "./errors.ts";
export { Fault, rejected, unsuitable } from "./fault.ts";
export type { FaultOptions, VendorWords, WrongField } from "./fault.ts";
export { nameOf } from "./name.ts";
export { done } from "./outcome.ts";
export type { Done, NotDone, Outcome } from "./outcome.ts";
export { messageSignatures, sameContract } from "./platform.ts";
export type { Protocol, RawAnswer, SigningContext, VendorFailure, VendorRequest } from "./protocol.ts";
export type { Credential, VendorAnswer, VendorClient, VendorInput, VendorOperations } from "./vendor.ts";
