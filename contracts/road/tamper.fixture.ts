/** One way of tampering with a signed request, and the words to write one down in a line. */
import type { Jwk } from "../../mocks/partner/profile.ts";
import type { Draft, Message } from "./draft.fixture.ts";

export interface Tampering {
  name: string;
  status: number;
  code: string;
  /** The read instead of the check. */
  read?: true;
  /** Before it is signed: the signature is good, what it says is not. */
  meant?: (draft: Draft) => Draft;
  /** Whose key signs: the partner's own if absent. */
  signer?: "foreign" | "b";
  /** After it was signed. */
  tamper?: (message: Message, draft: Draft, jwk: Jwk) => Message;
}

export const flipBit = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
/** The base64 text of a field `…=:<base64>:` with one bit of its bytes flipped. */
export const flipEncoded = (field: string, at: number): string =>
  field.replace(/:([^:]+):$/, (_all, text: string) => {
    return `:${flipBit(Buffer.from(text, "base64"), at).toString("base64")}:`;
  });
export const invalid = (name: string, tamper: Tampering["tamper"], more: Partial<Tampering> = {}): Tampering => ({
  name,
  status: 401,
  code: "signature_invalid",
  ...(tamper === undefined ? {} : { tamper }),
  ...more,
});
export const meant = (
  status: number,
  code: string,
  name: string,
  change: Partial<Draft> | ((d: Draft) => Draft),
): Tampering => ({
  name,
  status,
  code,
  meant: typeof change === "function" ? change : (draft) => ({ ...draft, ...change }),
});
export const param = (draft: Draft, name: string, to: string | undefined): Draft => ({
  ...draft,
  params: draft.params.flatMap((each) => (each.startsWith(`${name}=`) ? (to === undefined ? [] : [to]) : [each])),
});
export const component = (draft: Draft, id: string, ...to: string[]): Draft => ({
  ...draft,
  components: draft.components.flatMap((each) => (each === id ? to : [each])),
});
