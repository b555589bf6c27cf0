import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const text = { type: 'string' };
const nullableText = { type: 'string', nullable: true };

function object(properties: Record<string, object>): { type: 'object'; required: string[]; properties: object } {
  return { type: 'object', required: Object.keys(properties), properties };
}

/** How the relay refuses, by the API that was asked. */
export const RELAY_ERRORS = {
  RelayError: object({ error: object({ message: text, type: text, param: nullableText, code: nullableText }) }),
  AnthropicError: object({
    type: { type: 'string', enum: ['error'] },
    error: object({ type: text, message: text }),
    request_id: text,
  }),
  GeminiError: object({
    error: object({
      code: { type: 'integer' },
      message: text,
      status: text,
      details: { type: 'array', items: { type: 'object', additionalProperties: true } },
    }),
  }),
} as Schemas;
