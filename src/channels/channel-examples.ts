/** Bodies that the API documentation shows; they work as they are on a fresh install. */

export const CREATE_BODIES = {
  'A channel for many keys': {
    name: 'GPT-4聚合渠道',
    base_url: 'https://api.openai.com',
    is_multi_key: true,
    key_selection_mode: 0,
  },
  'With keys, models and a mapping': {
    name: 'mapped',
    base_url: 'https://api.openai.com/v1',
    keys: ['sk-1234567890abcdef1234567890abcdef', 'sk-abcdef1234567890abcdef1234567890'],
    models: ['gpt-4o'],
    model_mapping: { 'gpt-4': 'gpt-4o' },
    priority: 10,
    weight: 2,
  },
};

export const UPDATE_BODIES = {
  Rename: { name: 'another name' },
  Disable: { status: 2 },
  Enable: { status: 1 },
};

export const SETTINGS_BODIES = {
  'Several keys in turn': { channel_id: 1, is_multi_key: true, key_selection_mode: 0 },
  'Several keys at random': { channel_id: 1, is_multi_key: true, key_selection_mode: 1 },
};
