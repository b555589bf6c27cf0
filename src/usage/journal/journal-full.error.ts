/** The journal may not grow any more. */
export class JournalFullError extends Error {
  readonly code = 'JOURNAL_LIMIT';
}
