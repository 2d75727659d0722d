import { decodeJwt, decodeProtectedHeader, exportJWK, exportPKCS8, generateKeyPair, jwtVerify, SignJWT } from "jose";
import type { CryptoKey, JSONWebKeySet } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import { clientAssertion, detachedSignature, requestObject } from "./sign.ts";
import { NotGenuine, UnknownKey, verifyDetached, verifyIdToken } from "./verify.ts";

const now = new Date("2026-11-22T10:19:17Z");
const body = Buffer.from('{"Data":{"Initiation":{"InstructionIdentification":"ACME412"}},"Risk":{}}');
const expected = { issuer: "org/software", trustAnchor: "openbankingtest.org.uk", now };

let config: Config;
let privateKey: CryptoKey;
let publicKey: CryptoKey;
let keys: JSONWebKeySet;

beforeAll(async () => {
  ({ privateKey, publicKey } = await generateKeyPair("PS256", { extractable: true }));
  keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "kid-1", alg: "PS256" }] };
  config = schema.parse({
    issuer: "https://auth.bank.example",
    apiBaseUrl: "https://api.bank.example",
    clientId: "tpp-client",
    signingKeyPem: await exportPKCS8(privateKey),
    signingKeyId: "kid-1",
    organisationId: "org",
    softwareStatementId: "software",
    bankOrganisationId: "bank",
    trustAnchor: "openbankingtest.org.uk",
  });
});

describe("what we sign", () => {
  it("assertions carry what openid-client sends: issuer as audience, a minute, a fresh jti", async () => {
    const one = await clientAssertion(config, now);
    const seconds = now.getTime() / 1_000;
    expect(decodeProtectedHeader(one)).toEqual({ alg: "PS256", kid: "kid-1" });
    expect(decodeJwt(one)).toEqual({
      jti: expect.any(String),
      aud: "https://auth.bank.example",
      exp: seconds + 60,
      iat: seconds,
      nbf: seconds,
      iss: "tpp-client",
      sub: "tpp-client",
    });
    expect(decodeJwt(await clientAssertion(config, now)).jti).not.toBe(decodeJwt(one).jti);
    await jwtVerify(one, publicKey, { currentDate: now });
  });

  it("request objects name the consent and the PKCE challenge", async () => {
    const request = {
      consentId: "58923",
      scope: "openid payments",
      redirectUri: "https://tpp/cb",
      state: "s",
      nonce: "n",
    } as const;
    const claims = decodeJwt(await requestObject(config, { ...request, codeChallenge: "c" }, now));
    expect(claims).toMatchObject({
      response_type: "code",
      client_id: "tpp-client",
      redirect_uri: "https://tpp/cb",
      code_challenge: "c",
      code_challenge_method: "S256",
      aud: "https://auth.bank.example",
      claims: { id_token: { openbanking_intent_id: { value: "58923", essential: true } } },
    });
  });

  it("body signatures are detached and carry the header that the capture shows", async () => {
    const jws = await detachedSignature(body, config, now);
    const [header = "", payload] = jws.split(".");
    expect(payload).toBe("");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({
      alg: "PS256",
      typ: "JOSE",
      cty: "application/json",
      kid: "kid-1",
      "http://openbanking.org.uk/iat": now.getTime() / 1_000,
      "http://openbanking.org.uk/iss": "org/software",
      "http://openbanking.org.uk/tan": "openbankingtest.org.uk",
      crit: ["http://openbanking.org.uk/iat", "http://openbanking.org.uk/iss", "http://openbanking.org.uk/tan"],
    });
    await verifyDetached(jws, body, keys, expected);
  });
});

describe("what we believe", () => {
  it("no other bytes, issuer, anchor, key or future", async () => {
    const jws = await detachedSignature(body, config, now);
    const wrong = (changes: Partial<typeof expected>) => verifyDetached(jws, body, keys, { ...expected, ...changes });
    await expect(verifyDetached(jws, Buffer.from(`${body.toString()} `), keys, expected)).rejects.toThrow(NotGenuine);
    await expect(wrong({ issuer: "bank" })).rejects.toThrow("iss");
    await expect(wrong({ trustAnchor: "openbanking.org.uk" })).rejects.toThrow("tan");
    await expect(wrong({ now: new Date(now.getTime() - 120_000) })).rejects.toThrow("iat");
    const others = await generateKeyPair("PS256", { extractable: true });
    const rotated = { keys: [{ ...(await exportJWK(others.publicKey)), kid: "kid-2", alg: "PS256" }] };
    await expect(verifyDetached(jws, body, rotated, expected)).rejects.toThrow(UnknownKey);
    const sameKid = { keys: [{ ...(await exportJWK(others.publicKey)), kid: "kid-1", alg: "PS256" }] };
    await expect(verifyDetached(jws, body, sameKid, expected)).rejects.toThrow(NotGenuine);
    const [header, , value] = jws.split(".");
    await expect(
      verifyDetached(`${header}.${body.toString("base64url")}.${value}`, body, keys, expected),
    ).rejects.toThrow("detached");
    for (const nonsense of ["", "..", "a..b", "a.b"]) {
      await expect(verifyDetached(nonsense, body, keys, expected)).rejects.toThrow(NotGenuine);
    }
  });

  it("no id_token for another nonce, consent, audience or time", async () => {
    const seconds = now.getTime() / 1_000;
    const good = {
      nonce: "n",
      openbanking_intent_id: "58923",
      sub: "u",
      iss: "https://auth.bank.example",
      aud: "tpp-client",
    };
    const token = (changes: object) =>
      new SignJWT({ ...good, iat: seconds, exp: seconds + 300, ...changes })
        .setProtectedHeader({ alg: "PS256", kid: "kid-1" })
        .sign(privateKey);
    const wanted = { issuer: good.iss, clientId: "tpp-client", nonce: "n", consentId: "58923", now };
    await verifyIdToken(await token({}), keys, wanted);
    const bad = [
      { nonce: "other" },
      { nonce: undefined },
      { openbanking_intent_id: "1" },
      { openbanking_intent_id: undefined },
      { aud: "other" },
      { aud: ["tpp-client", "other"] },
      { iss: "https://evil.example" },
      { exp: seconds - 120 },
    ];
    for (const changes of bad) {
      await expect(verifyIdToken(await token(changes), keys, wanted), JSON.stringify(changes)).rejects.toThrow(
        NotGenuine,
      );
    }
  });
});
