/** The ways in which this room's tests change a payment: meant so by its sender, or tampered with on the way. */
import type { ReceivedRequest } from "../index.ts";
import { type Draft, paymentDraft, readDraft, sealed, withHeader, withoutHeader } from "./messages.ts";

/** A payment with something else meant by its sender, then signed. */
export function meant(change: (draft: Draft) => Partial<Draft>, base: Draft = paymentDraft()): ReceivedRequest {
  return sealed({ ...base, ...change(base) });
}

/** A payment changed on the way. */
export function tampered(
  change: (message: ReceivedRequest) => Partial<ReceivedRequest>,
  base = paymentDraft(),
): ReceivedRequest {
  const message = sealed(base);
  return { ...message, ...change(message) };
}

export const value = (name: string, change: (text: string) => string) =>
  tampered(({ rawHeaders }) => ({ rawHeaders: withHeader(rawHeaders, name, change) }));
export const without = (name: string) =>
  tampered(({ rawHeaders }) => ({ rawHeaders: withoutHeader(rawHeaders, name) }));
export const extra = (...headers: string[]) =>
  tampered(({ rawHeaders }) => ({ rawHeaders: [...rawHeaders, ...headers] }));
export const param = (name: string, text: string) =>
  meant(({ params }) => ({ params: params.map((p) => (p.startsWith(`${name}=`) ? text : p)) }));
export const withoutParam = (name: string) =>
  meant(({ params }) => ({ params: params.filter((p) => !p.startsWith(`${name}=`)) }));
export const moreParams = (...more: string[]) => meant(({ params }) => ({ params: [...params, ...more] }));
export const uncovered = (id: string) =>
  meant(({ components }) => ({ components: components.filter((c) => c !== id) }));
export const moreComponents = (...more: string[]) =>
  meant(({ components }) => ({ components: [...components, ...more] }));
export const url = (originalUrl: string) => meant(() => ({ originalUrl }), readDraft());
export const header = (name: string, text: string) =>
  meant(({ headers }) => ({ headers: headers.map(([n, v]) => [n, n.toLowerCase() === name ? text : v]) }));
