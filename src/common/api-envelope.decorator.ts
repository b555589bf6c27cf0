import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';

interface EnvelopeDescription {
  /** Class of `data`; without it `data` is null. */
  readonly data?: Type;
  readonly message?: string;
  /** A literal example of `data`. */
  readonly example?: object;
}

/** Documents a 200 answer in the admin envelope. */
export function ApiEnvelope({ data, message = '', example }: EnvelopeDescription): MethodDecorator {
  const schema = {
    type: 'object',
    required: ['success', 'message', 'data'],
    properties: {
      success: { type: 'boolean', enum: [true] },
      message: { type: 'string', example: message },
      data: data ? { $ref: getSchemaPath(data) } : { nullable: true, type: 'object' },
    },
    ...(example && { example: { success: true, message, data: example } }),
  };
  const response = ApiResponse({ status: 200, description: message || 'Done', schema });
  return data ? applyDecorators(ApiExtraModels(data), response) : response;
}

/** Documents a request body with named examples, each of which can be sent as it is. */
export function ApiExamples(body: Type, examples: Readonly<Record<string, object>>): MethodDecorator {
  const named = Object.entries(examples).map(([summary, value]) => [summary, { summary, value }] as const);
  return ApiBody({ type: body, examples: Object.fromEntries(named) });
}

/** A refusal as documented: status, public code and what its message says. */
export type Refusal = readonly [status: number, code: string, message: string];

/** Documents refusals in the error envelope; several of one status become its examples. */
export function ApiRefusals(...refusals: readonly Refusal[]): MethodDecorator {
  const statuses = [...new Set(refusals.map(([status]) => status))];
  return applyDecorators(
    ...statuses.map((status) => {
      const those = refusals.filter(([of]) => of === status);
      const examples = Object.fromEntries(those.map(([, code, message]) => [code, refusalExample(code, message)]));
      return ApiResponse({
        status,
        description: those.map(([, code]) => code).join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' }, examples } },
      });
    }),
  );
}

function refusalExample(code: string, message: string): { summary: string; value: object } {
  const request_id = '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11';
  return { summary: message, value: { success: false, message, code, data: null, request_id } };
}
