import type { Dialect } from '../../channels/dialect';

/** A model that a token may use. */
export interface ListedModel {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
}

/** How the clients of an API read models. */
interface ModelShape {
  readonly one: (model: ListedModel) => object;
  readonly list: (models: readonly ListedModel[]) => object;
}

const GEMINI_METHODS = [
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
];

const openai: ModelShape = {
  one: ({ id, created }) => ({ id, object: 'model', created, owned_by: 'keymux' }),
  list: (models) => ({ object: 'list', data: models.map(openai.one) }),
};

const anthropic: ModelShape = {
  one: ({ id, created }) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(created * 1_000).toISOString(),
  }),
  list: (models) => ({
    data: models.map(anthropic.one),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
};

const gemini: ModelShape = {
  one: ({ id }) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods: GEMINI_METHODS }),
  list: (models) => ({ models: models.map(gemini.one) }),
};

export const MODEL_SHAPES: Readonly<Record<Dialect, ModelShape>> = { openai, anthropic, gemini };
