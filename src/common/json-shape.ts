const DEEPEST = 64;
const POLLUTING = ['__proto__', 'constructor', 'prototype'];

/** What makes a parsed JSON body unfit for further work, whatever it means; null when it is fit. */
export function problemWithShape(body: unknown): string | null {
  if (isDeeperThan(body, DEEPEST)) return `The body is nested more than ${DEEPEST} levels deep`;
  const polluting = POLLUTING.find((name) => typeof body === 'object' && body !== null && Object.hasOwn(body, name));
  return polluting === undefined ? null : `property ${polluting} should not exist`;
}

function isDeeperThan(body: unknown, most: number): boolean {
  // Level by level and without recursion, which a deep body would use up.
  let level: unknown[] = [body];
  for (let depth = 0; depth <= most; depth++) {
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
