import { STATUS } from '../channels/status';
import { AUTOMATIC_SOURCES, canChangeAutomatically, KEY_STATES, type KeyState, STATUS_OF_STATE } from './key-state';

describe(canChangeAutomatically, () => {
  it('lets nobody but an admin move a key that was switched off by hand, or switch one off', () => {
    expect(KEY_STATES.filter((to) => canChangeAutomatically('manual', to))).toEqual([]);
    expect(KEY_STATES.filter((from) => canChangeAutomatically(from, 'manual'))).toEqual([]);
  });

  it('lets nobody but an admin bring back a key that cannot be decrypted', () => {
    expect(KEY_STATES.filter((to) => canChangeAutomatically('unreadable', to))).toEqual([]);
  });

  it('lets a key that is out be suspected no more: it would serve for the API', () => {
    expect(KEY_STATES.filter((from) => canChangeAutomatically(from, 'suspect'))).toEqual([
      'active',
      'cooling',
      'suspect',
    ]);
  });

  it.each<{ to: KeyState; from: KeyState[] }>([
    { to: 'active', from: ['cooling', 'suspect', 'exhausted', 'dead'] },
    { to: 'cooling', from: ['active', 'cooling', 'suspect', 'exhausted', 'dead'] },
    { to: 'exhausted', from: ['active', 'cooling', 'suspect', 'exhausted', 'dead'] },
    { to: 'dead', from: ['active', 'cooling', 'suspect', 'exhausted', 'dead'] },
    { to: 'unreadable', from: ['active', 'cooling', 'suspect', 'exhausted', 'dead'] },
  ])('leads to $to from $from only', ({ to, from }) => {
    expect(KEY_STATES.filter((each) => canChangeAutomatically(each, to))).toEqual(from);
    expect(AUTOMATIC_SOURCES[to]).toHaveLength(from.length);
  });
});

describe('STATUS_OF_STATE', () => {
  it('shows as enabled what serves or may soon, as 2 what an admin switched off, as 3 the rest', () => {
    const statesOf = (status: number): KeyState[] => KEY_STATES.filter((state) => STATUS_OF_STATE[state] === status);
    expect(statesOf(STATUS.enabled)).toEqual(['active', 'cooling', 'suspect']);
    expect(statesOf(STATUS.disabledByHand)).toEqual(['manual']);
    expect(statesOf(STATUS.disabledAutomatically)).toEqual(['exhausted', 'dead', 'unreadable']);
  });
});
