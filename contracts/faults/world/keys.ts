import { generateJwk, loadKeySet, loadSignKey, publicJwks } from "#signature";
import type { SignKey, VerifyKey } from "#signature";

/** Keys of the gateway: one for each generation of its processes, all of them published. */
export async function signingKeys(
  count: number,
): Promise<{ sign: SignKey[]; published: ReadonlyMap<string, VerifyKey> }> {
  const sign = await Promise.all(Array.from({ length: count }, async () => loadSignKey(await generateJwk("EdDSA"))));
  return { sign, published: await loadKeySet(publicJwks(sign)) };
}
