/** The folder's README: its sections, with what is known filled in. */
import type { Plan } from "./plan.ts";
import { operationsOf } from "./names.ts";
import { configFields } from "./write-protocol.ts";

export function readmeFile(plan: Plan): string {
  const { name, title, capabilities, endpoints, auth, codes, codeAt, leftOut, from, first } = plan;
  const ours = capabilities.flatMap(operationsOf).map((operation) => `| \`${operation}\` | to be mapped |`);
  const theirs = endpoints.map(
    ({ operation, method, path, effect, summary }) =>
      `| \`${operation}\` | ${method} \`${path}\` | ${effect} | ${summary} |`,
  );
  const fields = configFields(plan).map((field) => `| \`${field.name}\` | ${field.describe} |`);
  const omitted =
    leftOut.length === 0
      ? ""
      : `\nLeft out of the document, because the road cannot encode them:\n\n${leftOut.map((each) => `- ${each}`).join("\n")}\n`;
  const where =
    codeAt.length === 0
      ? "No error code was recognised in the document; the HTTP status decides."
      : `An error's code stands at \`${codeAt.join(".")}\`.`;
  return `# ${title}

Capabilities: ${capabilities.map((each) => `\`${each}\``).join(", ")}. Nothing is mapped yet.

| ours | ${title}'s |
|---|---|
${ours.join("\n")}

## The vendor's operations

${from === undefined ? "From a start that stands for no vendor: replace `vendor.openapi.yaml` with what its documents say." : "From the vendor's published document, trimmed."} \`x-effect\` is \`read\` for GET and \`once\` for
all else, the strictest guess: read what a repeat really does there.

| operation | on the wire | effect | what it does |
|---|---|---|---|
${theirs.join("\n")}
${omitted}
## Credentials

${auth.kind === "other" ? `${auth.said} \`protocol.ts\` refuses to send anything until its signing is written.` : `Authentication: ${auth.kind}.`}

| configuration | |
|---|---|
${fields.join("\n")}

## Facts

- Sandbox and production hosts, rate limits, sizes, quirks: to be written from the vendor's documents.
- ${where} ${codes.length} code(s) stand in \`errors.ts\`, by the status that each was found with: read each, and say what it means.
- Whether answers and callbacks are signed, and how: \`protocol.ts\` says \`unsigned\` now.
- Billing: what is charged, and when.

## The mock

Plays the document's examples, checks ${auth.kind === "other" ? "no signature yet" : "the credential"}, keeps no state. Magic values: none yet.

\`\`\`
npx vitest run adapters/${name}          # ${first.operation} through the whole road
npm run adapter:dev -- ${name}           # fire operations and look at every byte
npm run adapter:check -- ${name}         # the laws
\`\`\`

## Recorded exchanges

<!-- recorded: written by \`npm run matrix\` from fixtures/ -->

None yet: \`npm run adapter:dev -- ${name} --fire <operation> --record\` keeps one.

<!-- /recorded -->

## Faithful, ours, not verified

- Faithful: paths, fields and codes are the document's.
- Ours: the mock's state and order of events.
- Not verified: everything, until the vendor's own SDK or its sandbox has answered.
`;
}
