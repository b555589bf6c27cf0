import { KEY_STATES } from '../../keys/key-state';
import { KeyTable } from './key-table';

describe(KeyTable, () => {
  let table: KeyTable;

  beforeEach(() => {
    table = new KeyTable();
  });

  it('has nobody anywhere at first, far slots included', () => {
    expect([table.size, table.stateAt(0), table.keyIdAt(0), table.revisionAt(1e6)]).toEqual([0, null, 0, 0]);
    expect(KEY_STATES.map((state) => table.count(state))).toEqual(KEY_STATES.map(() => 0));
  });

  it('grows to hold any slot and keeps who was there', () => {
    table.seat(3, 30, 2 ** 40);
    table.setState(3, 'suspect');
    table.seat(100_000, 2 ** 50, 7);
    table.setState(100_000, 'active');
    expect([table.keyIdAt(3), table.revisionAt(3), table.stateAt(3)]).toEqual([30, 2 ** 40, 'suspect']);
    expect([table.keyIdAt(100_000), table.revisionAt(100_000), table.stateAt(100_000)]).toEqual([2 ** 50, 7, 'active']);
    expect([table.size, table.stateAt(99_999), table.span]).toEqual([2, null, 100_001]);
  });

  it('counts the keys in each state through every change', () => {
    for (const [slot, state] of KEY_STATES.entries()) {
      table.seat(slot, slot + 1, 1);
      table.setState(slot, state);
    }
    expect(KEY_STATES.map((state) => table.count(state))).toEqual(KEY_STATES.map(() => 1));
    table.setState(0, 'dead');
    table.setState(0, 'dead');
    table.setState(1, null);
    table.setState(1, null);
    expect([table.count('active'), table.count('dead'), table.count('cooling'), table.size]).toEqual([0, 2, 0, 6]);
  });
});
