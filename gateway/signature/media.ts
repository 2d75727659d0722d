/** Rule 8: bytes are signed as they are meant; nothing between signer and reader may decode them differently. */
import { type Fields, fieldValue } from "./fields.ts";
import { refuse } from "./refusal.ts";

/** Refuses any `Content-Encoding`, and a `charset` other than UTF-8. */
export function checkMedia(fields: Fields): void {
  if (fields.has("content-encoding")) {
    refuse("content_encoding_unsupported", "Send the body without Content-Encoding.");
  }
  const type = fieldValue(fields, "content-type") ?? "";
  for (const parameter of type.split(";").slice(1)) {
    const [name, value = ""] = parameter.split("=", 2);
    if (name?.trim().toLowerCase() !== "charset") continue;
    if (!/^"?utf-8"?$/i.test(value.trim())) refuse("content_type_unsupported", "The only charset is utf-8.");
  }
}
