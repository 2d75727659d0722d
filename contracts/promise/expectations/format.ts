/** The file in which a partner writes down what it sends and what it relies on in answers. YAML or JSON. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const json = z.json();
const pointer = z
  .string()
  .regex(/^(\/([^~/]|~0|~1)*)*$/)
  .describe("JSON pointer (RFC 6901) into the answer's body; the empty one is all of it.");

const matcher = z
  .strictObject({
    equals: json.optional().describe("Exactly this JSON value."),
    oneOf: z.array(json).min(1).optional().describe("One of these values."),
    type: z.enum(["string", "integer", "boolean", "object", "array"]).optional(),
    pattern: z.string().max(500).optional().describe("A regular expression that the text matches."),
    minItems: z.int().min(0).optional().describe("How many entries a list has at least."),
    absent: z.literal(true).optional().describe("The member is not there."),
    keep: z
      .string()
      .regex(/^[a-zA-Z]\w{0,31}$/)
      .optional()
      .describe("Keeps the value under this name, for `{{name}}` in later requests."),
  })
  .refine((value) => Object.keys(value).length > 0, "says nothing");
const scalar = z.union([z.string(), z.int(), z.boolean()]);

const expectation = z.strictObject({
  name: z.string().min(1).max(200),
  as: z.string().min(1).default("a").describe("Which partner of the sandbox calls."),
  request: z.strictObject({
    method: z.enum(["GET", "POST"]),
    path: z.string().startsWith("/").max(2_000).describe("With its query."),
    headers: z.record(z.string(), z.string()).default({}),
    idempotencyKey: z.string().optional().describe("A POST without one gets a fresh one."),
    body: json.optional(),
  }),
  answer: z.strictObject({
    status: z.union([z.int(), z.array(z.int()).min(1)]),
    headers: z.record(z.string(), z.union([scalar, matcher])).default({}),
    body: z.record(pointer, z.union([scalar, matcher])).default({}),
  }),
  withinMs: z
    .int()
    .min(1)
    .max(60_000)
    .optional()
    .describe("A GET is repeated so long, until the answer is as expected."),
});

const file = z.strictObject({
  qiao: z.literal("expectations/1").describe("The form of this file."),
  partner: z.string().min(1).max(200),
  expectations: z.array(expectation).min(1).max(1_000),
});

export type Expectation = z.output<typeof expectation>;
export type Expectations = z.output<typeof file>;
export type Matcher = z.output<typeof matcher> | z.output<typeof scalar>;

/** A file that says nothing that can be run; the message says where and why. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

/** Reads a file of expectations. Throws `UnusableFile`. */
export function readExpectations(path: string): Expectations {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UnusableFile(`${path}: ${(error as Error).message}`, { cause: error });
  }
  const read = file.safeParse(content);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path: at, message }) => `  ${at.join("/") || "the file"}: ${message}`);
  throw new UnusableFile([`${path}:`, ...issues].join("\n"));
}
