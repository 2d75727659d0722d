/** A request to a vendor as the vendor's own curl, and answers, without what must not be shown or copied. */
import type { VendorRequest } from "#capability";

const minSecretLength = 8;
/** A choice among words, not a key: it stands in ordinary text as well. */
const word = /^[a-z_]+$/;
const maxShownBytes = 64 * 1024;
const ours = new Set(["host", "content-length", "traceparent"]);
/** Members of answers that are keys to something. */
const secretMember = /("(?:access_token|refresh_token|id_token|client_secret|password|secret)"\s*:\s*")[^"]*(")/gi;

/** Hides the adapter's configured texts behind their names, as they are and as a URL or a form writes them. */
export type Mask = (text: string) => string;

export function maskOf(config: unknown): Mask {
  const secrets = textsOf(config, "").toSorted((a, b) => b.text.length - a.text.length);
  return (text) => {
    let masked = text;
    for (const { name, text: secret } of secrets) {
      for (const form of new Set([
        secret,
        encodeURIComponent(secret),
        new URLSearchParams([["", secret]]).toString().slice(1),
      ])) {
        masked = masked.replaceAll(form, `$${name}`);
      }
    }
    return masked.replace(secretMember, "$1***$2");
  };
}

function textsOf(value: unknown, name: string): { name: string; text: string }[] {
  if (typeof value === "string") {
    return value.length < minSecretLength || word.test(value) || URL.canParse(value) ? [] : [{ name, text: value }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => textsOf(member, name === "" ? key : `${name}.${key}`));
}

/** `curl -X POST 'https://…' -H '…' --data-raw '…'`, one part a line. */
export function curl(request: VendorRequest, mask: Mask): string {
  const headers = Object.entries(request.headers)
    .filter(([name]) => !ours.has(name))
    .map(([name, value]) => `-H ${quoted(`${name}: ${maskHeader(name, mask(value))}`)}`);
  const body = request.body === undefined ? [] : [`--data-raw ${quoted(mask(shownText(request.body)))}`];
  return [`curl -X ${request.method} ${quoted(mask(request.url.href))}`, ...headers, ...body].join(" \\\n  ");
}

/** An answer's body as text: JSON indented, anything else as it is, cut where it is long. */
export function shownBody(bytes: Buffer, mask: Mask): string {
  const text = shownText(bytes);
  try {
    return mask(JSON.stringify(JSON.parse(text), undefined, 2));
  } catch {
    return mask(text);
  }
}

function maskHeader(name: string, value: string): string {
  if (name === "cookie" || name === "proxy-authorization") return "***";
  if (name !== "authorization") return value;
  return value.replace(/^(Bearer|Basic|DPoP)\s+.+$/i, "$1 ***");
}

function shownText(bytes: Buffer): string {
  const text = bytes.subarray(0, maxShownBytes).toString("utf8");
  return bytes.length > maxShownBytes ? `${text}\n… ${bytes.length - maxShownBytes} bytes more` : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
