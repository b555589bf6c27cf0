import type { EmbeddedConnection } from './embedded/embedded-postgres';

/** Where PostgreSQL is: a URL, or the unix socket of the embedded one. */
export type DatabaseConnection = { readonly url: string } | EmbeddedConnection;
