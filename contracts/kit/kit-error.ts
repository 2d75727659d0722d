/** The kit cannot go on: a call that had to succeed did not, or the mock lacks what only it can tell. */
export class KitError extends Error {
  override readonly name = "KitError";
}
