/** A folder that cannot be made; the message says why and what to do. Nothing was left behind. */
export class ScaffoldError extends Error {
  override readonly name = "ScaffoldError";
}
