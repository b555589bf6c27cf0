import type { ScannedBody } from './body-scan';

/** A copy of the body with another model in place; every other byte stays, and a body without a model comes back as it is. */
export function replaceModel(body: Buffer, scanned: ScannedBody, model: string): Buffer {
  if (scanned.model === null) return body;
  const before = body.subarray(0, scanned.modelStart);
  const after = body.subarray(scanned.modelEnd);
  return Buffer.concat([before, Buffer.from(JSON.stringify(model)), after]);
}
