/** Wrong in what the vendor's codes mean. */
import { wrong } from "./wrong.ts";

export const meanings = [
  wrong("code-without-a-row", "errors", "knows nothing of a code that the vendor documents", ({ errors }) => ({
    errors: errors.filter(({ code }) => code !== "NO_MONEY"),
  })),
  wrong("row-that-nobody-documented", "errors", "has a row for a code that no document has", ({ errors }) => ({
    errors: [...errors, { code: "MADE_UP", problem: "vendor_rejected", outcome: "rejected" }],
  })),
  wrong("one-meaning-for-all", "errors", "calls every unknown code a definite no", ({ errors }) => ({
    errors: [...errors, { code: "*", problem: "vendor_rejected", outcome: "rejected", note: "whatever it is" }],
  })),
  wrong(
    "swallowed-code",
    "errors",
    "tells the partner a word of its own in the place of the vendor's code",
    ({ protocol, errors }) => ({
      protocol: {
        ...protocol,
        failure(answer, operation) {
          const failure = protocol.failure(answer, operation);
          return failure === undefined ? undefined : { ...failure, code: "FAILED" };
        },
      },
      errors: [...errors, { code: "FAILED", problem: "vendor_rejected", outcome: "rejected", note: "all of them" }],
    }),
  ),
];
