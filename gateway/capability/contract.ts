import type { OperationTypes } from "#specs";

/** An operation of the public contract, e.g. `creditReports.create`. */
export type OperationId = keyof OperationTypes & string;

/** The plural noun before the dot: what an adapter implements as a whole. */
export type CapabilityName = OperationId extends infer Id ? (Id extends `${infer C}.${string}` ? C : never) : never;

/** The verb after the dot, for one capability. */
export type VerbOf<C extends CapabilityName> = OperationId extends infer Id
  ? Id extends `${C}.${infer V}`
    ? V
    : never
  : never;

type OperationOf<Id> = Id extends OperationId ? OperationTypes[Id] : never;
type ParametersIn<O, Where extends string> = O extends { parameters: Record<Where, infer P> }
  ? Exclude<P, undefined>
  : Record<never, never>;
type JsonContent<T> = T extends { content: { "application/json": infer B } } ? B : undefined;
type BodyOf<O> = O extends { requestBody?: infer R }
  ? [Exclude<R, undefined>] extends [never]
    ? undefined
    : JsonContent<Exclude<R, undefined>>
  : undefined;
type SuccessOf<O> = O extends { responses: infer R } ? JsonContent<R[keyof R & (200 | 201 | 202)]> : never;

/** What the partner sent, after the signature and the schema were checked. */
export interface Input<Id extends OperationId> {
  path: ParametersIn<OperationOf<Id>, "path">;
  query: ParametersIn<OperationOf<Id>, "query">;
  body: BodyOf<OperationOf<Id>>;
}

/** The JSON body of the operation's 200, 201 or 202 answer. */
export type Output<Id extends OperationId> = Exclude<SuccessOf<OperationOf<Id>>, undefined>;
