import { generateKeyPairSync } from "node:crypto";

const modulusBits = 2048;

/** What the open platform holds for one application: its own pair for signing answers, and the application's pair. */
export interface AppKeys {
  appId: string;
  sellerId: string;
  /** Base64 of PKCS#8, as Alipay's key tool gives it. */
  appPrivateKey: string;
  appPublicKey: string;
  alipayPrivateKey: string;
  /** Base64 of SPKI, as the open platform shows it. */
  alipayPublicKey: string;
}

function pair(): { publicKey: string; privateKey: string } {
  const made = generateKeyPairSync("rsa", {
    modulusLength: modulusBits,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return {
    publicKey: made.publicKey.toString("base64"),
    privateKey: made.privateKey.toString("base64"),
  };
}

/** A fresh application with both pairs. */
export function makeApp(): AppKeys {
  const [app, alipay] = [pair(), pair()];
  return {
    appId: "2021000000000001",
    sellerId: "2088101117955611",
    appPrivateKey: app.privateKey,
    appPublicKey: app.publicKey,
    alipayPrivateKey: alipay.privateKey,
    alipayPublicKey: alipay.publicKey,
  };
}
