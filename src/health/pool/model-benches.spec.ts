import { ModelBenches } from './model-benches';

describe(ModelBenches, () => {
  let benches: ModelBenches;

  beforeEach(() => {
    benches = new ModelBenches();
  });

  it('knows nobody and no deadline at first', () => {
    expect([benches.count('a'), benches.untilMs(1, 'a'), benches.soonestMs('a'), benches.nextAtMs()]).toEqual([
      0,
      null,
      null,
      Infinity,
    ]);
    expect([benches.modelsOf(1), benches.takeDue(Infinity)]).toEqual([[], null]);
  });

  it('tells who rests for which model, and until when', () => {
    benches.set(1, 'a', 30);
    benches.set(2, 'a', 20);
    benches.set(1, 'b', 10);
    expect([benches.count('a'), benches.count('b'), benches.modelsOf(1), benches.modelsOf(2)]).toEqual([
      2,
      1,
      ['a', 'b'],
      ['a'],
    ]);
    expect([benches.untilMs(1, 'a'), benches.soonestMs('a'), benches.nextAtMs()]).toEqual([30, 20, 10]);
  });

  it('moves a deadline in both directions and forgets it', () => {
    benches.set(1, 'a', 30);
    benches.set(1, 'a', 50);
    expect(benches.soonestMs('a')).toBe(50);
    benches.set(1, 'a', 5);
    expect(benches.soonestMs('a')).toBe(5);
    benches.delete(1, 'a');
    benches.delete(1, 'never-heard-of');
    expect([benches.count('a'), benches.nextAtMs()]).toEqual([0, Infinity]);
  });

  it('gives up those whose rest is over, one at a time', () => {
    benches.set(1, 'a', 10);
    benches.set(2, 'b', 20);
    benches.set(3, 'b', 21);
    expect([benches.takeDue(20), benches.takeDue(20), benches.takeDue(20)]).toEqual([
      { slot: 1, model: 'a' },
      { slot: 2, model: 'b' },
      null,
    ]);
    expect(benches.nextAtMs()).toBe(21);
  });

  it('has room for 64 models, and for another one once one is empty', () => {
    for (let n = 0; n < 64; n++) benches.set(n, `model-${n}`, n);
    expect([benches.hasRoomFor('model-63'), benches.hasRoomFor('one-more')]).toEqual([true, false]);
    benches.delete(7, 'model-7');
    expect(benches.hasRoomFor('one-more')).toBe(true);
    benches.set(64, 'one-more', 0);
    expect(benches.hasRoomFor('model-7')).toBe(false);
    benches.takeDue(0);
    expect(benches.hasRoomFor('model-7')).toBe(true);
  });
});
