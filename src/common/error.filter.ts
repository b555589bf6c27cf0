import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppError, type FieldFault } from './app-error';
import { databaseCode } from './database-code';
import { describeError } from './describe-error';
import type { ErrorEnvelope } from './envelope';
import { newRequestId, REQUEST_ID_HEADER } from './request-id';

/** What an error becomes for the caller. */
interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: object | null;
  readonly faults?: readonly FieldFault[];
  readonly errorId?: string;
}

const HTTP_CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  413: 'REQUEST_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

// What the driver says when PostgreSQL is away: the socket's codes, and those of SQLSTATE for a server that is starting,
// stopping, full, read-only, too slow, or does not let us in.
const POOL_GAVE_UP = /Connection terminated|timeout exceeded when trying to connect/;
const DATABASE_AWAY =
  /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|08\w{3}|28\w{3}|53\w{3}|57P\w{2}|25006|3D000|55000|57014)$/;

// Class 22 of SQLSTATE: a value that PostgreSQL does not take. Validation should have refused it; it is no fault of ours.
const REFUSED_VALUE = /^22\w{3}$/;

/** Answers every error of the admin API in the envelope; what was not foreseen shows an id instead of itself. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const refused = this.refuse(error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const requestId = newRequestId();
    response.status(refused.status).setHeader(REQUEST_ID_HEADER, requestId).json(toEnvelope(refused, requestId));
  }

  private refuse(error: unknown, request: Request): Refused {
    if (error instanceof AppError) {
      const { status, code, message, detail, faults } = error;
      return { status, code, message, detail, faults };
    }
    const status = statusOf(error);
    if (status !== null && status < 500) {
      return { status, code: HTTP_CODES[status] ?? 'BAD_REQUEST', message: httpMessage(status, request, error) };
    }
    if (REFUSED_VALUE.test(databaseCode(error))) {
      return { status: 400, code: 'BAD_REQUEST', message: 'A value of the request cannot be stored' };
    }
    if (isDatabaseAway(error)) {
      return {
        status: 503,
        code: 'DATABASE_UNAVAILABLE',
        message: 'The database cannot be reached; try again shortly',
      };
    }
    return this.unforeseen(error, request);
  }

  private unforeseen(error: unknown, request: Request): Refused {
    const errorId = randomUUID();
    this.logger.error(`${errorId} ${request.method} ${request.path}: ${describeError(error)}`);
    const message = `Something went wrong here; the log names it by error_id ${errorId}`;
    return { status: 500, code: 'INTERNAL_ERROR', message, errorId };
  }
}

function toEnvelope({ code, message, detail, faults, errorId }: Refused, requestId: string): ErrorEnvelope {
  return {
    success: false,
    message,
    code,
    data: detail ?? null,
    request_id: requestId,
    ...(errorId !== undefined && { error_id: errorId }),
    ...(faults && faults.length > 0 && { errors: faults }),
  };
}

/** The HTTP status that a framework or body-parser error carries. */
function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : null;
}

function httpMessage(status: number, request: Request, error: unknown): string {
  switch (status) {
    case 404:
      return `There is no ${request.method} ${request.path}; /docs lists what there is`;
    case 413:
      return 'The request body is too large';
    case 415:
      return 'Send the body as plain JSON in UTF-8, not compressed';
    default:
      return isUnreadableJson(error) ? 'The request body is not valid JSON' : 'The request cannot be read';
  }
}

/** By the name that the body parser gives it. */
function isUnreadableJson(error: unknown): boolean {
  return (error as { type?: unknown }).type === 'entity.parse.failed';
}

function isDatabaseAway(error: unknown): boolean {
  return DATABASE_AWAY.test(databaseCode(error)) || (error instanceof Error && POOL_GAVE_UP.test(error.message));
}
