/** The SQLSTATE or socket code of a database driver's error; empty for any other. */
export function databaseCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = ('driverError' in error ? error.driverError : error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
