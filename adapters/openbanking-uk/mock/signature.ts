import { decodeProtectedHeader, FlattenedSign, flattenedVerify, importPKCS8 } from "jose";
import type { WireRequest } from "#mocks";
import type { Bank } from "./bank.ts";
import { Refusal } from "./refusals.ts";

const iat = "http://openbanking.org.uk/iat";
const iss = "http://openbanking.org.uk/iss";
const tan = "http://openbanking.org.uk/tan";
const header = "x-jws-signature";
const toleranceSeconds = 30;

/** Checks a request's x-jws-signature as the Read/Write API profile prescribes; refuses with U015 to U019. */
export async function checkSignature(bank: Bank, request: WireRequest): Promise<void> {
  const jws = request.headers[header];
  if (jws === undefined) throw new Refusal(400, "U019", "x-jws-signature is missing", header);
  const parts = jws.split(".");
  if (parts.length !== 3 || parts[1] !== "") throw new Refusal(400, "U018", "not a detached JWS", header);
  const [encodedHeader = "", , signature = ""] = parts;
  const claims = headerOf(encodedHeader);
  for (const claim of ["alg", "kid", "crit", iat, iss, tan]) {
    if (claims[claim] === undefined) throw new Refusal(400, "U017", "a claim is missing", claim);
  }
  const { client } = bank;
  const critical = claims["crit"];
  const wrong = [
    ["alg", claims["alg"] !== "PS256"],
    ["kid", claims["kid"] !== client.key.kid],
    ["b64", "b64" in claims],
    [
      "crit",
      !Array.isArray(critical) || critical.length !== 3 || ![iat, iss, tan].every((name) => critical.includes(name)),
    ],
    [iat, !(Number(claims[iat]) <= bank.now().getTime() / 1_000 + toleranceSeconds)],
    [iss, claims[iss] !== `${client.organisationId}/${client.softwareStatementId}`],
    [tan, claims[tan] !== bank.trustAnchor],
  ] as const;
  const claim = wrong.find(([, isWrong]) => isWrong)?.[0];
  if (claim !== undefined) throw new Refusal(400, "U016", "a claim has an invalid value", claim);
  try {
    await flattenedVerify(
      { protected: encodedHeader, payload: request.body.toString("base64url"), signature },
      client.key,
      { algorithms: ["PS256"], crit: { [iat]: true, [iss]: true, [tan]: true } },
    );
  } catch {
    throw new Refusal(400, "U015", "the signature could not be verified", header);
  }
}

/** Signs an answer's bytes; `forged` signs with a key that the bank never published. */
export async function sign(bank: Bank, bytes: Uint8Array, forged?: true): Promise<string> {
  const key = await importPKCS8(forged ? bank.strangerPem : bank.key.privatePem, "PS256");
  const jws = await new FlattenedSign(bytes)
    .setProtectedHeader({
      alg: "PS256",
      kid: bank.key.kid,
      crit: [iat, iss, tan],
      [iat]: Math.floor(bank.now().getTime() / 1_000),
      [iss]: bank.organisationId,
      [tan]: bank.trustAnchor,
    })
    .sign(key, { crit: { [iat]: true, [iss]: true, [tan]: true } });
  return `${jws.protected}..${jws.signature}`;
}

function headerOf(encoded: string): Record<string, unknown> {
  try {
    return { ...decodeProtectedHeader({ protected: encoded, signature: "" }) };
  } catch {
    throw new Refusal(400, "U018", "the signature's header cannot be read", header);
  }
}
