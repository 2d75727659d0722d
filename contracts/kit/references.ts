/** Our reference, by which a vendor knows what it was asked. */
import type { WireRequest } from "#mocks";
import type { KitGateway } from "./gateway.ts";

const compactJwt = /[\w-]{8,}\.([\w-]{8,})\.[\w-]{8,}/g;

/** The reference of a resource, as operators see it. */
export async function referenceOf(gateway: KitGateway, id: string): Promise<string> {
  const { reference } = JSON.parse(await gateway.admin(`/recovery/resources/${id}`)) as { reference?: string };
  return reference ?? "";
}

/** Whether a request carries it anywhere: address, headers, body, or the claims of a JWT in one of these. */
export function carries({ target, headers, body }: WireRequest, reference: string): boolean {
  const plain = [decoded(target), ...Object.values(headers), body.toString("utf8"), decoded(body.toString("utf8"))];
  const claims = plain.flatMap((text) =>
    [...text.matchAll(compactJwt)].map(([, part = ""]) => Buffer.from(part, "base64url").toString("utf8")),
  );
  return [...plain, ...claims].some((text) => text.includes(reference));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
