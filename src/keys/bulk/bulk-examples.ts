/** Bodies and answers that the API documentation shows. */

export const BULK_BODIES = {
  'See which keys are dead, and delete nothing': {
    channel_id: 1,
    filter: { state: 'dead' },
    action: 'delete',
    dry_run: true,
  },
  'Enable what was disabled automatically since a moment (a wave of wrong bans)': {
    channel_id: 1,
    filter: { status: 3, reason_since: 1703515200 },
    action: 'enable',
  },
  'Disable the keys of a team': { channel_id: 1, filter: { q: 'team A' }, action: 'disable' },
  'Test every key': { channel_id: 1, filter: { all: true }, action: 'test' },
};

export const UNDO_BODIES = {
  'Undo (the id is in the answer of the bulk action)': { operation_id: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11' },
};

export const BULK_ANSWER = {
  action: 'disable',
  dry_run: false,
  matched: 12,
  affected: 12,
  unchanged: 0,
  sample: [
    {
      index: 2,
      key_id: 3,
      key: 'sk-9876...dcba',
      status: 3,
      state: 'dead',
      code: 'invalid_api_key',
      http_status: 401,
    },
  ],
  operation_id: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11',
  undo_until: 1703515800,
  job_id: null,
};
