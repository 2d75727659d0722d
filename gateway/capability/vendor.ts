/** The `operations` interface that openapi-typescript made from a `vendor.openapi.yaml`. */
export type VendorOperations = object;

type ParametersIn<O, Where extends string> = O extends { parameters: infer P }
  ? Where extends keyof P
    ? Exclude<P[Where], undefined>
    : never
  : never;
type AnyContent<T> = T extends { content: infer C } ? C[keyof C] : undefined;
type RequestBodyOf<O> = O extends { requestBody?: infer R } ? AnyContent<Exclude<R, undefined>> : undefined;
type AnswerBodyOf<O> = O extends { responses: infer R } ? AnyContent<R[keyof R & (200 | 201 | 202 | 204)]> : never;

type Part<Key extends string, T> = [T] extends [never | undefined]
  ? { [K in Key]?: never }
  : Record<never, never> extends T
    ? { [K in Key]?: T }
    : { [K in Key]: T };

/** The typed parameters and body of one vendor operation. Bodies are encoded by the media type that the vendor's spec names. */
export type VendorInput<O> = Part<"path", ParametersIn<O, "path">> &
  Part<"query", ParametersIn<O, "query">> &
  Part<"header", ParametersIn<O, "header">> &
  Part<"body", RequestBodyOf<O>>;

/** A vendor's answer after its signature and its shape were checked and its error codes were ruled out. */
export interface VendorAnswer<O> {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: AnswerBodyOf<O>;
}

/** A secret with an end: an OAuth token, a session ticket, a platform certificate. */
export interface Credential {
  value: string;
  expiresAt: Date;
}

/**
 * The way to one vendor, for the length of one call of ours. Every call goes through the whole outbound road: deadline,
 * breaker, retry, signing, spec check. It throws `Fault`: transport faults are classified by the core, the vendor's error
 * codes by the adapter's table.
 */
export interface VendorClient<V extends VendorOperations = VendorOperations> {
  call<Op extends keyof V & string>(operation: Op, input: VendorInput<V[Op]>): Promise<VendorAnswer<V[Op]>>;
  /**
   * The core's credential cache: one per adapter and key, single-flight, renewed before it expires. `obtain` runs only
   * when there is no usable credential; what it throws is thrown to every waiter and is not cached.
   */
  credential(key: string, obtain: () => Promise<Credential>): Promise<string>;
  /**
   * Stores the vendor state of the addressed resource now, before the call goes on: for what can be had only once (a
   * redeemed authorisation code) and must survive the death of the process. Only in calls on a resource that exists.
   */
  keep(state: unknown): Promise<void>;
}
