import { compileSchema, schemaCompiler } from "#outbound";
import { isBundleAsGenerated, operations, readBundle } from "#specs";
import type { OperationId } from "#capability";

interface Document {
  paths: Record<string, Record<string, { responses?: Record<string, { $ref?: string; content?: Content }> }>>;
  components: Record<string, Record<string, unknown>>;
}
type Content = Record<string, { schema?: object }>;

/** Checks an answer's body against the contract; returns what is wrong (place and rule, no value), or undefined. */
export type AnswerCheck = (operationId: OperationId, status: number, body: unknown) => string | undefined;

/** The checks of every success answer, once a process. Throws if the contract cannot be used, so that it stops the start. */
export function answerChecks(): AnswerCheck {
  checks ??= readAnswers();
  return checks;
}

let checks: AnswerCheck | undefined;

function readAnswers(): AnswerCheck {
  const document = readBundle() as unknown as Document;
  const compiler = schemaCompiler(document, isBundleAsGenerated());
  const byStatus = new Map<string, (body: unknown) => string | undefined>();
  for (const [operationId, { path, method, successStatuses }] of Object.entries(operations)) {
    for (const status of successStatuses) {
      const schema =
        document.paths[path]?.[method.toLowerCase()]?.responses?.[status]?.content?.["application/json"]?.schema;
      if (schema === undefined) throw new Error(`the contract has no JSON schema for ${operationId} ${status}`);
      byStatus.set(`${operationId} ${status}`, compileSchema(compiler, schema));
    }
  }
  return (operationId, status, body) => {
    const check = byStatus.get(`${operationId} ${status}`);
    return check === undefined ? `${status} is not an answer of ${operationId}` : check(body);
  };
}
