import type { Sample } from "#mocks";

const dayMs = 24 * 60 * 60 * 1000;

/** An order for the report of somebody of a magic family name. */
export function orderOf(lastName: string): Sample {
  return {
    keep: ["/subject/lastName"],
    body: {
      subject: {
        firstName: "Jane",
        lastName,
        dateOfBirth: "1990-05-12",
        phone: "+14155550123",
        email: "jane.doe@example.com",
        address: {
          street: "100 Market Street",
          city: "San Francisco",
          region: "CA",
          postalCode: "94105",
          country: "US",
        },
      },
      purpose: "credit_extension",
      authorisation: {
        method: "electronic_signature",
        evidenceId: "DOC-1",
        authorisedAt: new Date(Date.now() - dayMs).toISOString(),
        expiresAt: new Date(Date.now() + 30 * dayMs).toISOString(),
        documentDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
      daysRequested: 365,
      reference: "LOAN-1",
    },
  };
}
