import { generateJwk } from "#signature";
import type { Jwk } from "../../../mocks/partner/profile.ts";

/** A fresh Ed25519 key pair as a private JWK. */
export async function newJwk(): Promise<Jwk> {
  return await generateJwk("EdDSA");
}

/** The same without its private half. */
export function publicJwk(jwk: Jwk): Jwk {
  const { d: _private, ...rest } = jwk;
  return rest;
}
