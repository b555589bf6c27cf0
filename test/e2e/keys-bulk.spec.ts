import { BulkScene } from '../support/bulk-scene';
import { someKeys } from '../support/keys';

describe('bulk actions on keys', () => {
  let scene: BulkScene;

  beforeAll(async () => {
    scene = await BulkScene.start();
  });

  afterAll(async () => {
    await scene.stop();
  });

  beforeEach(async () => {
    await scene.enterChannel();
  });

  describe('choose keys by a filter', () => {
    beforeEach(() => scene.varyStates());

    it.each([
      [{ all: true }, [0, 1, 2, 3, 4, 5]],
      [{ status: 1 }, [0, 1, 5]],
      [{ status: 3 }, [2, 3]],
      [{ state: 'cooling' }, [1, 5]],
      [{ code: 'some_code' }, [1, 2, 3, 5]],
      [{ code: 'some' }, []],
      [{ http_status: 429 }, [1, 2, 3, 5]],
      [{ batch_id: 'batch_1' }, []],
      [{ q: 'A NOTE' }, [3]],
      [{ q: '%' }, []],
      [{ q: 'sk-test...abcd' }, [0, 1, 2, 3, 4, 5]],
      [{ key_indices: [0, 3, 3, 99] }, [0, 3]],
      [{ state: 'cooling', key_indices: [1, 2] }, [1]],
    ])('%j', async (filter, indices) => {
      const { data } = await scene.bulk('delete', filter, { dry_run: true });
      expect(data.sample.map(({ index }) => index)).toEqual(indices);
      expect(data).toMatchObject({ matched: indices.length, affected: indices.length });
    });

    it('of moments', async () => {
      const now = Math.floor(Date.now() / 1000);
      await scene.set(`last_used = now() - interval '3 days'`, 0);
      await scene.set('last_used = now()', 1, 2, 3, 4);
      const indices = async (filter: object): Promise<number[]> => {
        const { data } = await scene.bulk('delete', filter, { dry_run: true });
        return data.sample.map(({ index }) => index);
      };
      expect(await indices({ reason_since: now - 5 * 3600, reason_before: now - 3600 })).toEqual([1, 2, 3]);
      expect(await indices({ reason_before: now - 5 * 3600 })).toEqual([4]);
      expect(await indices({ used_before: now - 3600 })).toEqual([0, 5]);
    });

    it('of the import that brought them', async () => {
      const { data } = await scene.importKeys(someKeys(2, 20), 1);
      expect((await scene.bulk('disable', { batch_id: data.batch_id })).data).toMatchObject({
        matched: 2,
        affected: 2,
      });
      expect((await scene.states()).slice(-2)).toEqual(['manual', 'manual']);
    });
  });

  it.each([
    ['filter', {}],
    ['filter.all', { all: true, status: 3 }],
    ['filter.all', { all: false }],
    ['filter.status', { status: 4 }],
    ['filter.status', { status: null }],
    ['filter.state', { state: 'tired' }],
    ['filter.code', { code: '' }],
    ['filter.http_status', { http_status: 99 }],
    ['filter.q', { q: ' ' }],
    ['filter.reason_since', { reason_since: -1 }],
    ['filter.used_before', { used_before: 1e30 }],
    ['filter.key_indices', { key_indices: [] }],
    ['filter.key_indices', { key_indices: [0.5] }],
    ['filter.statuses', { statuses: [3] }],
    ['filter', []],
    ['filter', 'all'],
    ['filter', null],
  ])('are refused for %s of the filter %j, and change nothing', async (field, filter) => {
    const answer = await scene.bulk('disable', filter);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.map((fault) => fault.field)).toContain(field);
    expect(new Set(await scene.states())).toEqual(new Set(['active']));
  });

  it('say how to mean every key when the filter is empty', async () => {
    expect((await scene.bulk('delete', {})).message).toContain('{"all": true}');
  });

  it('are refused for an unknown action, an unknown field, and a channel that is not there', async () => {
    expect(await scene.bulk('destroy', { all: true })).toMatchObject({ status: 400, errors: [{ field: 'action' }] });
    expect(await scene.bulk('disable', { all: true }, { dryRun: true })).toMatchObject({
      errors: [{ field: 'dryRun' }],
    });
    for (const dry_run of [true, false]) {
      const answer = await scene.bulk('disable', { all: true }, { channel_id: 987654, dry_run });
      expect(answer).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
    }
  });

  it('change nothing in a dry run', async () => {
    await scene.varyStates();
    const before = await scene.rows();
    for (const [action, affected] of Object.entries({ enable: 5, disable: 5, delete: 6, test: 6 })) {
      const answer = await scene.bulk(action, { all: true }, { dry_run: true });
      expect(answer.message).toBe(`Would ${action} ${affected} keys`);
      expect(answer.data).toMatchObject({ action, dry_run: true, matched: 6, affected, unchanged: 6 - affected });
      expect(answer.data).toMatchObject({ operation_id: null, undo_until: null, job_id: null });
    }
    expect(await scene.rows()).toEqual(before);
    expect(await scene.sql('SELECT 1 FROM key_operations WHERE channel_id = $1')).toEqual([]);
  });

  it('count what changed and what did not, and show the first ten keys as they were', async () => {
    await scene.importKeys(someKeys(6, 10), 1);
    await scene.toggle(0, false);
    await scene.set(`state = 'dead', status = 3, status_code = 'invalid_api_key', status_http = 401`, 1);
    const answer = await scene.bulk('disable', { all: true });
    expect(answer).toMatchObject({ status: 200, message: 'Successfully disabled 11 keys' });
    expect(answer.data).toMatchObject({ action: 'disable', dry_run: false, matched: 12, affected: 11, unchanged: 1 });
    expect(answer.data.sample.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const keys = await scene.app.admin.listKeys(scene.channelId);
    expect(answer.data.sample[1]).toEqual({
      index: 1,
      key_id: keys[1]?.key_id,
      key: 'sk-test...abcd',
      status: 3,
      state: 'dead',
      code: 'invalid_api_key',
      http_status: 401,
    });
    expect(Math.abs(answer.data.undo_until - Date.now() / 1000 - 600)).toBeLessThan(120);
  });

  it('give no operation when nothing changes', async () => {
    const answer = await scene.bulk('enable', { all: true });
    expect(answer).toMatchObject({ status: 200, message: 'Successfully enabled 0 keys' });
    expect(answer.data).toMatchObject({ matched: 6, affected: 0, unchanged: 6, operation_id: null, undo_until: null });
  });

  it('bring a wave of wrong bans back, and leave what was out before', async () => {
    const dead = `state = 'dead', status = 3, status_code = 'invalid_api_key', next_probe_at = now()`;
    await scene.set(`${dead}, status_since = now() - interval '1 day'`, 0);
    await scene.set(`${dead}, status_since = now(), failed_probes = 2`, 2, 3, 4);
    const answer = await scene.bulk('enable', { status: 3, reason_since: Math.floor(Date.now() / 1000) - 600 });
    expect(answer).toMatchObject({ message: 'Successfully enabled 3 keys', data: { matched: 3, affected: 3 } });
    expect(await scene.states()).toEqual(['dead', 'active', 'active', 'active', 'active', 'active']);
    const events = await scene.sql('SELECT from_state, to_state, actor FROM key_events WHERE channel_id = $1');
    expect(events).toEqual(Array(3).fill({ from_state: 'dead', to_state: 'active', actor: 'admin' }));
  });

  it('test keys in a job', async () => {
    const { data } = await scene.bulk('test', { key_indices: [1, 2] });
    expect(data).toMatchObject({ matched: 2, affected: 2, operation_id: null });
    expect(data.job_id).not.toBeNull();
    expect((await scene.bulk('test', { key_indices: [99] })).data).toMatchObject({
      matched: 0,
      affected: 0,
      job_id: null,
    });
  });
});
