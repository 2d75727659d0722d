import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** Reads PEM, or the base64 of PKCS#8 or PKCS#1 as Alipay's key tool gives it. Throws what node:crypto throws. */
export function privateKeyOf(text: string): KeyObject {
  if (text.includes("-----BEGIN")) return createPrivateKey(text);
  const der = Buffer.from(text, "base64");
  try {
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch {
    return createPrivateKey({ key: der, format: "der", type: "pkcs1" });
  }
}

/** Reads PEM, or the base64 of SPKI as the open platform shows it. Throws what node:crypto throws. */
export function publicKeyOf(text: string): KeyObject {
  if (text.includes("-----BEGIN")) return createPublicKey(text);
  return createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
}

/** The two keys of one configuration, parsed once: parsing costs more than signing. */
export interface Keys {
  app: KeyObject;
  alipay: KeyObject;
}

const known = new WeakMap<object, Keys>();

/** The keys of a configuration. */
export function keysOf(config: { appPrivateKey: string; alipayPublicKey: string }): Keys {
  let keys = known.get(config);
  if (keys === undefined) {
    keys = { app: privateKeyOf(config.appPrivateKey), alipay: publicKeyOf(config.alipayPublicKey) };
    known.set(config, keys);
  }
  return keys;
}
