import { basename } from 'node:path';
import type { AuthenticationFiles } from './authentication-files';
import type { DataLayout } from './data-layout';
import { SOCKET_PORT } from './data-layout';

/** The server's settings as arguments of its command line, where nothing in the cluster can override them. */
export function serverArguments(layout: DataLayout, authentication: AuthenticationFiles): string[] {
  const settings = {
    listen_addresses: '',
    port: SOCKET_PORT,
    // Relative to the cluster, where the server works: never too long, and free of characters a list would split at.
    unix_socket_directories: `../${basename(layout.socketFolder)}`,
    unix_socket_permissions: '0700',
    hba_file: authentication.rules,
    ident_file: authentication.names,
    max_connections: 100,
    shared_buffers: '64MB',
    fsync: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements and values never reach the log. "log" is above "error" in the server's order, and an error's
    // first line may quote a value; the client gets the error anyway.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_min_duration_statement: -1,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_checkpoints: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  return ['-D', layout.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
