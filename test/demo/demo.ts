import { FakeUpstream } from '../support/fake-upstream';
import { BuiltProgram } from './built-program';
import { QuickStartWalk } from './quick-start-walk';

// Told apart by what a mask shows: the first 7 characters and the last 4.
const KEYS = Array.from({ length: 7 }, (_, i) => `sk-${`${i}`.repeat(4)}-made-up-for-the-demo-${`${i}`.repeat(4)}`);

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  print('Keymux demo: the quick start against a fake upstream, which knows every key until one dies.');
  print();
  const startedAtMs = performance.now();
  const upstream = await FakeUpstream.start();
  let program: BuiltProgram | null = null;
  const stop = async (): Promise<void> => {
    await program?.stop();
    await upstream.stop();
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  try {
    program = await BuiltProgram.start({ environment: { EXPOSE_ROUTE_HEADERS: 'true', SHUTDOWN_TIMEOUT: '2s' } });
    const walk = new QuickStartWalk({ program, upstream, keys: KEYS, print });
    walk.tell('Start', `Keymux on its embedded database, ready after ${secondsSince(startedAtMs)} s`);
    await walk.run();
  } finally {
    await stop();
  }
  print();
  print(`All as expected, in ${secondsSince(startedAtMs)} s. Everything is stopped and removed.`);
}

function secondsSince(startedAtMs: number): string {
  return ((performance.now() - startedAtMs) / 1000).toFixed(1);
}

main().catch((error: unknown) => {
  print(`\nNot as expected: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
