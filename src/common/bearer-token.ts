/** The credential of an `Authorization` header, with or without `Bearer ` in any case; empty where there is none. */
export function bearerToken(authorization: string | undefined): string {
  return (authorization ?? '').replace(/^bearer +/i, '').trim();
}
