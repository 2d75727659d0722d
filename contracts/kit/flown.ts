/** The secrets that occur in a text: as they are, percent-encoded, or in base64. A short one only where it stands alone. */
export function flownInto(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => {
    if (!text.includes(secret)) {
      const encoded = encodeURIComponent(secret);
      return (encoded !== secret && text.includes(encoded)) || text.includes(Buffer.from(secret).toString("base64"));
    }
    const alone = new RegExp(`(?<![0-9A-Za-z.])${RegExp.escape(secret)}(?![0-9A-Za-z])`);
    return secret.length > 8 || alone.test(text);
  });
}
