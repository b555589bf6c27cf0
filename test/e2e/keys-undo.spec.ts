import { BulkScene } from '../support/bulk-scene';
import { aKey, someKeys } from '../support/keys';

describe('bulk actions are undone', () => {
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

  /** How many secrets of deleted keys are kept for an undo. */
  async function keptSecrets(): Promise<number> {
    const rows = await scene.sql(
      `SELECT 1 FROM key_operation_keys JOIN key_operations ON operation_id = id
       WHERE channel_id = $1 AND secret_ciphertext IS NOT NULL`,
    );
    return rows.length;
  }

  async function expireOperations(ago: string): Promise<void> {
    await scene.sql('UPDATE key_operations SET expires_at = now() - $2::interval WHERE channel_id = $1', ago);
  }

  it.each(['enable', 'disable', 'delete'])('after %s, every key being exactly what it was', async (action) => {
    await scene.varyStates();
    const before = await scene.rows();
    const { data } = await scene.bulk(action, { all: true });
    const after = await scene.rows();
    expect(after).not.toEqual(before);
    const answer = await scene.undo(data.operation_id);
    expect(answer).toMatchObject({ status: 200, message: `Successfully restored ${data.affected} keys` });
    expect(answer.data).toEqual({
      operation_id: data.operation_id,
      action,
      restored: data.affected,
      changed_since: 0,
    });
    expect(await scene.rows()).toEqual(before);
    expect(await keptSecrets()).toBe(0);
  });

  it('with an event for each key', async () => {
    await scene.set(`state = 'dead', status = 3`, 0);
    await scene.undo(await scene.operate('enable', { key_indices: [0] }));
    await scene.undo(await scene.operate('delete', { key_indices: [0] }));
    const { data } = await scene.app.admin.get<{ items: object[] }>(`/api/channel/${scene.channelId}/keys/0/events`);
    expect(data.items).toMatchObject([
      { from: 'dead', to: 'dead', code: 'undo', detail: 'A bulk delete was undone', actor: 'admin' },
      { from: 'active', to: 'dead', code: 'undo', detail: 'A bulk enable was undone', actor: 'admin' },
      { from: 'dead', to: 'active', code: null, actor: 'admin' },
    ]);
  });

  it('with the channel following', async () => {
    const channelStatus = async (): Promise<unknown> =>
      (await scene.app.admin.get(`/api/channel/${scene.channelId}`)).data['status'];
    const operation = await scene.operate('disable', { all: true });
    expect(await channelStatus()).toBe(3);
    await scene.undo(operation);
    expect(await channelStatus()).toBe(1);
  });

  it('but for keys that an admin touched since', async () => {
    const operation = await scene.operate('disable', { all: true });
    await scene.toggle(2, true);
    await scene.toggle(3, true);
    await scene.toggle(3, false);
    expect((await scene.undo(operation)).data).toMatchObject({ restored: 4, changed_since: 2 });
    expect(await scene.states()).toEqual(['active', 'active', 'active', 'manual', 'active', 'active']);
  });

  it('but for deleted keys that were imported again, which keep their new rows', async () => {
    const operation = await scene.operate('delete', { key_indices: [1, 2] });
    await scene.importKeys([aKey(1)], 1);
    expect((await scene.undo(operation)).data).toMatchObject({ restored: 1, changed_since: 1 });
    expect(await scene.indices()).toEqual([0, 2, 3, 4, 5, 6]);
  });

  it('not at all once an overwrite has settled which keys there are', async () => {
    const deleted = await scene.operate('delete', { key_indices: [4, 5] });
    const disabled = await scene.operate('disable', { all: true });
    await scene.importKeys(someKeys(3), 0);
    expect((await scene.undo(deleted)).data).toMatchObject({ restored: 0, changed_since: 2 });
    expect((await scene.undo(disabled)).data).toMatchObject({ restored: 0, changed_since: 4 });
    expect(await scene.indices()).toEqual([0, 1, 2]);
  });

  it('not at all once the channel sends its keys elsewhere', async () => {
    const operation = await scene.operate('delete', { all: true });
    const moved = await scene.app.admin.call('PUT', `/api/channel/${scene.channelId}`, {
      base_url: 'http://127.0.0.1:10',
    });
    expect(moved.status).toBe(200);
    expect((await scene.undo(operation)).data).toMatchObject({ restored: 0, changed_since: 6 });
    expect(await keptSecrets()).toBe(0);
  });

  it('by one of two who try at once', async () => {
    const operation = await scene.operate('disable', { all: true });
    const answers = await Promise.all([scene.undo(operation), scene.undo(operation)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ code: 'OPERATION_ALREADY_UNDONE' });
    expect(new Set(await scene.states())).toEqual(new Set(['active']));
  });

  it('not after ten minutes, and the secrets are wiped', async () => {
    const operation = await scene.operate('delete', { key_indices: [0, 1] });
    const kept = await scene.operate('delete', { key_indices: [2] });
    expect(await keptSecrets()).toBe(3);
    await expireOperations('1 second');
    await scene.sql(
      `UPDATE key_operations SET expires_at = now() + interval '1 hour' WHERE channel_id = $1 AND id = $2`,
      kept,
    );
    expect(await scene.undo(operation)).toMatchObject({ status: 410, code: 'OPERATION_EXPIRED', data: null });
    await scene.app.restart();
    expect(await keptSecrets()).toBe(1);
    expect(await scene.undo(operation)).toMatchObject({ status: 410, code: 'OPERATION_EXPIRED' });
    expect((await scene.undo(kept)).data).toMatchObject({ restored: 1, changed_since: 0 });
  });

  it('not when nobody knows the operation, or it is a day old', async () => {
    const unknown = { status: 404, code: 'OPERATION_NOT_FOUND' };
    expect(await scene.undo('7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11')).toMatchObject(unknown);
    expect(await scene.undo('x')).toMatchObject({ status: 400, errors: [{ field: 'operation_id' }] });
    const operation = await scene.operate('disable', { all: true });
    await expireOperations('25 hours');
    await scene.app.restart();
    expect(await scene.undo(operation)).toMatchObject(unknown);
  });

  it('for 20,000 keys at once', async () => {
    await scene.importKeys(someKeys(20_000), 0);
    const before = await scene.rows();
    for (const action of ['disable', 'delete']) {
      const { data } = await scene.bulk(action, { all: true });
      expect(data).toMatchObject({ matched: 20_000, affected: 20_000 });
      expect((await scene.undo(data.operation_id)).data).toMatchObject({ restored: 20_000, changed_since: 0 });
    }
    expect(await scene.rows()).toEqual(before);
  });
});
