import { type Rest, widest } from './rest';

describe(widest, () => {
  it.each<{ one: Rest; other: Rest; both: Rest }>([
    { one: { model: 'a', untilMs: 1 }, other: { model: 'a', untilMs: 2 }, both: { model: 'a', untilMs: 2 } },
    { one: { model: 'a', untilMs: 1 }, other: { model: 'b', untilMs: 2 }, both: { model: null, untilMs: 2 } },
    { one: { model: 'a', untilMs: 1 }, other: { model: null, untilMs: 2 }, both: { model: null, untilMs: 2 } },
    { one: { model: null, untilMs: 1 }, other: { model: null, untilMs: 2 }, both: { model: null, untilMs: 2 } },
  ])('covers $one and $other with $both, in either order', ({ one, other, both }) => {
    expect([widest(one, other), widest(other, one)]).toEqual([both, both]);
  });
});
