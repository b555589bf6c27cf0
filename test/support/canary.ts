import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const CANARY_PROMPT = 'canary-prompt-4b1f67c09d2e what would the miners have said';
export const CANARY_ANSWER = 'canary-answer-8e30d5a1b7f4 it sang, and they went home in time';
const KEY_TAIL = 'canary0f1e2d3c4b5a69788796a5b4c3d2e1f0';

/** Keys for a channel's pool, each unlike any other and all with one tail. */
export function canaryKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `sk-${String(i).padStart(4, '0')}${KEY_TAIL}`);
}

/** What nobody may keep; of texts the beginning is enough. */
const CANARIES = [CANARY_PROMPT.slice(0, 26), CANARY_ANSWER.slice(0, 26), KEY_TAIL].flatMap(formsOf);

/** Fails if a canary is in a text, as it stands or in a form in which it could be written by accident. */
export function expectNoCanary(text: string | Buffer, where: string): void {
  const found = CANARIES.filter((canary) => text.includes(canary));
  expect({ where, found }).toEqual({ where, found: [] });
}

/** The same for all files below a folder; answers how many there are. */
export async function expectNoCanaryBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const path of paths) expectNoCanary(await readFile(path), path);
  return paths.length;
}

function formsOf(canary: string): string[] {
  const bytes = Buffer.from(canary);
  return [canary, bytes.toString('hex'), encodeURIComponent(canary), ...base64Forms(bytes)];
}

/** What remains the same of it in base64, whatever stands before and after. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const whole = bytes.subarray(offset, offset + 3 * Math.floor((bytes.length - offset) / 3));
    return whole.toString('base64');
  });
}
