import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sodium } from "../sodium/index.ts";
import { byNode, bySodium, ed25519 } from "./ed25519.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519").publicKey;
if (sodium === undefined) {
  if (process.env["CI"] === "true") throw new Error("with CI=true sodium-native must be there");
  process.stderr.write("\nSKIPPED: sodium-native has no addon for this platform; node:crypto does Ed25519 here.\n\n");
}
const libsodium = sodium === undefined ? byNode : bySodium(sodium);

describe.skipIf(sodium === undefined)("Ed25519", () => {
  it("is libsodium's where the addon is there", () => {
    expect(ed25519.by).toBe("libsodium");
  });

  it.each([0, 1, 64, 1_000, 100_000])(
    "has the same bytes from both over %i bytes, and each takes the other's",
    (size) => {
      const message = randomBytes(size);
      const signature = libsodium.sign(privateKey, message);
      expect(signature).toEqual(byNode.sign(privateKey, message));
      for (const by of [libsodium, byNode]) {
        expect(by.verify(publicKey, message, signature)).toBe(true);
        expect(by.verify(stranger, message, signature)).toBe(false);
        expect(by.verify(publicKey, Buffer.concat([message, Buffer.from("x")]), signature)).toBe(false);
      }
    },
  );

  it("refuses every signature with one bit turned, and any other length, without a throw", () => {
    const message = Buffer.from("a base");
    const signature = libsodium.sign(privateKey, message);
    for (const by of [libsodium, byNode]) {
      for (let bit = 0; bit < signature.length * 8; bit += 7) {
        const wrong = Buffer.from(signature);
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(by.verify(publicKey, message, wrong)).toBe(false);
      }
      for (const length of [0, 1, 63, 65, 128])
        expect(by.verify(publicKey, message, Buffer.concat([signature, signature]).subarray(0, length))).toBe(false);
    }
  });

  it("takes no signature of a key of small order, under which one signature fits many messages", () => {
    const x = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    const neutral = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: x.toString("base64url") }, format: "jwk" });
    const forged = Buffer.concat([x, Buffer.alloc(32)]);
    expect(libsodium.verify(neutral, Buffer.from("anything"), forged)).toBe(false);
  });
});
