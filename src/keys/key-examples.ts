/** Bodies and answers that the API documentation shows; the bodies work as they are once channel 1 has these keys. */

const FIVE_KEYS = [
  'sk-1234567890abcdef1234567890abcdef',
  'sk-abcdef1234567890abcdef1234567890',
  'sk-9876543210fedcba9876543210fedcba',
  'sk-fedcba0987654321fedcba0987654321',
  'sk-1111222233334444555566667777888',
];

export const IMPORT_BODIES = {
  'Overwrite: these five and no others': { channel_id: 1, keys: FIVE_KEYS, mode: 0 },
  'Append two': {
    channel_id: 1,
    keys: ['sk-newkey1111222233334444555566667', 'sk-newkey2222333344445555666677778'],
    mode: 1,
  },
};

export const TOGGLE_BODIES = {
  'Disable by index': { channel_id: 1, key_index: 2, enabled: false },
  'Enable by index': { channel_id: 1, key_index: 2, enabled: true },
  'Enable by key_id': { channel_id: 1, key_id: 1, enabled: true },
};

export const BATCH_TOGGLE_BODIES = {
  'Disable three': { channel_id: 1, key_indices: [2, 3, 4], enabled: false },
  'Enable three': { channel_id: 1, key_indices: [2, 3, 4], enabled: true },
};

export const TOGGLE_BY_BATCH_BODIES = {
  'Enable a batch (its id is in the answer of the import)': {
    channel_id: 1,
    batch_id: 'batch_1703515200',
    enabled: true,
  },
};

export const DELETE_BODIES = { 'Delete one': { channel_id: 1, key_indices: [4] } };

export const DELETE_DISABLED_BODIES = {
  'Those disabled automatically': { channel_id: 1 },
  'Those disabled by hand': { channel_id: 1, status: 2 },
};

export const EDIT_BODIES = { 'Note and balance': { channel_id: 1, key_index: 0, note: 'team A', balance: 100.5 } };

export const IMPORT_ANSWER = {
  imported_count: 5,
  mode: 0,
  batch_id: 'batch_1703515200',
  duplicate_count: 0,
  invalid_count: 0,
  kept_count: 0,
  removed_count: 0,
  total_keys: 5,
  problems: [],
};

export const DETAILS_ANSWER = {
  channel_id: 1,
  channel_name: 'GPT-4聚合渠道',
  is_multi_key: true,
  selection_mode: 0,
  total_keys: 5,
  keys: [
    {
      index: 0,
      key_id: 1,
      key: 'sk-1234...cdef',
      status: 1,
      status_text: '已启用',
      state: 'active',
      balance: 0,
      usage: 0,
      last_used: 0,
      import_batch: 'batch_1703515200',
      note: '',
      cooling_until: null,
      disabled_reason: null,
      disabled_code: null,
      disabled_at: null,
      disabled_model: null,
      http_status: null,
      next_probe_at: null,
    },
  ],
};

export const STATS_ANSWER = {
  total_keys: 5,
  enabled_keys: 4,
  disabled_keys: 1,
  is_multi_key: true,
  selection_mode: 0,
  manually_disabled_keys: 1,
  auto_disabled_keys: 0,
  cooling_keys: 0,
};
