/** A parameter of a path without its percent signs; as it is where they are not well-formed. */
export function decodedParameter(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
