/** Requests that satisfy the profile in ways other than its published message. */
import { header, meant, moreParams, param, value } from "./changed.ts";
import type { ReceivedRequest } from "../index.ts";
import { createdSeconds, digestOf, paymentDraft, readDraft, sealed, withHeader } from "./messages.ts";

const { body } = paymentDraft();
const sha256 = `sha-256=:${digestOf(body)}:`;
const sha512 = `sha-512=:${digestOf(body, "sha512")}:`;

export const acceptedRequests: [string, ReceivedRequest][] = [
  ["as the profile writes it", sealed(paymentDraft())],
  ["without body", sealed(readDraft())],
  ["POST without body needs no digest", meant(() => ({ method: "POST" }), readDraft())],
  ["created 60 s ago", param("created", `created=${createdSeconds - 60}`)],
  ["created 10 s ahead", param("created", `created=${createdSeconds + 10}`)],
  ["expires ahead", moreParams(`expires=${createdSeconds + 1}`)],
  ["Host in capitals with the default port", value("host", () => "GW.example.com:443")],
  ["sha-512 beside sha-256 and an unknown algorithm", header("content-digest", `${sha512}, ${sha256}, md5=:AAAA:`)],
  ["charset utf-8", header("content-type", 'application/json;charset="UTF-8"')],
  ["another label", meant(() => ({ label: "x-1" }))],
  ["parameters in another order", meant(({ params }) => ({ params: params.toReversed() }))],
  ["components in another order", meant(({ components }) => ({ components: components.toReversed() }))],
  ["a bare idempotency key", header("idempotency-key", "8e03978e-40d5")],
  [
    "a further header covered",
    meant(({ headers, components }) => ({
      headers: [...headers, ["X-Trace", " a  b "]].map(([n, v]) => [n ?? "", (v ?? "").trim()]),
      components: [...components, '"x-trace"'],
    })),
  ],
  [
    "beside a signature with a foreign tag",
    {
      ...sealed(paymentDraft()),
      rawHeaders: withHeader(
        withHeader(
          sealed(paymentDraft()).rawHeaders,
          "signature-input",
          (t) => `proxy=("host");created=1;tag="edge", ${t}`,
        ),
        "signature",
        (t) => `proxy=:AAAA:,${t}`,
      ),
    },
  ],
];
